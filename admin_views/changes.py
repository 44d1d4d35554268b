"""A record of the audit in words: what was called how, and from which value to which."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import Enum, inspect

from admin_views import formats
from admin_views.labels import LABELS
from admin_views.related import Names, screen_of, target_of
from app import audit
from app.audit.erasing import ACTION as ERASED
from app.audit.recording import SECRET
from app.control.rules import RULES
from app.models import BY_NAME, AuditRecord, RuleSetting
from app.models.columns import UTCDateTime

NOTHING = "—"
# When and who: the record says it itself; and where a file is kept.
UNTOLD = {"created_at", "author_id", "issued_by_id", "uploaded_at", "uploaded_by_id", "stored", "size"}


# What has no screen of its own.
WITHOUT_SCREEN = {
    "Account": _("Sign-in data"),
    "CalendarFeed": _("Calendar links"),
    "Handover": _("Handovers of journals"),
    "RecoveryCode": _("Recovery codes"),
    "RollCall": _("Attendance taken"),
    "RuleSetting": _("Rules of control"),
    "SchoolText": _("Texts of the school"),
    "StaffNote": _("Notes for staff"),
    "UserSession": _("Signed-in devices"),
    "YearChange": _("New academic years"),
    "HomeworkFile": _("Files of homework"),
    "NewsItemClass": _("Classes of news"),
    "PlannedTopic": _("Topics of lesson plans"),
    "SecondFactor": _("Second factor"),
    "StudentDetails": _("Data of students"),
    "StudentHomework": _("Homework for chosen students"),
    "SupportRequest": _("Support requests"),
}


# Columns that only the audit shows.
COLUMNS = {
    "teaching_assignment_id": LABELS["assignment"],
    "password_hash": _("Password"),
    "locale": _("Language"),
    "introduced_at": _("Has read what the diary is"),
    "restored_from": _("Brings back the work"),
    "from_teacher_id": _("Teacher before"),
    "to_teacher_id": _("Teacher after"),
    "since": _("Since"),
    "reported_by_id": _("Reported by"),
    "opened_by_id": _("Opened by"),
    "closed_at": _("Closed"),
    "outcome": _("Outcome"),
    "code_hash": _("Code"),
    "token_hash": _("Secret of the link"),
    "used_at": _("Used"),
    "first_number": _("First lesson"),
    "last_number": _("Last lesson"),
    "answer": _("Answer"),
    "answered_by_id": _("Answered by"),
    "answered_at": _("Answered"),
    "archived_at": _("Put into the archive"),
    "taken_at": _("Taken"),
    "taken_by_id": _("Taken by"),
    "field": _("What is to be corrected"),
    "was": _("As it was"),
    "from_year_id": _("Year before"),
    "to_year_id": _("Year after"),
    "made_by_id": _("Made by"),
    "made_at": _("Made"),
    "ended_at": _("Ended"),
    "page": _("Page"),
    "solved_at": _("Solved"),
    "is_whole_class": _("Whole class"),
}


def label_of(column: str) -> str:
    """What a column is called."""
    known = COLUMNS.get(column) or LABELS.get(column) or LABELS.get(column.removesuffix("_id"))
    return str(known or column)


def object_name(name: str) -> str:
    """What a recorded model is called on its own screen, or here."""
    views = current_app.extensions["admin"][0]._views
    titles = (str(view.title) for view in views if getattr(view, "endpoint", "") == name.lower())
    return next(titles, str(WITHOUT_SCREEN.get(name, name)))


def object_names() -> list[tuple[str, str]]:
    """Every recorded model and what it is called."""
    names = [name for name, model in BY_NAME.items() if audit.records(model)]
    return sorted(((name, object_name(name)) for name in names), key=lambda pair: pair[1].lower())


def lines(record: AuditRecord, names: Names) -> list[str]:
    """«Room: 12 → 14» for each value that changed; of a new or a deleted row what stands or stood in it.

    ``names`` are those of related rows; what is not among them is told by its number.
    """
    if record.action == ERASED:
        return [ngettext("%(num)d record of the audit was emptied.", "%(num)d records of the audit were emptied.",
                         len(record.changes))]  # fmt: skip
    told = []
    if record.erased_at is not None:
        told.append(gettext("Erased with the personal data on %(day)s.", day=formats.moment(record.erased_at)))
    for column, (old, new) in record.changes.items():
        label = label_of(column)
        before, after = (_word(record.model, column, value, names) for value in (old, new))
        if record.action == "change":
            told.append(f"{label}: {before} → {after}")
        elif column not in UNTOLD and (value := after if record.action == "create" else before) != NOTHING:
            told.append(f"{label}: {value}")
    return told


def as_list(view: Any, _context: Any, record: AuditRecord, _name: str) -> Markup:
    """The changes below each other."""
    return Markup("<br>").join(lines(record, view.names))


def as_text(view: Any, _context: Any, record: AuditRecord, _name: str) -> str:
    """The changes in one cell of a spreadsheet."""
    return "; ".join(lines(record, view.names))


def name_of(record: AuditRecord, names: Names) -> str:
    """What the row was called, or is now; else whose it is. A rule by its title."""
    if record.model == RuleSetting.__name__:
        return _rule(record.summary)
    known = (
        names[key]
        for key in ((record.model, record.object_id), ("Student", record.student_id), ("User", record.user_id))
        if key in names
    )
    summary = "" if record.summary.startswith("<") else record.summary  # a row without a name, as it was once written
    return summary or next(known, "")


def linked(view: Any, _context: Any, record: AuditRecord, _name: str) -> Markup | str:
    """The name, leading to the row where it still is and has a screen."""
    name, screen = name_of(record, view.names), screen_of(record.model)
    if screen is None or (record.model, record.object_id) not in view.names:
        return name
    url = url_for(f"{screen.endpoint}.details_view", id=record.object_id)
    return Markup('<a href="{}">{}</a>').format(url, name or f"№ {record.object_id}")


def _rule(key: str) -> str:
    return str(RULES[key].title) if key in RULES else key


def _word(model: str, column: str, value: Any, names: Names) -> str:
    if value in (None, "", []):
        return NOTHING
    if model == RuleSetting.__name__ and column == "rule":
        return _rule(value)
    if value == SECRET:
        return gettext("not shown")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list) or column.endswith("_id"):
        target, numbers = target_of(model, column) or "", value if isinstance(value, list) else [value]
        return ", ".join(names.get((target, number)) or f"№ {number}" for number in numbers)
    return _word_of_type(model, column, value) if isinstance(value, str) else str(value)


def _word_of_type(model: str, column: str, value: str) -> str:
    """Words of fixed lists and days as the screens write them; a value the column no longer knows as it is."""
    attribute = inspect(BY_NAME[model]).column_attrs.get(column) if model in BY_NAME else None
    kind = attribute.columns[0].type if attribute is not None else None
    try:
        if isinstance(kind, Enum) and kind.enum_class is not None:
            return str(kind.enum_class(value))
        if isinstance(kind, UTCDateTime):
            return formats.moment(datetime.fromisoformat(value))
        python = kind.python_type if kind is not None else str
        return formats.day(date.fromisoformat(value)) if python is date else value
    except (ValueError, NotImplementedError):
        return value
