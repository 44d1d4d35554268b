"""/login and /logout."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth import browsers, sessions, sign_in, signed_in
from app.auth.forms import ConfirmForm, SignInForm
from app.auth.next_page import HOME, local_path
from app.auth.sign_in import Entered, Visit
from app.auth.throttle import ThrottledError
from app.extensions import db

LEFT = "/login#left"
"""The sign-in page for a browser whose person has signed out by hand: a script there ends what it was told."""

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/")
def begin() -> ResponseReturnValue:
    """Who types only the school's address begins at home, or at the sign-in page."""
    return redirect(HOME if signed_in.person() else "/login")


@blueprint.route("/login", methods=["GET", "POST"], endpoint="sign_in")
def login() -> ResponseReturnValue:
    """Ask who it is; on to the page they came for."""
    if request.method == "GET" and signed_in.person():
        return redirect(_next_page())
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422 if form.is_submitted() else 200
    try:
        entered = sign_in.attempt(form.username.data, form.password.data, visit())
    except ThrottledError as throttled:
        response = make_response(render_template("auth/sign_in.html", form=form, problem=throttled.message), 429)
        response.headers["Retry-After"] = str(throttled.seconds)
        return response
    if entered is None:
        problem = _("Login and password do not match. If several people share an e-mail or phone, type the login.")
        return render_template("auth/sign_in.html", form=form, problem=problem), 401
    return admit(entered, _next_page())


@blueprint.route("/logout", methods=["GET", "POST"], endpoint="sign_out")
def logout() -> ResponseReturnValue:
    """Ask, then end the session here and wherever its cookie was copied to."""
    person = signed_in.person()
    if person is None:
        return redirect("/login")
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_out.html", form=form)
    sessions.end(db.session(), person.user_id, signed_in.now(), only=person.session_id)
    db.session.commit()
    signed_in.leave()
    return redirect(LEFT)


def visit() -> Visit:
    """The browser, address and moment of this request."""
    return Visit(browsers.of_request(), signed_in.address(), request.headers.get("User-Agent", ""), signed_in.now())


def admit(entered: Entered, page: str) -> ResponseReturnValue:
    """Begin the new session in this browser, end the one it replaces, and go to ``page``."""
    if before := signed_in.person():
        sessions.end(db.session(), before.user_id, signed_in.now(), only=before.session_id)
        db.session.commit()
    browser = browsers.of_request()
    signed_in.enter(entered.token, entered.is_staff)
    response = redirect(page)
    browsers.remember(response, browser, entered.user_id)
    return response


def _next_page() -> str:
    return local_path(request.args.get("next")) or HOME
