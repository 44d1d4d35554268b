"""Control: who changed what."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.access import ReadOnlyView
from app import audit
from app.extensions import Base
from app.models import AuditRecord


def object_name(name: str) -> str:
    """What a recorded model is called on its own screen; its own name where it has none."""
    views = current_app.extensions["admin"][0]._views
    return next((str(view.title) for view in views if getattr(view, "endpoint", "") == name.lower()), name)


def object_names() -> list[tuple[str, str]]:
    """Every recorded model and what it is called."""
    names = [mapper.class_.__name__ for mapper in Base.registry.mappers if audit.records(mapper.class_)]
    return sorted(((name, object_name(name)) for name in names), key=lambda pair: pair[1].lower())


class AuditRecordView(ReadOnlyView):
    """Every change: who, when, from what to what."""

    model_class = AuditRecord
    title = _("Changes")
    loads = ("actor",)
    column_list = ("at", "actor", "action", "model", "summary", "changes")
    column_details_list = (*column_list, "object_id", "address")
    column_sortable_list = ("at", "model", "action")
    column_default_sort = ("at", True)
    column_formatters = {"model": lambda _view, _context, row, _name: object_name(row.model)}
    filters = (
        filters.Choice(
            "action",
            _("Action"),
            lambda word: AuditRecord.action == word,
            lambda: [("create", _("created")), ("change", _("changed")), ("delete", _("deleted"))],
        ),
        filters.Choice("model", _("Object"), lambda name: AuditRecord.model == name, object_names),
        filters.Number("object", _("Number of the object"), lambda number: AuditRecord.object_id == number),
    )
