"""/account/: what everybody does with their own access."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flask import Blueprint, abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app import contacts
from app.auth import agents, passwords, proof, second_factor, second_factor_pages, sessions, signed_in
from app.auth.forms import ChangePasswordForm, ConfirmForm, ContactsForm
from app.auth.sign_in_pages import LEFT
from app.auth.signed_in_person import SignedIn
from app.auth.throttle import ThrottledError
from app.extensions import db
from app.models import Account, SignIn, User, UserSession
from app.models.people import Channel
from app.notifications import devices

SIGN_INS_SHOWN = 10

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if signed_in.person() else signed_in.ask_to_sign_in()


class Forms(NamedTuple):
    """The forms of the page; the one that was sent back holds its errors."""

    password: ChangePasswordForm
    contacts: ContactsForm
    confirm: ConfirmForm


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The own account on one page."""
    account = _account()
    return _page(_contacts_form(account), ChangePasswordForm())


@blueprint.get("/contacts")
@blueprint.get("/password")
def back_to_the_page() -> ResponseReturnValue:
    """A form that was sent back has its own address; coming to it again (language, back, reload) is no error."""
    return redirect("/account/")


@blueprint.get("/welcome")
def welcome() -> ResponseReturnValue:
    """After activation: how to sign in from now on."""
    return render_template("auth/welcome.html", account=_account(), phone=contacts.shown_phone)


@blueprint.post("/contacts")
def change_contacts() -> ResponseReturnValue:
    """Keep a new e-mail, phone or channel."""
    form = ContactsForm()
    if not form.validate_on_submit():
        return _page(form, ChangePasswordForm(formdata=None), 422)
    account = _account()
    account.email = contacts.email_address(form.email.data) if form.email.data else None
    account.phone = contacts.phone_number(form.phone.data) if form.phone.data else None
    account.channel = next((one for one in Channel if one.value == form.channel.data), None)
    db.session.commit()
    flash(_("Your contacts are saved."), "success")
    return redirect("/account/")


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Set a new password and end the sign-ins everywhere else."""
    form, person = ChangePasswordForm(), _person()
    try:
        if form.validate_on_submit() and _changed(form, person):
            flash(_("Your password is changed. On other devices you are signed out."), "success")
            return redirect("/account/")
    except ThrottledError as throttled:
        page, status = _page(_contacts_form(_account()), form, 429, throttled.message)
        return page, status, {"Retry-After": str(throttled.seconds)}
    return _page(_contacts_form(_account()), form, 422)


@blueprint.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign out one own browser."""
    if not ConfirmForm().validate_on_submit():
        abort(400)
    if not sessions.end(db.session(), _person().user_id, signed_in.now(), only=session_id):
        abort(404)
    db.session.commit()
    if session_id == _person().session_id:
        signed_in.leave()
        return redirect(LEFT)
    flash(_("That device is signed out."), "success")
    return redirect("/account/")


@blueprint.post("/sessions/end")
def end_all_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    if not ConfirmForm().validate_on_submit():
        abort(400)
    ended = sessions.end(db.session(), _person().user_id, signed_in.now())
    devices.forget_all(db.session())
    db.session.commit()
    signed_in.leave()
    flash(ngettext("%(num)d device is signed out.", "%(num)d devices are signed out.", ended), "success")
    return redirect(LEFT)


def _changed(form: ChangePasswordForm, person: SignedIn) -> bool:
    """Change the password, or leave the reasons in the form. Raises ThrottledError.

    No transaction is open while hashes are computed.
    """
    account = _account()
    personal = (*_names(account.user), account.login, account.email, account.phone, current_app.config["SCHOOL_NAME"])
    db.session.commit()
    attempt_id = proof.begin(person.user_id)
    if not proof.password_is_right(person.user_id, form.old.data):
        form.old.errors = [_("This is not your present password.")]
        return False
    proof.succeed(attempt_id)
    form.password.errors = passwords.faults(form.password.data, personal)
    if form.password.errors:
        return False
    fresh = passwords.hashed(form.password.data)
    _account().password_hash = fresh
    sessions.end(db.session(), person.user_id, signed_in.now(), but=person.session_id)
    devices.forget_all(db.session())  # a lost phone shows nothing more; one that is at hand is put back by a tap
    db.session.commit()
    return True


def _page(
    contacts_form: ContactsForm, password_form: ChangePasswordForm, status: int = 200, problem: str | None = None
) -> tuple[str, int]:
    person = _person()
    open_sessions = select(UserSession).where(UserSession.user_id == person.user_id, UserSession.ended_at.is_(None))
    sign_ins = select(SignIn).where(SignIn.user_id == person.user_id).order_by(SignIn.at.desc(), SignIn.id.desc())
    page = render_template(
        "auth/account.html",
        person=person,
        forms=Forms(password_form, contacts_form, ConfirmForm(formdata=None)),
        problem=problem,
        sessions=_living(db.session.scalars(open_sessions.order_by(UserSession.last_seen_at.desc())), person),
        sign_ins=db.session.scalars(sign_ins.limit(SIGN_INS_SHOWN)).all(),
        device=agents.device,
        shortest=passwords.SHORTEST,
        second_factor=second_factor.standing(db.session(), person.user_id),
        offers_second_factor=second_factor_pages.is_offered(person),
    )
    return page, status


def _living(rows: Iterable[UserSession], person: SignedIn) -> list[UserSession]:
    limits = signed_in.limits()
    now, staff = signed_in.now(), person.works_here
    return [row for row in rows if limits.hold(row.created_at, row.last_seen_at, staff=staff, now=now)]


def _person() -> SignedIn:
    person = signed_in.person()
    if person is None:
        abort(401)
    return person


def _account() -> Account:
    """The own account's row, in the person's session."""
    return db.session.scalars(select(Account).where(Account.user_id == _person().user_id)).one()


def _contacts_form(account: Account) -> ContactsForm:
    return ContactsForm(
        formdata=None,
        email=account.email,
        phone=contacts.shown_phone(account.phone),
        channel=account.channel.value if account.channel else "",
    )


def _names(user: User) -> tuple[str, str, str]:
    return user.family_name, user.given_name, user.patronymic
