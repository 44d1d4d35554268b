"""/a/ and /a/CODE: a person comes with a code, sets a password and is in.

A link preview does no harm: HEAD does nothing, GET only notes that the link was opened. These pages are
kept nowhere and send no Referer, so the code stays between the person and the school.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth import code_entry, passwords
from app.auth.forms import CodeForm, NewPasswordForm
from app.auth.sign_in_pages import admit, visit

blueprint = Blueprint("activation", __name__, url_prefix="/a")


@blueprint.after_request
def _keep_to_ourselves(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.route("/", methods=["GET", "POST"])
def type_code() -> ResponseReturnValue:
    """For those who have the code on paper."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("auth/type_code.html", form=form), 422 if form.is_submitted() else 200
    if code_entry.look(form.code.data, visit()) is None:
        return render_template("auth/type_code.html", form=form, problem=_no_such_code()), 404
    return redirect(f"{request.path}{_as_path(form.code.data)}")


@blueprint.route("/<code>", methods=["GET", "POST"])
def activate(code: str) -> ResponseReturnValue:
    """Say whom the code is for and ask for a password; with one, let the person in."""
    if request.method == "HEAD":
        return Response()
    invited = code_entry.look(code, visit())
    if invited is None:
        return _lapsed()
    form = NewPasswordForm()
    if form.validate_on_submit():
        form.password.errors = passwords.faults(form.password.data, invited.personal)
        if not form.password.errors:
            entered = code_entry.activate(code, lambda: passwords.hashed(form.password.data), visit())
            return admit(entered, "/account/welcome") if entered else _lapsed()
    page = render_template("auth/activation.html", form=form, invited=invited, shortest=passwords.SHORTEST)
    return page, 422 if form.is_submitted() else 200


def _lapsed() -> ResponseReturnValue:
    """The same for a code that never was, is used, was replaced or has expired."""
    return render_template("auth/lapsed.html", days=current_app.config["CREDENTIAL_DAYS"]), 404


def _no_such_code() -> str:
    text: str = _(
        "There is no valid code like this. Compare it with the message letter by letter, or ask for a new one."
    )
    return text


def _as_path(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
