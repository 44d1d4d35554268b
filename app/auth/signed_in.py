"""Binds each request to its person: Flask-Login's current user, and whom the database session works for."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user

from app import clock, policy
from app.auth import sessions
from app.auth.sessions import Limits, Visit
from app.auth.signed_in_person import SignedIn
from app.extensions import begin_reading, db, login
from app.kept_form import kept_form

WITHOUT_FACTOR = {"second_factor", "sign_in", "language", "health"}
"""What stays open to a person who has yet to set up the second factor that is demanded."""


def register(app: Flask) -> None:
    """Look up the person before every view, forget them after it."""
    login.user_loader(_signed_in)
    login.unauthorized_handler(ask_to_sign_in)
    app.before_request(_bind)
    app.before_request(_demand_second_factor)
    app.teardown_request(_forget)


def person() -> SignedIn | None:
    """Who is signed in in this request."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def now() -> datetime:
    """The moment of this request; the same however long it takes."""
    if "now" not in g:
        g.now = clock.now()
    moment: datetime = g.now
    return moment


def today() -> date:
    """The school's day."""
    return clock.day_of(now())


def address() -> str:
    """Where this request comes from (see the setting PROXIES)."""
    return request.remote_addr or ""


def enter(token: str, is_staff: bool) -> None:
    """Hand the browser a new session that holds nothing of the one before (rotated, also the CSRF token)."""
    session.clear()
    # The browser of staff forgets the sign-in when it is closed; a parent's phone does not.
    session.permanent = not is_staff
    g.pop("signed_in", None)
    g.pop("_login_user", None)
    found = _signed_in(token)
    if found is not None:
        login_user(found)


def leave() -> None:
    """Take the session out of the browser."""
    session.clear()
    g.pop("_login_user", None)
    g.signed_in = None


def _signed_in(token: str) -> SignedIn | None:
    """Whose token it is; asked once a request, so that a page about a failing database can still be drawn."""
    if "signed_in" not in g:
        g.signed_in = g.actor = None
        with policy.system() as system_session:
            begin_reading(system_session)
            found = sessions.look_up(system_session, token, limits(), Visit(now(), today(), address()))
        if found is not None:
            g.signed_in, g.actor = found
    who: SignedIn | None = g.signed_in
    return who


def ask_to_sign_in() -> ResponseReturnValue:
    """Send people to /login, and from there back to the page they wanted; programs get a 401.

    Who has sent a form keeps it, and signs in beside it.
    """
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(error="unauthorized", message=_("Please sign in.")), 401
    if kept := kept_form():
        advice = _("Nothing was changed. Sign in, then come back to this page and send again.")
        page = render_template(
            "errors/error.html", status=401, title=_("You are signed out"), advice=advice, kept=kept, sign_in=True
        )
        return page, 401
    flash(_("Please sign in to go on."), "info")
    came_to_read = request.method in {"GET", "HEAD"}
    target = request.full_path.rstrip("?") if came_to_read and request.path != "/admin/" else None
    return redirect(url_for("sign_in.sign_in", next=target))


def _bind() -> None:
    """Bind the database session to the person; with nobody signed in it sees nothing."""
    if _is_static():
        return
    if (who := person()) is not None:
        sessions.touch(who, now())
        policy.act_as(db.session(), g.actor)
        g.is_bound = True


def _demand_second_factor() -> ResponseReturnValue | None:
    """Whoever must have a second factor and has none sets it up before anything else."""
    if request.blueprint in WITHOUT_FACTOR or _is_static():
        return None
    who = person()
    if who is None or not lacks_demanded_factor(who):
        return None
    words = _("The school demands a second factor of deputy directors. Set it up to go on.")
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(error="second_factor", message=words), 403
    return redirect(url_for("second_factor.show"))


def lacks_demanded_factor(who: SignedIn) -> bool:
    """Whether the installation demands a second factor of the person, who has none."""
    demanded = current_app.config["SECOND_FACTOR_FOR_DEPUTIES"] and who.is_deputy_director
    return bool(demanded and not who.has_second_factor)


def _forget(_error: BaseException | None) -> None:
    if g.pop("is_bound", False):
        policy.act_as(db.session(), None)


def _is_static() -> bool:
    return request.endpoint is not None and request.endpoint.rsplit(".", 1)[-1] == "static"


def limits() -> Limits:
    """How long sign-ins last in this installation."""
    config = current_app.config
    return Limits(
        staff_idle=timedelta(hours=config["SESSION_STAFF_IDLE_HOURS"]),
        idle=timedelta(days=config["SESSION_IDLE_DAYS"]),
        staff_longest=timedelta(hours=config["SESSION_STAFF_HOURS"]),
        longest=timedelta(days=config["SESSION_DAYS"]),
    )
