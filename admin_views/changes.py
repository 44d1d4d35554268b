"""A record of the audit in words: what was called how, and from which value to which."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import Enum, inspect

from admin_views import formats
from admin_views.labels import LABELS
from app import audit
from app.control.rules import RULES
from app.extensions import Base
from app.models import AuditRecord, RuleSetting
from app.models.columns import UTCDateTime

MODELS = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
NOTHING = "—"
# When and who: the record says it itself; and where a file is kept.
UNTOLD = {"created_at", "author_id", "issued_by_id", "uploaded_at", "uploaded_by_id", "stored", "size"}


# What has no screen of its own.
WITHOUT_SCREEN = {
    "Account": _("Sign-in data"),
    "HomeworkFile": _("Files of homework"),
    "NewsItemClass": _("Classes of news"),
    "PlannedTopic": _("Topics of lesson plans"),
    "SecondFactor": _("Second factor"),
    "StudentDetails": _("Data of students"),
    "StudentHomework": _("Homework for chosen students"),
    "SupportRequest": _("Support requests"),
}


def object_name(name: str) -> str:
    """What a recorded model is called on its own screen, or here."""
    views = current_app.extensions["admin"][0]._views
    titles = (str(view.title) for view in views if getattr(view, "endpoint", "") == name.lower())
    return next(titles, str(WITHOUT_SCREEN.get(name, name)))


def object_names() -> list[tuple[str, str]]:
    """Every recorded model and what it is called."""
    names = [name for name, model in MODELS.items() if audit.records(model)]
    return sorted(((name, object_name(name)) for name in names), key=lambda pair: pair[1].lower())


def lines(record: AuditRecord) -> list[str]:
    """«Room: 12 → 14» for each value that changed; of a new or a deleted row what stands or stood in it."""
    told = []
    for column, (old, new) in record.changes.items():
        label = LABELS.get(column) or LABELS.get(column.removesuffix("_id")) or column
        before, after = (_word(record.model, column, value) for value in (old, new))
        if record.action == "change":
            told.append(f"{label}: {before} → {after}")
        elif column not in UNTOLD and (value := after if record.action == "create" else before) != NOTHING:
            told.append(f"{label}: {value}")
    return told


def as_list(_view: Any, _context: Any, record: AuditRecord, _name: str) -> Markup:
    """The changes below each other."""
    return Markup("<br>").join(lines(record))


def as_text(_view: Any, _context: Any, record: AuditRecord, _name: str) -> str:
    """The changes in one cell of a spreadsheet."""
    return "; ".join(lines(record))


def name_of(record: AuditRecord) -> str:
    """What the row was called; a rule by its title."""
    return _rule(record.summary) if record.model == RuleSetting.__name__ else record.summary


def _rule(key: str) -> str:
    return str(RULES[key].title) if key in RULES else key


def _word(model: str, column: str, value: Any) -> str:
    if value in (None, "", []):
        return NOTHING
    if model == RuleSetting.__name__ and column == "rule":
        return _rule(value)
    if value == "***":
        return gettext("not shown")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(f"№ {number}" for number in value)
    if column.endswith("_id"):
        return f"№ {value}"
    return _word_of_type(model, column, value) if isinstance(value, str) else str(value)


def _word_of_type(model: str, column: str, value: str) -> str:
    """Words of fixed lists and days as the screens write them; a value the column no longer knows as it is."""
    attribute = inspect(MODELS[model]).column_attrs.get(column) if model in MODELS else None
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
