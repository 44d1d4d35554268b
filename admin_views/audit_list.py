"""The audit: who changed what."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from admin_views import changes, filters, undo
from admin_views.access import ReadOnlyView
from app.models import AuditRecord

ACTIONS = {"create": _("created"), "change": _("changed"), "delete": _("deleted")}


class AuditRecordView(ReadOnlyView):
    """Every change: who, when, from what to what."""

    model_class = AuditRecord
    title = _("Changes")
    loads = ("actor",)
    column_list = ("at", "actor", "action", "model", "summary", "changes")
    column_details_list = (*column_list, "object_id", "address")
    column_sortable_list = ("at", "model", "action")
    column_default_sort = ("at", True)
    words = {
        "action": lambda _view, _context, row, _name: str(ACTIONS[row.action]),
        "model": lambda _view, _context, row, _name: changes.object_name(row.model),
        "summary": lambda _view, _context, row, _name: changes.name_of(row),
    }
    column_formatters = {**words, "changes": changes.as_list}
    column_formatters_export = {**words, "changes": changes.as_text}
    empty = _("Nothing has been changed yet.")
    filters = (
        filters.Choice(
            "action",
            _("Action"),
            lambda word: AuditRecord.action == word,
            lambda: [(word, str(title)) for word, title in ACTIONS.items()],
        ),
        filters.Choice("model", _("Object"), lambda name: AuditRecord.model == name, changes.object_names),
        filters.Number("object", _("Number of the object"), lambda number: AuditRecord.object_id == number),
    )

    def undo_url(self, row: Any) -> str | None:
        """Where a deletion or a change is undone, for those who may do such a thing themselves."""
        return url_for("deleted.confirm", number=row.id) if undo.is_offered(row) else None
