"""/account/second-factor: a person sets up codes of a telephone, gets recovery codes, switches it off."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from app import policy
from app.auth import proof, second_factor, sessions, signed_in
from app.auth.forms import ConfirmForm, ProofForm, SetUpForm
from app.auth.signed_in_person import SignedIn
from app.auth.throttle import ThrottledError
from app.extensions import db
from app.models import SecondFactor
from app.policy import Action

PAGE = "/account/second-factor"

blueprint = Blueprint("second_factor", __name__, url_prefix=PAGE)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if signed_in.person() else signed_in.ask_to_sign_in()


def is_offered(person: SignedIn) -> bool:
    """Whether the person may set one up, or has one."""
    may = policy.may(policy.actor_of(db.session()), SecondFactor, Action.CREATE)
    return may or second_factor.of(db.session(), person.user_id) is not None


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What it is; the QR code while it is being set up; what can be done with it while it is on."""
    if not is_offered(_person()):
        abort(404)
    return _page()


@blueprint.get("/begin")
@blueprint.get("/confirm")
@blueprint.get("/recovery-codes")
@blueprint.get("/off")
def back_to_the_page() -> ResponseReturnValue:
    """A form that was sent back has its own address; coming to it again is no error."""
    return redirect(PAGE)


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """Make a new secret, to be confirmed."""
    _checked()
    if not policy.may(policy.actor_of(db.session()), SecondFactor, Action.CREATE):
        abort(404)
    try:
        second_factor.begin(db.session(), _person().user_id, signed_in.now())
        db.session.commit()
    except IntegrityError:  # begun twice at once: the other one is shown
        db.session.rollback()
    return redirect(PAGE)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Switch it on; other devices, which came in without it, are signed out."""
    form, person = SetUpForm(), _person()

    def switch_on() -> list[str] | None:
        codes = second_factor.confirm(db.session(), person.user_id, form.code.data, _key(), signed_in.now())
        if codes is not None:
            sessions.end(db.session(), person.user_id, signed_in.now(), but=person.session_id)
        return codes

    if second_factor.is_on(db.session(), person.user_id) or not second_factor.of(db.session(), person.user_id):
        return redirect(PAGE)
    return _proven(form, switch_on)


@blueprint.post("/recovery-codes")
def recovery_codes() -> ResponseReturnValue:
    """New ones in the place of all that were."""
    form, person = ProofForm(), _person()

    def renew() -> list[str] | None:
        if not second_factor.accept(db.session(), person.user_id, form.code.data, _key(), signed_in.now()):
            return None
        return second_factor.renew_recovery_codes(db.session(), person.user_id)

    return _proven(form, renew)


@blueprint.post("/off")
def off() -> ResponseReturnValue:
    """Ask for a password only from now on."""
    form, person = ProofForm(), _person()

    def switch_off() -> list[str] | None:
        if not second_factor.accept(db.session(), person.user_id, form.code.data, _key(), signed_in.now()):
            return None
        second_factor.remove(db.session(), person.user_id)
        return []

    return _proven(form, switch_off)


def _proven(form: SetUpForm | ProofForm, change: Callable[[], list[str] | None]) -> ResponseReturnValue:
    """Do ``change`` when password and code are right, and show the codes it gives; or say what was wrong."""
    person = _person()
    if not form.validate_on_submit():
        return _page(form, 422)
    db.session.commit()  # the attempt is written by another session
    try:
        attempt_id = proof.begin(person.user_id)
    except ThrottledError as throttled:
        page, status = _page(form, 429, throttled.message)
        return page, status, {"Retry-After": str(throttled.seconds)}
    if not proof.password_is_right(person.user_id, form.password.data):
        form.password.errors = [_("This is not your present password.")]
        return _page(form, 422)
    codes = change()
    if codes is None:
        db.session.rollback()
        form.code.errors = [_("This code is not right, or was used. Wait for the next one and type that.")]
        return _page(form, 422)
    db.session.commit()
    proof.succeed(attempt_id)
    if codes:
        return render_template("auth/recovery_codes.html", codes=codes, person=person)
    flash(_("The second factor is switched off. From now on the password is enough to sign in."), "success")
    return redirect("/account/")


def _page(form: SetUpForm | ProofForm | None = None, status: int = 200, problem: str | None = None) -> tuple[str, int]:
    person = _person()
    factor = second_factor.of(db.session(), person.user_id)
    is_on = factor is not None and factor.confirmed_at is not None
    shared = second_factor.secret(_key(), factor) if factor is not None and not is_on else None
    uri = (
        second_factor.address(shared, person.login or person.full_name, current_app.config["SCHOOL_NAME"])
        if shared
        else ""
    )
    page = render_template(
        "auth/second_factor.html",
        person=person,
        standing=second_factor.standing(db.session(), person.user_id),
        shared=" ".join(shared[place : place + 4] for place in range(0, len(shared), 4)) if shared else "",
        uri=uri,
        picture=_picture(uri) if uri else "",
        form=form or (SetUpForm(formdata=None) if shared else ProofForm(formdata=None)),
        confirm=ConfirmForm(formdata=None),
        problem=problem,
        is_demanded=signed_in.lacks_demanded_factor(person),
    )
    return page, status


def _picture(uri: str) -> Markup:
    """The QR code as SVG, dark on white also where the page is dark: telephones read no other."""
    import segno

    code = segno.make(uri, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, light="#fff", svgclass="qr", lineclass=None))  # noqa: S704  # nosec B704 # segno draws squares


def _checked() -> None:
    if not ConfirmForm().validate_on_submit():
        abort(400)


def _person() -> SignedIn:
    person = signed_in.person()
    if person is None:
        abort(401)
    return person


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
