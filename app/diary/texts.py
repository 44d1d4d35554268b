"""What the school says about the diary: the first visit, «About the diary», the consent."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app import school_texts
from app.auth import signed_in
from app.diary.frame import blueprint, page, reader
from app.extensions import db
from app.models import Account
from app.models.diary import TextKind
from app.people.refusal import Refusal

SCREENS = 3


@blueprint.before_request
def _first_visit() -> ResponseReturnValue | None:
    """Who begins at the start for the first time is shown what the diary is; a link to a page of it just opens."""
    if request.endpoint != "diary.start" or request.method != "GET":
        return None
    account = _account()
    return redirect(url_for("diary.welcome")) if account is not None and account.introduced_at is None else None


@blueprint.get("/welcome/")
def welcome() -> ResponseReturnValue:
    """Three short screens: what is where, what one is told of, how to answer and where help is."""
    asked = request.args.get("screen", "1")
    screen = int(asked) if asked in ("1", "2", "3") else 1
    return page("welcome.html", screen=screen, screens=SCREENS)


@blueprint.post("/welcome/")
def introduced() -> ResponseReturnValue:
    """Seen or skipped: it is not shown again by itself; on to the consent if the school asks for it."""
    account = _account()
    if account is not None and account.introduced_at is None:
        account.introduced_at = signed_in.now()
        db.session.commit()
    return redirect(url_for("diary.consent" if school_texts.asks(db.session()) else "diary.start"))


@blueprint.get("/about/")
def about() -> ResponseReturnValue:
    """The school's own words about the diary."""
    return page("about.html", text=school_texts.read(db.session(), TextKind.ABOUT))


@blueprint.get("/consent/")
def consent() -> ResponseReturnValue:
    """The text that counts, and whether the person has agreed to it."""
    session = db.session()
    text = school_texts.current(session, TextKind.CONSENT)
    given = next((each for each in school_texts.consents(session) if text and each.text_id == text.id), None)
    return page(
        "consent.html", text=school_texts.as_shown(text) if text else None, given=given,
        may_agree=reader().is_guardian and (given is None or given.withdrawn_at is not None),
    )  # fmt: skip


@blueprint.post("/consent/")
def agree() -> ResponseReturnValue:
    """Agree to the version that was read."""
    version = request.form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    try:
        school_texts.agree(db.session(), number)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("diary.consent"))
    flash(gettext("Thank you. Your consent is recorded; you can withdraw it under «My data»."), "success")
    return redirect(url_for("diary.start"))


def _account() -> Account | None:
    return db.session.scalars(select(Account).where(Account.user_id == reader().user_id)).one_or_none()
