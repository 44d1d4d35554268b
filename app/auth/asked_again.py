"""Grave acts ask for the password again when the sign-in is not of the last minutes: the screen may stand open.

What was sent is kept in the page that asks, and is sent again with the password; nothing is done before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, current_app, make_response, render_template, request, session
from flask_babel import gettext as _

from app.auth import proof, signed_in
from app.auth.forms import AskedAgainForm
from app.auth.signed_in_person import SignedIn
from app.auth.throttle import ThrottledError
from app.extensions import db

PROVEN = "proven at"
"""Where the browser's signed cookie holds when the password was given last, in seconds; a new sign-in empties it."""

View = Callable[..., Any]


def asks_again(grave: Callable[[], bool]) -> Callable[[View], View]:
    """A view that does what its name says only to who has proven lately who they are.

    ``grave`` says of the request whether it is one to ask for; GET and HEAD do nothing and are not asked.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(*args: Any, **options: Any) -> Any:
            person = signed_in.person()
            if person is not None and request.method == "POST" and not is_fresh(person) and grave():
                question = _question(person)
                if question is not None:
                    return question
            return view(*args, **options)

        return asked

    return decorate


def is_fresh(person: SignedIn) -> bool:
    """Whether the person signed in, or gave the password again, within PROOF_MINUTES; always when it is 0."""
    lasts = timedelta(minutes=current_app.config["PROOF_MINUTES"])
    proven = datetime.fromtimestamp(session.get(PROVEN, 0), person.created_at.tzinfo)
    return not lasts or signed_in.now() - max(person.created_at, proven) < lasts


def _question(person: SignedIn) -> Response | None:
    """The page that asks, as long as the right password does not come with the request; counted like a sign-in."""
    form = AskedAgainForm()
    typed = form.proof_password.data
    if not typed:
        return _page(form, 403)
    db.session.commit()  # the attempt is written by another session
    try:
        attempt_id = proof.begin(person.user_id)
    except ThrottledError as throttled:
        page = _page(form, 429, throttled.message)
        page.headers["Retry-After"] = str(throttled.seconds)
        return page
    if not proof.password_is_right(person.user_id, typed):
        return _page(form, 403, _("This is not your present password."))
    proof.succeed(attempt_id)
    session[PROVEN] = int(signed_in.now().timestamp())
    return None


def _page(form: AskedAgainForm, status: int, problem: str | None = None) -> Response:
    own = set(form._fields)
    sent = [(name, value) for name, values in request.form.lists() if name not in own for value in values]
    page = render_template(
        "auth/asked_again.html", form=form, sent=sent, problem=problem, address=request.full_path.rstrip("?"),
        minutes=current_app.config["PROOF_MINUTES"],
    )  # fmt: skip
    return make_response(page, status)
