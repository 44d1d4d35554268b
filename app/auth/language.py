"""In which language a person reads: their account says it, else their browser's choice, else the school's."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import select

from app.auth import signed_in
from app.auth.next_page import local_path
from app.extensions import db
from app.models import Account

COOKIE = "language"
YEAR = 365 * 24 * 3600
LANGUAGES = {"ru": "Русский", "en": "English"}

blueprint = Blueprint("language", __name__)


def register(app: Flask) -> None:
    """The switch, and for every page the ``languages`` to offer and the one it is read in."""
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"languages": LANGUAGES, "language_read": str(get_locale())})


def of_reader() -> str:
    """Flask-Babel's locale selector. What the browser asks for in general (Accept-Language) is not a choice."""
    school: str = current_app.config["LOCALE"]
    if not has_request_context():
        return school
    person = signed_in.person()
    for choice in (person and person.locale, request.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return choice
    return school


@blueprint.post("/language")
def switch() -> ResponseReturnValue:
    """Read on in the chosen language, on the page one came from."""
    chosen = request.form.get("language", "")
    response = redirect(local_path(request.form.get("next")) or "/login")
    if chosen not in LANGUAGES:
        return response
    if person := signed_in.person():
        account = db.session.scalars(select(Account).where(Account.user_id == person.user_id)).one()
        account.locale = chosen
        db.session.commit()
    response.set_cookie(
        COOKIE,
        chosen,
        max_age=YEAR,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )
    return response
