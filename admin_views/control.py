"""Control: who changed what."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.access import ReadOnlyView
from app.models import AuditRecord


class AuditRecordView(ReadOnlyView):
    """Every change: who, when, from what to what."""

    model_class = AuditRecord
    title = _("Changes")
    loads = ("actor",)
    column_list = ("at", "actor", "action", "model", "summary", "changes")
    column_details_list = (*column_list, "object_id", "address")
    column_sortable_list = ("at", "model", "action")
    column_default_sort = ("at", True)
    filters = (
        filters.Choice(
            "action",
            _("Action"),
            lambda word: AuditRecord.action == word,
            lambda: [("create", _("created")), ("change", _("changed")), ("delete", _("deleted"))],
        ),
    )
