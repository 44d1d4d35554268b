"""/diary/notifications/: what a person is told of, when and by what. Staff see the same in the panel."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import policy
from app.auth import agents
from app.delivery import reasons, vapid
from app.delivery.worker import has_service
from app.demo import is_demo
from app.diary.frame import blueprint, page, reader
from app.extensions import db
from app.models import Delivery
from app.models.notification import Timing
from app.notifications import choices, devices, texts, told
from app.notifications.rules import Rules


@blueprint.get("/notifications/")
def notifications() -> ResponseReturnValue:
    """What the person has chosen, the browsers, the last messages."""
    reader()
    return page("notifications.html", action=url_for("diary.notifications"), **words())


@blueprint.post("/notifications/")
def choose_notifications() -> ResponseReturnValue:
    """Keep the choices."""
    reader()
    save()
    return redirect(url_for("diary.notifications"))


def words() -> dict[str, Any]:
    """What the page is made of, wherever it stands."""
    rules, session = Rules.of(current_app.config), db.session()
    messages = told.last_messages(session)
    silent = {channel for channel in choices.CHANNELS if not has_service(current_app, channel)}
    is_readable = messages and silent and _is_demo()  # what leaves for nowhere its receiver reads here
    opened = _opened([message for message in messages if is_readable and message.channel in silent])
    return {
        "settings": choices.settings(session, rules),
        "timings": list(Timing),
        "digest_hour": rules.digest_hour,
        "messages": messages,
        "is_readable": lambda message: is_readable and message.channel in silent,
        "opened": opened,
        "opened_text": texts.as_read(session, opened) if opened else "",
        "why": reasons.words,
        "device": agents.device,
        "push_key": vapid.public_key(current_app.config["SECRET_KEY"]),
    }


def save() -> None:
    """Keep the choices that were sent, say so, or do what another button of the page asks."""
    session = db.session()
    if number := request.form.get("forget"):
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            abort(404)
        if not devices.unsubscribe(session, number=int(number)):
            abort(404)
        flash(_("That browser gets no notifications any more."), "success")
    else:
        choices.save(session, request.form, Rules.of(current_app.config))
        flash(_("Your choice is saved."), "success")
    session.commit()


def _is_demo() -> bool:
    with policy.system() as session:
        return is_demo(session)


def _opened(messages: list[Delivery]) -> Delivery | None:
    """The message whose text is asked for."""
    asked = request.args.get("message", "")
    return next((message for message in messages if str(message.id) == asked), None)
