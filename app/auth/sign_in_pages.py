"""/login and /logout."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from app.auth import browsers, entry, sessions, sign_in, signed_in
from app.auth.entry import Entered, LapsedError, Pending, Visit
from app.auth.forms import ConfirmForm, RecoveryForm, SecondStepForm, SignInForm
from app.auth.next_page import HOME, local_path
from app.auth.throttle import ThrottledError
from app.extensions import db

LEFT = "/login#left"
"""The sign-in page for a browser whose person has signed out by hand: a script there ends what it was told."""

PENDING = "second step"
"""Where the browser's cookie holds a sign-in that waits for its code."""

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


@blueprint.route("/login/code", methods=["GET", "POST"], endpoint="second_step", defaults={"is_recovery": False})
@blueprint.route("/login/recovery", methods=["GET", "POST"], endpoint="recovery", defaults={"is_recovery": True})
def second_step(is_recovery: bool) -> ResponseReturnValue:
    """Ask for the code of the second factor, or for a recovery code, after the right password."""
    pending = _pending()
    if pending is None:
        return redirect(_next_page() if signed_in.person() else "/login")
    form = RecoveryForm() if is_recovery else SecondStepForm()
    if not form.validate_on_submit():
        return _ask_for_code(form, 422 if form.is_submitted() else 200)
    try:
        entered = entry.finish(pending, form.code.data, visit())
    except LapsedError:
        session.pop(PENDING, None)
        flash(_("This sign-in has ended: it may last five minutes. Type your password again."), "info")
        return redirect(url_for("sign_in.sign_in", next=local_path(request.args.get("next"))))
    except ThrottledError as throttled:
        page, status = _ask_for_code(form, 429, throttled.message)
        return page, status, {"Retry-After": str(throttled.seconds)}
    if entered is None:
        problem = _("This code is not right, or was used.") if is_recovery else _(
            "This code is not right, or was used. Wait for the next one and type that."
        )  # fmt: skip
        return _ask_for_code(form, 401, problem)
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


def admit(entered: Entered | Pending, page: str) -> ResponseReturnValue:
    """Begin the new session in this browser, end the one it replaces, and go to ``page``; or first ask for a code."""
    if isinstance(entered, Pending):
        session[PENDING] = [entered.attempt_id, entered.password]
        return redirect(url_for("sign_in.second_step", next=page if page != HOME else None))
    if before := signed_in.person():
        sessions.end(db.session(), before.user_id, signed_in.now(), only=before.session_id)
        db.session.commit()
    browser = browsers.of_request()
    signed_in.enter(entered.token, entered.is_staff)
    if entered.reset_at is not None:
        flash(
            _("The school reset your second factor: %(moment)s. Set it up again on your account page. If you did not "
              "ask for this, tell the deputy director.", moment=format_datetime(entered.reset_at, "d MMM y, HH:mm")),
            "info",
        )  # fmt: skip
    response = redirect(page)
    browsers.remember(response, browser, entered.user_id)
    return response


def _ask_for_code(form: SecondStepForm | RecoveryForm, status: int, problem: str | None = None) -> tuple[str, int]:
    onward = local_path(request.args.get("next"))
    is_recovery = isinstance(form, RecoveryForm)
    other = url_for("sign_in.second_step" if is_recovery else "sign_in.recovery", next=onward)
    page = render_template("auth/second_step.html", form=form, problem=problem, is_recovery=is_recovery, other=other)
    return page, status


def _pending() -> Pending | None:
    """The first step that this browser has done; the cookie is signed, so what it holds is ours."""
    held = session.get(PENDING)
    return Pending(*held) if held else None


def _next_page() -> str:
    return local_path(request.args.get("next")) or HOME
