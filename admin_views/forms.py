"""Fields of the panel's forms: made from the columns, filled by the browser's own pickers, checked here.

A value that the database would refuse gets a message at its field; a number of a row that is not
there, or not for this person to see, is never taken for «nothing».
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.form import BaseForm
from flask_admin.model.fields import AjaxSelectField, AjaxSelectMultipleField
from flask_admin.model.form import converts
from flask_babel import LazyString, gettext
from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation, ValidationError

from app.clock import day_of, now, zone
from app.imports import values
from app.models.columns import Titled
from app.people.refusal import Refusal

MAX_TEXT = 20_000
MAX_NAME = 80
MAX_INTEGER = 2**31 - 1
PHONE_REGION = "RU"


class SchoolForm(BaseForm):
    """A form that takes no control characters: PostgreSQL keeps none, and nobody types them."""

    def process(self, formdata: Any = None, *arguments: Any, **fields: Any) -> None:
        """Read what was posted."""
        if formdata:
            formdata = formdata.copy()
            for name in formdata:
                formdata.setlist(name, [_printable(value) for value in formdata.getlist(name)])
        super().process(formdata, *arguments, **fields)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field; messages become text, as a page shows nothing else."""
        fine: bool = super().validate(extra_validators)
        for field in self:
            field.errors = [str(error) if isinstance(error, LazyString) else error for error in field.errors]
        return fine


class DeleteForm(SchoolForm):
    """Which row is deleted, and where to go then."""

    id = HiddenField(validators=[InputRequired()])
    url = HiddenField()


class ActionForm(SchoolForm):
    """What is done with the chosen rows, and where to go then."""

    action = HiddenField()
    url = HiddenField()


def _printable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = value.encode("utf-8", "replace").decode()
    return "".join(letter for letter in value if letter >= " " or letter in "\r\n\t")


class RelationField(AjaxSelectField):
    """One row of another table, looked up by typing."""

    def pre_validate(self, form: Any) -> None:
        """Refuse an unknown number instead of taking it for «nothing»."""
        posted = self._formdata
        if self.data is None and (posted not in (None, "", "__None") or not self.allow_blank):
            raise ValidationError(gettext("Choose one from the list."))

    def process_formdata(self, valuelist: Any) -> None:
        """An emptied field is «nothing», also where nothing is not allowed."""
        super().process_formdata(["__None"] if self.allow_blank and valuelist == [""] else valuelist)


class RelationsField(AjaxSelectMultipleField):
    """Several rows of another table."""

    def pre_validate(self, form: Any) -> None:
        """Refuse unknown numbers."""
        if self.data is not None and self._invalid_formdata:
            raise ValidationError(gettext("Choose one from the list."))


