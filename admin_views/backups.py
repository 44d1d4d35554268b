"""The list of backups."""

from __future__ import annotations

from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.access import ReadOnlyView
from app.models import BackupRun


def _kilobytes(_view: object, _context: object, row: BackupRun, _name: str) -> str:
    return gettext("%(size)s KB", size=format_decimal(row.size // 1024 + 1)) if row.size else ""


def _cause(_view: object, _context: object, row: BackupRun, _name: str) -> str:
    """By hand, by the clock, or not made but restored."""
    if row.slot.startswith("restored"):
        return gettext("Restored from this file")
    return gettext("By hand") if row.slot.startswith("by hand") else gettext("By the clock")


class BackupRunView(ReadOnlyView):
    """Which backups were made, restored or failed, and where the file is."""

    model_class = BackupRun
    title = _("Backups")
    column_list = ("started_at", "finished_at", "slot", "file", "size", "error")
    column_details_list = (*column_list, "digest")
    column_sortable_list = ("started_at", "size")
    column_default_sort = ("started_at", True)
    column_formatters = {"size": _kilobytes, "slot": _cause}
    empty = _("No backup was made yet. The message worker makes them at the hours of BACKUP_HOURS.")
    filters = (filters.YesNo("failed", _("Backup failed"), BackupRun.error != ""),)
