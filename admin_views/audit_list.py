"""The audit: who changed what, which way, and how far it is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from flask_admin import expose
from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, select

from admin_views import asked, changes, filters, formats, related, undo
from admin_views.access import ReadOnlyView
from admin_views.base import SchoolPage, acting, acting_person
from app import clock, policy
from app.audit import Source, chain, verify
from app.extensions import db
from app.models import AuditRecord, AuditSeal, Student, User
from app.policy import Action

ACTIONS = {"create": _("created"), "change": _("changed"), "delete": _("deleted"), "erase": _("erased")}
LONGEST_HEAD = 80  # NUMBER:HASH
SOURCES = {source.value: source.label for source in Source}


class AuditRecordView(ReadOnlyView):
    """Every change: who, when, which way, from what to what."""

    model_class = AuditRecord
    title = _("Changes")
    loads = ("actor",)
    list_template = "admin/audit/list.html"
    column_list = ("at", "actor", "source", "action", "model", "summary", "changes")
    column_details_list = (*column_list, "object_id", "address")
    column_sortable_list = ("at", "model", "action")
    newest_first = True
    words = {
        "action": lambda _view, _context, row, _name: str(ACTIONS[row.action]),
        "model": lambda _view, _context, row, _name: changes.object_name(row.model),
        "source": lambda _view, _context, row, _name: str(SOURCES.get(row.source, row.source)),
    }
    column_formatters = {**words, "actor": formats.linked, "summary": changes.linked, "changes": changes.as_list}
    column_formatters_export = {
        **words,
        "summary": lambda view, _context, row, _name: changes.name_of(row, view.names),
        "changes": changes.as_text,
    }
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
        filters.Row("actor", _("Who"), lambda number: AuditRecord.actor_id == number, User, filters.staff()),
        filters.Choice(
            "source",
            _("Way"),
            lambda word: AuditRecord.source == word,
            lambda: [(word, str(title)) for word, title in SOURCES.items()],
        ),
        filters.Row("student", _("About the student"), lambda number: AuditRecord.student_id == number, Student),
        filters.Row("user", _("About the person"), lambda number: AuditRecord.user_id == number, User),
        filters.Day("from", _("From"), lambda day: AuditRecord.at >= clock.start_of(day)),
        filters.Day("until", _("Until"), lambda day: AuditRecord.at < clock.start_of(day + timedelta(1))),
    )

    def undo_url(self, row: Any) -> str | None:
        """Where a deletion or a change is undone, for those who may do such a thing themselves."""
        return url_for("deleted.confirm", number=row.id) if undo.is_offered(row) else None

    @property
    def names(self) -> related.Names:
        """What the rows that this page tells of are called."""
        known: related.Names = self._template_args.get("related_names", {})
        return known

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """A page of records, with the names in them."""
        count, rows = super().get_list(*arguments, **options)
        if len(rows) <= related.MOST:
            self._template_args["related_names"] = related.names(rows)
        return count, rows

    def get_one(self, id: Any) -> Any:
        """The record, with the names in it."""
        row = super().get_one(id)
        self._template_args["related_names"] = related.names([row] if row is not None else [])
        return row

    def has_any(self, asked: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        """For each of ``asked``, whether its filters, named by their keys, leave any record; one statement."""
        kept = ([flt.criterion(narrowed[flt.key]) for flt in self.filters if flt.key in narrowed] for narrowed in asked)
        return db.session.execute(select(*(select(AuditRecord.id).where(*each).exists() for each in kept))).one()

    def seal_url(self) -> str | None:
        """Where it stands how far the audit is sealed, for whom that concerns."""
        return self.get_url("auditseal.index") if policy.may(acting(), AuditSeal, Action.SEE) else None


class AuditSealView(SchoolPage):
    """The head of the chain, to be printed and kept; and whether one that was kept is still in it."""

    of = AuditSeal

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Seal of the changes"), category, endpoint="auditseal", url="/admin/auditseal")

    def is_visible(self) -> bool:
        """The list of changes leads here."""
        return False

    @expose("/")
    def index(self) -> Any:
        """How far the audit is sealed."""
        kept, connection = asked.line("head", LONGEST_HEAD), db.session().connection()
        return self.render(
            "admin/audit/seal.html", head=chain.head(connection), kept=kept, said=_compared(connection, kept),
            now=acting_person().now, moment=formats.moment, school=current_app.config["SCHOOL_NAME"],
        )  # fmt: skip


def _compared(connection: Connection, kept: str) -> list[str] | None:
    """What a head that was kept says against the chain; None for what is no head."""
    try:
        return verify.against(connection, kept) if kept else None
    except ValueError:
        return None
