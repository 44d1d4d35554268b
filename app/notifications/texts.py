"""The words of a notification: mail, SMS or push, made when it is sent and kept nowhere.

``compose`` binds the session to the receiver first: whatever is asked from then on, they could read in the diary.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, policy
from app.credentials.texts import greeted, language, sms_parts
from app.delivery.transports import PUSH_PAYLOAD, Content, NothingToSay
from app.models import Account, Delivery, Notification, User
from app.models.access import DeliveryChannel
from app.models.notification import NoticeKind
from app.notifications import addresses, items
from app.notifications import stop as stopping
from app.notifications.items import Told
from app.notifications.rules import Rules

SMS_PARTS = 2
"""How many parts an SMS may take; with more to tell it only counts."""
BODY = 500  # characters that a phone shows of a push at most


def compose(session: Session, delivery: Delivery) -> Content:
    """The content of a delivery, for the worker; ``session`` is one of ``policy.system()``. Raises NothingToSay."""
    now = clock.now()
    actor = policy.load_actor(session, delivery.user_id, clock.day_of(now), now)
    number, batch, channel = delivery.id, delivery.batch, delivery.channel
    signs_in = select(Account.id).where(Account.user_id == delivery.user_id, Account.password_hash.is_not(None))
    if actor is None or session.scalars(signs_in).first() is None:  # the access was taken back meanwhile
        raise NothingToSay
    policy.act_as(session, actor)
    return content(session, number, batch, channel)


def content(session: Session, number: int, batch: str | None, channel: DeliveryChannel) -> Content:
    """The content of an own delivery of the session's person. Raises NothingToSay."""
    actor = policy.actor_of(session)
    account = session.scalars(select(Account).where(Account.user_id == actor.user_id)).one_or_none()
    together = select(Delivery.id).where(Delivery.batch == batch)
    own = select(Notification).where(Notification.delivery_id.in_(together)).order_by(Notification.id)
    with force_locale(language(account)):
        told = items.told(session, list(session.scalars(own)), Rules.of(current_app.config))
        if not told.items:
            raise NothingToSay
        if channel is DeliveryChannel.EMAIL:
            return mail(told, actor, greeted(session.get_one(User, actor.user_id)), language(account))
        return sms(told, number) if channel is DeliveryChannel.SMS else push(told, actor, batch or str(number))


def as_read(session: Session, delivery: Delivery) -> str:
    """The text of an own delivery, for its receiver in a demo; empty when there is nothing left to tell."""
    try:
        made = content(session, delivery.id, delivery.batch, delivery.channel)
    except NothingToSay:
        return ""
    if delivery.channel is DeliveryChannel.PUSH:
        shown = json.loads(made.text)
        return f"{shown['title']}\n{shown['body']}"
    return "\n\n".join(part for part in (made.subject, made.text) if part)


def summary(told: Told) -> str:
    """«2 marks, 1 message»."""
    counted = Counter(GROUPS.get(item.kind, item.kind) for item in told.items)
    return ", ".join(_number(kind, number) for kind, number in counted.items())


GROUPS = {NoticeKind.LOW_MARK: NoticeKind.MARK}


def _number(kind: NoticeKind, number: int) -> str:
    words = {
        NoticeKind.MARK: lambda n: ngettext("%(num)s mark", "%(num)s marks", n),
        NoticeKind.ABSENCE: lambda n: ngettext("%(num)s absence", "%(num)s absences", n),
        NoticeKind.HOMEWORK: lambda n: ngettext("%(num)s homework", "%(num)s homeworks", n),
        NoticeKind.FINAL_MARK: lambda n: ngettext("%(num)s final mark", "%(num)s final marks", n),
        NoticeKind.MESSAGE: lambda n: ngettext("%(num)s message", "%(num)s messages", n),
        NoticeKind.NEWS: lambda n: ngettext("%(num)s news item", "%(num)s news items", n),
        NoticeKind.REQUEST: lambda n: ngettext("%(num)s request", "%(num)s requests", n),
        NoticeKind.SUPPORT: lambda n: ngettext("%(num)s word about a problem", "%(num)s words about problems", n),
        NoticeKind.REMINDER: lambda n: ngettext("%(num)s reminder", "%(num)s reminders", n),
        NoticeKind.WEEKLY: lambda n: ngettext("overdue under %(num)s rule", "overdue under %(num)s rules", n),
    }
    return str(words[kind](number))


