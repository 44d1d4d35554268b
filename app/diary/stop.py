"""/stop/TOKEN ends notices by one tap, without a sign-in; /s/NUMBER, short enough for an SMS, leads to the choices."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from app import policy
from app.extensions import csrf, db
from app.notifications import addresses
from app.notifications import stop as stopping

blueprint = Blueprint("stop", __name__)
csrf.exempt(blueprint)  # the signed address is what allows it; mail programs send no form of ours (RFC 8058)


@blueprint.get("/stop/<token>")
def ask(token: str) -> ResponseReturnValue:
    """One button. Nothing changes: programs that look for harmful links open every address of a mail."""
    return _page(_asked(token), is_done=False)


@blueprint.post("/stop/<token>")
def carry_out(token: str) -> ResponseReturnValue:
    """End them, for people and mail programs alike; as often as wanted."""
    what = _asked(token)
    with policy.system() as session:
        if not stopping.carry_out(session, what):
            abort(404)
    return _page(what, is_done=True)


@blueprint.get("/s/<int:number>")
def settings(number: int) -> ResponseReturnValue:
    """To the choices of whoever is signed in; the number only makes SMS differ."""
    actor = policy.actor_of(db.session())
    is_staff = isinstance(actor, policy.Actor) and not actor.reads_diary
    return redirect(addresses.settings(is_family=not is_staff))


def _asked(token: str) -> stopping.Stop:
    return stopping.read(current_app.config["SECRET_KEY"], token) or abort(404)


def _page(what: stopping.Stop, *, is_done: bool) -> ResponseReturnValue:
    page = render_template("notifications/stop.html", what=what, is_done=is_done)
    return page, {"Referrer-Policy": "no-referrer"}