class WholeNumberField(IntegerField):
    """A whole number within limits; one outside of them is never asked of the database."""

    def __init__(self, *arguments: Any, limits: tuple[int, int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.within = NumberRange(*limits)

    def pre_validate(self, form: Any) -> None:
        """Nothing further is checked of a number that is too small or too large."""
        if self.data is not None:
            try:
                self.within(form, self)
            except ValidationError as error:
                raise StopValidation(*error.args) from error


class WordField(SelectField):
    """A word of a fixed list."""

    def __init__(self, label: Any = None, validators: Any = None, words: Any = None, **options: Any) -> None:
        self.words: type[Titled] = words
        self.blank = options.pop("allow_blank", False)
        super().__init__(label, validators, coerce=self._word, choices=self.words_and_blank, **options)

    def words_and_blank(self) -> list[SelectChoice]:
        blank = [SelectChoice("", "")] if self.blank else []
        return blank + [SelectChoice(word.value, str(word)) for word in self.words]

    def _word(self, value: Any) -> Titled | None:
        if value in (None, ""):
            return None
        for word in self.words:
            if word.value == value:
                return word
        raise ValueError(gettext("Choose one from the list."))

    def iter_choices(self) -> Any:
        """Values, labels, and which is chosen."""
        chosen = self.data.value if self.data is not None else ""
        for choice in self.words_and_blank():
            yield Choice(choice.value, choice.label, chosen == choice.value, {})

    def pre_validate(self, form: Any) -> None:
        """A word of the list, or nothing where that is allowed."""
        if self.data is None and not self.blank:
            raise ValidationError(gettext("Choose one from the list."))


class MomentField(DateTimeLocalField):
    """A moment, entered as day and hour in the school's zone and kept in UTC."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data.astimezone(zone()):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: Any) -> None:
        """Give the moment its zone."""
        super().process_formdata(valuelist)
        moment: datetime | None = self.data
        if moment is not None:
            try:
                self.data = moment.replace(tzinfo=zone()).astimezone(UTC)
            except OverflowError as error:
                raise ValueError(gettext("Not a valid datetime value.")) from error


class PhoneField(StringField):
    """A phone number in any format, kept as E.164."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read the number; ValueError says what is wrong with it."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = typed or None
        if not typed:
            return
        try:
            number = phonenumbers.parse(typed, PHONE_REGION)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValueError(gettext("This is not a phone number. Write it as +7 912 345-67-89."))
        self.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return phone_text(self.data) if self.data else ""


@lru_cache(maxsize=8192)
def phone_text(number: str) -> str:
    """«+7 912 345-67-89» of +79123456789."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class EmailField(StringField):
    """An e-mail address, kept in lower case."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read the address; ValueError says that it is none."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = typed or None
        if not typed:
            return
        try:
            self.data = validate_email(typed, check_deliverability=False).normalized.lower()
        except (EmailNotValidError, UnicodeError) as error:
            raise ValueError(gettext("This is not an e-mail address. Write it as name@example.org.")) from error


def at_field(form: Any, refusal: Refusal) -> bool:
    """Show the refusal at the field it is about; False, as validation has failed."""
    name = refusal.field if refusal.field in form else next(iter(form)).name
    form[name].errors = [*form[name].errors, str(refusal)]
    return False


def proper_name(_form: Any, field: Any) -> None:
    """A part of a person's name, written as it is kept; a message for what is no name."""
    if field.data and len(field.data) <= MAX_NAME:
        field.data = _as_listed(lambda: values.name_part(field.data))


def proper_full_name(_form: Any, field: Any) -> None:
    """Family name, given name and patronymic in one line; ``parts`` of the field has them apart."""
    field.parts = _as_listed(lambda: values.full_name(field.data)) if field.data else None


def proper_birth_date(_form: Any, field: Any) -> None:
    """A day on which a student can be born."""
    if field.data:
        _as_listed(lambda: values.birth_date(field.data, day_of(now())))


def _as_listed(read: Callable[[], Any]) -> Any:
    """What a class list would make of the value; its objection is shown at the field."""
    try:
        return read()
    except values.ValueProblem as problem:
        reason = str(problem.reason)
        raise ValidationError(f"{reason[:1].upper()}{reason[1:]}.") from problem


def stripped(value: str | None) -> str | None:
    """Text without spaces around it."""
    return " ".join(value.split()) if value else value


class SchoolConverter(AdminModelConverter):
    """Makes fields of columns; relations become look-ups."""

    def _model_select_field(self, prop: Any, multiple: Any, remote_model: Any, **options: Any) -> Field:
        loader = self.view._form_ajax_refs[prop.key]
        return (RelationsField if multiple else RelationField)(loader, **options)

    @converts("String")
    def conv_String(self, column: Any, field_args: Any, **extra: Any) -> Field:
        """One line."""
        field_args["filters"] = [*field_args.get("filters", []), stripped]
        return super().conv_String(column=column, field_args=field_args, **extra)

    @converts("Text")
    def conv_Text(self, field_args: Any, **extra: Any) -> Field:
        """Many lines."""
        field_args["validators"].append(Length(max=MAX_TEXT))
        return TextAreaField(**field_args)

    @converts("sqlalchemy.sql.sqltypes.Enum")
    def convert_enum(self, column: Any, field_args: Any, **extra: Any) -> Field:
        """A word of a fixed list."""
        field_args.setdefault("allow_blank", column.nullable)
        field_args["validators"] = [Optional()] if field_args["allow_blank"] else []
        return WordField(words=column.type.enum_class, **field_args)

    @converts("Date")
    def convert_date(self, field_args: Any, **extra: Any) -> Field:
        """A day by the browser's picker."""
        return DateField(**field_args)

    @converts("Time")
    def convert_time(self, field_args: Any, **extra: Any) -> Field:
        """An hour by the browser's picker."""
        return TimeField(**field_args)

    @converts("UTCDateTime")
    def convert_moment(self, field_args: Any, **extra: Any) -> Field:
        """A day and an hour."""
        return MomentField(**field_args)

    @converts("Integer")
    def handle_integer_types(self, column: Any, field_args: Any, **extra: Any) -> Field:
        """A whole number that the database can hold. (Named as Flask-Admin's own, which would win otherwise.)"""
        return WholeNumberField(limits=(column.info or {}).get("between", (0, MAX_INTEGER)), **field_args)
