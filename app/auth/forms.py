"""The forms of sign-in, activation and the own account; each carries its CSRF token."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, RadioField, SelectChoice, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from app import contacts
from app.auth.passwords import LONGEST
from app.models.people import Channel


class SignInForm(FlaskForm):
    """Who, and the password."""

    username = StringField(_("Login, e-mail or phone"), [InputRequired(_("Type your login, e-mail or phone."))])
    password = PasswordField(_("Password"), [InputRequired(_("Type your password."))])


class ConfirmForm(FlaskForm):
    """Nothing but the token: a button that changes something."""


class CodeForm(FlaskForm):
    """An activation code typed by hand."""

    code = StringField(_("Code"), [InputRequired(_("Type the code from the message or the slip.")), Length(max=64)])


class SecondStepForm(FlaskForm):
    """A code of the second factor at sign-in."""

    code = StringField(
        _("Code from the app"), [InputRequired(_("Type the six digits that the app shows.")), Length(max=64)]
    )


class RecoveryForm(FlaskForm):
    """A recovery code at sign-in."""

    code = StringField(_("Recovery code"), [InputRequired(_("Type one of your recovery codes.")), Length(max=64)])


class SetUpForm(SecondStepForm):
    """The first code of a new second factor, and the password: a screen may be left unattended."""

    password = PasswordField(_("Present password"), [InputRequired(_("Type your present password."))])


class ProofForm(FlaskForm):
    """The password, and a code of the second factor or a recovery code."""

    password = PasswordField(_("Present password"), [InputRequired(_("Type your present password."))])
    code = StringField(
        _("Code from the app, or a recovery code"),
        [InputRequired(_("Type the six digits that the app shows.")), Length(max=64)],
    )


class AskedAgainForm(FlaskForm):
    """The password before a grave act; its name is none that another form has."""

    proof_password = PasswordField(_("Your password"))


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(
        _("New password"), [InputRequired(_("Think of a password.")), Length(max=LONGEST)]
    )  # fmt: skip
    repeated = PasswordField(
        _("The same password again"), [EqualTo("password", _("The two passwords differ. Type the same one twice."))]
    )


class ChangePasswordForm(NewPasswordForm):
    """The old password, and a new one twice."""

    old = PasswordField(_("Present password"), [InputRequired(_("Type your present password."))])


class ContactsForm(FlaskForm):
    """How a person is reached; kept as an address in lower case and a phone number in E.164."""

    email = EmailField(_("E-mail"))
    phone = TelField(_("Phone"))
    channel = RadioField(
        _("Messages from the school"),
        choices=[
            SelectChoice("", _("As the school decides")),
            *(SelectChoice(channel.value, channel.label) for channel in Channel),
        ],
    )

    def validate_email(self, field: Any) -> None:
        field.data = (field.data or "").strip()
        if field.data and not contacts.email_address(field.data):
            raise ValidationError(_("This is not an e-mail address. It looks like name@example.org."))

    def validate_phone(self, field: Any) -> None:
        field.data = (field.data or "").strip()
        if field.data and not contacts.phone_number(field.data):
            raise ValidationError(_("This is not a phone number. Type it with its code: +7 912 345-67-89."))

    def validate_channel(self, field: Any) -> None:
        if field.data == Channel.EMAIL.value and not self.email.data:
            raise ValidationError(_("For messages by e-mail give an e-mail address."))
        number = contacts.phone_number(self.phone.data or "")
        if field.data == Channel.SMS.value and not (number and contacts.is_mobile(number)):
            raise ValidationError(_("For messages by SMS give the number of a mobile phone."))
