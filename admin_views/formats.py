"""How values are written in a cell: the words of a list, school days and hours, yes and no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask import url_for
from flask_babel import format_date, format_datetime, format_time, gettext
from markupsafe import Markup

from admin_views.forms import phone_text
from app.models.columns import Titled


def day(value: date) -> str:
    """«пн, 23 нояб. 2026»."""
    return str(format_date(value, "EEE, d MMM y"))


def moment(value: datetime) -> str:
    """«23 нояб. 2026, 16:30» in the school's zone."""
    return str(format_datetime(value, "d MMM y, HH:mm"))


def hour(value: time) -> str:
    """«8:30»."""
    return str(format_time(value, "H:mm", rebase=False))


def yes_or_no(value: bool) -> str:
    """A tick that a screen reader can say, or nothing."""
    if not value:
        return ""
    tick = Markup('<span class="tick" aria-hidden="true">✓</span><span class="sr-only">{}</span>')
    return tick.format(gettext("Yes"))


def _unbroken(text: str) -> Markup:
    """A date that stays in one line of a narrow column."""
    return Markup('<span class="when">{}</span>').format(text)


TYPES: dict[type[Any], Callable[..., Any]] = {
    bool: lambda _view, value, _name: yes_or_no(value),
    Titled: lambda _view, value, _name: str(value),
    datetime: lambda _view, value, _name: _unbroken(moment(value)),
    date: lambda _view, value, _name: _unbroken(day(value)),
    time: lambda _view, value, _name: hour(value),
    type(None): lambda _view, _value, _name: "",
}
EXPORTED: dict[type[Any], Callable[..., Any]] = {
    bool: lambda _view, value, _name: gettext("Yes") if value else gettext("No"),
    Titled: lambda _view, value, _name: str(value),
    datetime: lambda _view, value, _name: moment(value),
    date: lambda _view, value, _name: value,
    time: lambda _view, value, _name: hour(value),
    type(None): lambda _view, _value, _name: "",
}


def phone_cell(number: str | None) -> Markup | str:
    """A phone number as people read it, not to be broken apart."""
    return Markup('<span class="nowrap">{}</span>').format(phone_text(number)) if number else ""


def contacts_cell(person: Any) -> Markup | str:
    """Phone and e-mail below each other."""
    known = [each for each in (person and phone_cell(person.phone), person and person.email) if each]
    return Markup("<div>{}</div>").format(Markup("<br>").join(known)) if known else ""


def linked(view: Any, _context: Any, row: Any, name: str) -> Any:
    """The text of a related row, linked to its details where the person may look at them."""
    related = row
    for part in name.split("."):
        related = getattr(related, part, None)
    if related is None:
        return ""
    target = next((v for v in view.admin._views if getattr(v, "model_class", None) is type(related)), None)
    if target is None or not target.is_accessible():
        return str(related)
    return Markup('<a href="{}">{}</a>').format(url_for(f"{target.endpoint}.details_view", id=related.id), related)