def title(told: Told) -> str:
    """The one thing that is told, or of whom and how many."""
    names = ", ".join(told.given_names.values())
    what = told.items[0].text if len(told.items) == 1 else summary(told)
    return f"{names}: {what}" if names else what


def mail(told: Told, actor: policy.Actor, name: str, locale: str) -> Content:
    """The mail, by children; with the address that ends such mails."""
    public = current_app.config["PUBLIC_URL"]
    kinds = {item.kind for item in told.items}
    everything = stop_address(stopping.Stop(actor.user_id, DeliveryChannel.EMAIL))
    only = next(iter(kinds)) if len(kinds) == 1 else None
    words: dict[str, Any] = {
        "locale": locale,
        "school": current_app.config["SCHOOL_NAME"],
        "name": name,
        "sections": [(heading, told.of(number)) for number, heading in _sections(told)],
        "public": public,
        "settings": public + addresses.settings(is_family=actor.reads_diary),
        "only": only,
        "stop": stop_address(stopping.Stop(actor.user_id, DeliveryChannel.EMAIL, only)) if only else everything,
    }
    return Content(
        subject=" ".join(title(told).split())[:200],
        text=_filled("mail.txt", words).strip() + "\n",
        html=_filled("mail.html", words),
        stop=everything,
    )


def _sections(told: Told) -> Sequence[tuple[int, str]]:
    return [*told.names.items(), *([(0, "")] if told.of(0) else [])]


def stop_address(what: stopping.Stop) -> str:
    """PUBLIC_URL/stop/TOKEN."""
    return f"{current_app.config['PUBLIC_URL']}/stop/{stopping.token(current_app.config['SECRET_KEY'], what)}"


def _filled(name: str, words: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template(f"notifications/{name}").render(words)


def sms(told: Told, number: int) -> Content:
    """As much as goes into SMS_PARTS, or else only how many things; the short address of the settings ends it.

    The address holds the number of the delivery, so that no two SMS are alike.
    """
    sign = f"{current_app.config['PUBLIC_URL']}/s/{number}"
    whole = "; ".join(_sms_lines(told))
    brief = _("Diary: %(what)s", what=summary(told))
    fits = sms_parts(f"{whole} {sign}")[1] <= SMS_PARTS
    return Content(f"{whole if fits else brief} {sign}", sign=sign)


def _sms_lines(told: Told) -> list[str]:
    return [
        f"{told.given_names[number]}: {', '.join(item.text for item in told.of(number))}"
        if number
        else ", ".join(item.text for item in told.of(0))
        for number, _heading in _sections(told)
    ]


def push(told: Told, actor: policy.Actor, batch: str) -> Content:
    """What the service worker shows: title, body, the address a tap opens, and a tag that a repeat shares."""
    only = told.items[0] if len(told.items) == 1 else None
    names = ", ".join(told.given_names.values())
    lines = [item.text for item in told.items]
    payload = {
        "title": names or current_app.config["SCHOOL_NAME"],
        "body": "\n".join(lines)[:BODY] if len(lines) <= 3 else summary(told),
        "url": only.path if only else addresses.start(is_family=actor.reads_diary),
        "tag": f"notice-{batch}",
    }
    text = json.dumps(payload, ensure_ascii=False)
    if len(text.encode()) > PUSH_PAYLOAD:
        payload["body"] = summary(told)
        text = json.dumps(payload, ensure_ascii=False)
    return Content(text)
