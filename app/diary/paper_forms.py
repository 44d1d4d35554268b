"""Forms of what families write to the school: notes of absence, corrections of data."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.extensions import db
from app.models.journal import AttendanceStatus
from app.people.refusal import Refusal
from app.requests import notes


def one_line(value: Any) -> Any:
    """Text without control characters and spaces around it, in one line."""
    if not isinstance(value, str):
        return value
    printable = "".join(letter if letter.isprintable() else " " for letter in value)
    return " ".join(printable.encode("utf-8", "replace").decode().split())


class AbsenceForm(FlaskForm):
    """From when to when, and why."""

    starts_on = DateField(_("First day"), [InputRequired(_("Choose the first day."))])
    ends_on = DateField(_("Last day"), [Optional()], description=_("Empty: only that one day."))
    first_number = SelectField(_("From lesson"), validate_choice=False, default="")
    last_number = SelectField(_("To lesson"), validate_choice=False, default="")
    status = RadioField(
        _("Why"),
        [InputRequired(_("Choose: ill, or another good reason."))],
        choices=[SelectChoice(status.value, status.label) for status in notes.GIVEN],
        default=AttendanceStatus.ILL.value,
    )
    reason = StringField(
        _("In words"), [InputRequired(_("Write why: the class teacher reads it.")), Length(max=notes.LONGEST_REASON)],
        filters=[one_line], description=_("For example: fever, visit to the doctor, family matters."),
    )  # fmt: skip

    def absence(self) -> notes.Absence:
        """What was written."""
        status = next(each for each in notes.GIVEN if each.value == self.status.data)
        assert self.starts_on.data is not None  # noqa: S101 - InputRequired  # nosec B101 # for mypy
        return notes.Absence(
            self.starts_on.data, self.ends_on.data or self.starts_on.data, _number(self.first_number.data),
            _number(self.last_number.data), status, self.reason.data or "",
        )  # fmt: skip


def _number(text: str | None) -> int | None:
    """The number of a lesson; one that there is not for what is none."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1


class CorrectionForm(FlaskForm):
    """What a value should be."""

    value = StringField(_("It should be"), [Length(max=300)], filters=[one_line])


def refuse(form: FlaskForm, refusal: Refusal) -> None:
    """Undo what was begun and show the refusal at the field it is about."""
    db.session.rollback()
    field = form[refusal.field] if refusal.field in form else next(iter(form))
    field.errors = [*field.errors, str(refusal)]
