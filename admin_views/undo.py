"""Undo: what was deleted in the last 30 days, and the page that asks before something comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views import asked, changes, formats, related
from admin_views.base import SAID, SchoolPage, acting, acting_person, explanation
from app import audit, policy
from app.extensions import begin_writing, db
from app.models import AuditRecord
from app.people.refusal import Refusal
from app.policy import Action
from app.undo import changed, deleted, history
from app.undo.kinds import UNDOABLE
from app.undo.obstacles import Obstacle

PAGE = 30
SHOWN = 100
"""Rows that are told one by one before they come back."""


class DeletedView(SchoolPage):
    """Whoever may delete something may bring it back."""

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Deleted in the last 30 days"), category, endpoint="deleted", url="/admin/deleted")

    def is_accessible(self) -> bool:
        """For those who may delete something."""
        return bool(_kinds())

    # What was deleted

    @expose("/")
    def index(self) -> Any:
        """Deletions, newest first."""
        session, person, kinds = db.session(), acting_person(), _kinds()
        titles = sorted(((name, changes.object_name(name)) for name in kinds), key=lambda pair: pair[1].lower())
        kind = request.args.get("kind", "")
        page = (asked.number("page") or 1) - 1
        wanted = [kind] if kind in kinds else kinds
        found = history.deletions(session, person.now, wanted, page, PAGE)
        return self.render(
            "admin/undo/list.html", found=found[:PAGE], more=len(found) > PAGE, page=page, kind=kind, kinds=titles,
            **_words([each.head for each in found]),
        )  # fmt: skip

    # One thing

    @expose("/<int:number>/", methods=("GET", "POST"))
    def confirm(self, number: int) -> Any:
        """What a record of the audit tells of: what will be written, what stands in the way; and to write it."""
        record = self._record(number)
        return self._deletion(record) if record.action == "delete" else self._change(record)

    def _deletion(self, record: AuditRecord) -> Any:
        session, now, whole = db.session(), acting_person().now, request.args.get("all") == "1"
        if request.method == "POST" and self.carry_out(lambda: _brought_back(record, whole)):
            return redirect(self._place_of(record))
        problem = None
        if request.method == "GET":
            problem = _rehearsed(
                lambda: deleted.bring_back(session, deleted.plan(session, record, now, whole=whole), now)
            )
        try:
            plan = deleted.plan(session, record, now, whole=whole)
        except Refusal as refusal:
            return self._refused(record, refusal)
        others = 0 if whole else len(history.unit(session, record, now)) - len(plan.records) - len(plan.lost)
        return self.render(
            "admin/undo/deleted.html", record=record, plan=plan, whole=whole, others=others, SHOWN=SHOWN,
            problem=None if plan.obstacles or problem is None else explanation(problem), notes=_notes(plan),
            obstacles=self._obstacles(plan.obstacles), **_words([record, *plan.records[:SHOWN]]),
        )  # fmt: skip

    def _change(self, record: AuditRecord) -> Any:
        session, now = db.session(), acting_person().now
        if request.method == "POST" and self.carry_out(lambda: _put_back(record, request.form.get("seen", ""))):
            return redirect(self._place_of(record))
        problem = None
        if request.method == "GET":
            problem = _rehearsed(lambda: changed.put_back(session, changed.plan(session, record, now), now))
        try:
            plan = changed.plan(session, record, now)
        except Refusal as refusal:
            return self._refused(record, refusal)
        said = [(_step(record, line), line.changed_since) for line in plan.lines]
        return self.render(
            "admin/undo/changed.html", record=record, plan=plan, said=said,
            problem=None if plan.obstacles or problem is None else explanation(problem),
            obstacles=self._obstacles(plan.obstacles), **_words([record, *(step for step, _since in said)]),
        )  # fmt: skip

    def _refused(self, record: AuditRecord, refusal: Refusal) -> Any:
        gone = history.deletion_of(db.session(), history.of(record), acting_person().now)
        return self.render(
            "admin/undo/refused.html", record=record, reason=str(refusal), first=gone if gone != record else None,
            obstacles=[], **_words([record]),
        )  # fmt: skip

    def _obstacles(self, found: list[Obstacle]) -> list[dict[str, Any]]:
        names = related.names([each.deletion for each in found if each.deletion is not None])
        return [self._obstacle(each, names) for each in found]

    def _obstacle(self, found: Obstacle, names: related.Names) -> dict[str, Any]:
        """What stands in the way, with a link to what there is of it."""
        if found.needs is None:
            return {"stands": formats.linked(self, None, found, "stands")}
        model, number = found.needs
        needed = {"kind": changes.object_name(model), "number": number}
        if found.deletion is None:
            return needed
        url = self.get_url(".confirm", number=found.deletion.id)
        return needed | {"deleted": Markup('<a href="{}">{}</a>').format(url, _called(found.deletion, names))}

    def _record(self, number: int) -> AuditRecord:
        rows = select(AuditRecord).where(AuditRecord.id == number).options(joinedload(AuditRecord.actor))
        return db.session.scalars(rows).one_or_none() or abort(404)

    def _place_of(self, record: AuditRecord) -> Any:
        """The screen of what came back, or the list."""
        view = next((v for v in self.admin._views if getattr(v, "endpoint", "") == record.model.lower()), None)
        row = db.session.get(UNDOABLE[record.model], record.object_id)
        if view is None or row is None or not view.is_accessible():
            return self.get_url(".index")
        return url_for(f"{view.endpoint}.details_view", id=row.id)


def is_offered(record: AuditRecord) -> bool:
    """Whether the person may do what a record tells of, so that undoing it is theirs to ask for."""
    model, asks = UNDOABLE.get(record.model), {"delete": Action.DELETE, "change": Action.CHANGE}.get(record.action)
    return model is not None and asks is not None and bool(_kinds()) and policy.may(acting(), model, asks)


def _called(record: AuditRecord, names: related.Names) -> str:
    """What the row was called; its number where it has no name."""
    name = changes.name_of(record, names)
    return name if name and not name.startswith("<") else f"№ {record.object_id}"


def _kinds() -> list[str]:
    """Kinds of rows that the person may delete."""
    return [name for name, model in UNDOABLE.items() if policy.may(acting(), model, Action.DELETE)]


def _rehearsed(change: Callable[[], Any]) -> Exception | None:
    """What the rights, the regulation and the database say of ``change``; nothing of it stays."""
    session = db.session()
    session.rollback()
    begin_writing(session)
    try:
        change()
    except SAID as problem:
        return problem
    finally:
        session.rollback()
    return None


def _brought_back(record: AuditRecord, whole: bool) -> str:
    session, now = db.session(), acting_person().now
    plan = deleted.plan(session, record, now, whole=whole)
    with audit.coming_from(audit.Source.UNDO):
        deleted.bring_back(session, plan, now)
    if plan.accounts:
        flash(gettext("Passwords are not kept: give access anew to those who came back."), "warning")
    return ngettext("%(num)d record is back.", "%(num)d records are back.", len(plan.records))


def _put_back(record: AuditRecord, seen: str) -> str:
    session, now = db.session(), acting_person().now
    plan = changed.plan(session, record, now)
    if plan.seen != seen:
        raise Refusal(_("It was changed while you looked at it. Nothing was written: look once more."))
    with audit.coming_from(audit.Source.UNDO):
        changed.put_back(session, plan, now)
    return gettext("It stands again as it did before the change.")


def _notes(plan: deleted.Plan) -> list[str]:
    """What comes back otherwise than it was."""
    told = []
    if plan.accounts:
        told.append(gettext("Passwords are not kept: whoever comes back has to be given access anew."))
    if plan.files:
        told.append(gettext("The picture of the news is not kept: add it again."))
    if plan.lost:
        told.append(ngettext("%(num)d file does not come back: add it again.",
                             "%(num)d files or other records do not come back: add them again.",
                             len(plan.lost)))  # fmt: skip
    if plan.renumbered:
        told.append(ngettext("%(num)d record gets a new number, because the old one is taken.",
                             "%(num)d records get new numbers, because the old ones are taken.",
                             len(plan.renumbered)))  # fmt: skip
    if plan.unlinked:
        told.append(gettext("Some of the classes it was for are gone: it comes back without them."))
    if plan.unstamped:
        told.append(ngettext("Of %(num)d mark or absence it is not known who entered it: it will be you, today.",
                             "Of %(num)d marks or absences it is not known who entered them: it will be you, today.",
                             plan.unstamped))  # fmt: skip
    return told


def _step(record: AuditRecord, line: changed.Line) -> AuditRecord:
    """«Room: 14 → 12» as the record of the change that will be made."""
    step = {line.column: [line.now, line.before]}
    return AuditRecord(model=record.model, object_id=record.object_id, action="change", changes=step)


def _words(records: Sequence[AuditRecord]) -> dict[str, Any]:
    """How the pages name what the records tell of."""
    names = related.names(records)
    return {
        "title_of": changes.object_name, "name_of": partial(_called, names=names),
        "lines": partial(changes.lines, names=names), "moment": formats.moment,
    }  # fmt: skip
