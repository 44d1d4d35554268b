"""How values are written in a cell: the words of a list, school days and hours, yes and no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from babel import dates
from flask import url_for
from flask_babel import format_time, get_locale, gettext
from markupsafe import Markup

from admin_views.forms import phone_text
from app.clock import zone
from app.models.columns import Titled


@lru_cache(maxsize=4096)
def _written(value: date, pattern: str, locale: str) -> str:
    """A day in words of a language: the same whoever reads it, and there are few days on a page."""
    return dates.format_date(value, pattern, locale=locale)


def date_text(value: date, pattern: str = "d MMM y") -> str:
    """«23 нояб. 2026», or otherwise by Babel's pattern, in the reader's language."""
    return _written(value, pattern, str(get_locale()))


def day(value: date) -> str:
    """«пн, 23 нояб. 2026»."""
    return date_text(value, "EEE, d MMM y")


def moment(value: datetime) -> str:
    """«23 нояб. 2026, 16:30» in the school's zone."""
    there = value.astimezone(zone())
    return f"{date_text(there.date())}, {there:%H:%M}"


def hour(value: time) -> str:
    """«8:30»."""
    return str(format_time(value, "H:mm", rebase=False))


def yes_or_no(value: bool) -> str:
    """A tick that a screen reader can say, or nothing."""
    if not value:
        return ""
    tick = Markup('<span class="tick" aria-hidden="true">✓</span><span class="sr-only">{}</span>')
    return tick.format(gettext("Yes"))


WHEN, NOWRAP, END = Markup('<span class="when">'), Markup('<span class="nowrap">'), Markup("</span>")


def nowrap(text: str) -> Markup:
    """What is not to be broken apart. Adding to Markup escapes, and is quicker than its ``format``."""
    return NOWRAP + text + END


def _unbroken(text: str) -> Markup:
    """A date that stays in one line of a narrow column."""
    return WHEN + text + END


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
    return nowrap(phone_text(number)) if number else ""


def contacts_cell(person: Any) -> Markup | str:
    """Phone and e-mail below each other."""
    known = [each for each in (person and phone_cell(person.phone), person and person.email) if each]
    return Markup("<div>{}</div>").format(Markup("<br>").join(known)) if known else ""


LINKED, LINK_END = Markup('">'), Markup("</a>")


def linked(view: Any, _context: Any, row: Any, name: str) -> Any:
    """The text of a related row, linked to its details where the person may look at them."""
    related = row
    for part in name.split("."):
        related = getattr(related, part, None)
    if related is None:
        return ""
    known = view._template_args.setdefault("details_of", {})  # addresses by model, asked for once a page
    kind = type(related)
    if kind not in known:
        target = next((v for v in view.admin._views if getattr(v, "model_class", None) is kind), None)
        known[kind] = None
        if target is not None and target.is_accessible():
            known[kind] = Markup('<a href="') + url_for(f"{target.endpoint}.details_view", id="")
    if known[kind] is None:
        return str(related)
    return known[kind] + str(related.id) + LINKED + str(related) + LINK_END
