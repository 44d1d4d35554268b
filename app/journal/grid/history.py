"""What a cell was before: who changed it, when, from what to what. Read from the audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.journal.grid.letters import FINAL_WORDS, LETTERS
from app.models import AuditRecord, FinalMark, User
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue

Row = dict[str, Any]
MOST = 100

MARK = {"value": "mark", "comment": "comment"}
ATTENDANCE = {"status": "attendance", "reason": "reason"}
NOTE = {"text": "note"}
LESSON = {"topic": "topic", "homework": "homework", "is_cancelled": "cancelled", "substitute_id": "substitute"}
FINAL = {"value": "final mark", "reason": "reason"}


def of_mark(session: Session, lesson_id: int, work_id: int, student_id: int) -> list[Row]:
    """The mark of a student for a work, with comment and note, also of marks that were cleared."""
    records = _records(
        session,
        and_(AuditRecord.lesson_id == lesson_id, AuditRecord.model.in_(("Mark", "StaffNote"))),
        or_(AuditRecord.student_id == student_id, AuditRecord.student_id.is_(None)),
    )
    marks = {record.object_id for record, _by in records if record.model == "Mark" and _is_of(record, work_id)}
    notes = {
        record.object_id
        for record, _by in records
        if record.model == "StaffNote" and set(record.changes.get("mark_id", ())) & marks
    }
    return [
        row
        for record, by in records
        for row in _rows(record, by, MARK if record.model == "Mark" else NOTE)
        if record.object_id in (marks if record.model == "Mark" else notes)
    ]


def _is_of(record: AuditRecord, work_id: int) -> bool:
    return work_id in record.changes.get("work_id", ())


def of_attendance(session: Session, lesson_id: int, student_id: int) -> list[Row]:
    """The attendance of a student in a lesson."""
    records = _records(
        session,
        AuditRecord.lesson_id == lesson_id,
        AuditRecord.model == "Attendance",
        AuditRecord.student_id == student_id,
    )
    return _all_rows(records, ATTENDANCE)


def of_lesson(session: Session, lesson_id: int) -> list[Row]:
    """Topic, homework, cancellation and substitute of a lesson."""
    rows = _all_rows(_records(session, AuditRecord.model == "Lesson", AuditRecord.object_id == lesson_id), LESSON)
    people = {int(row[side]) for row in rows if row["what"] == "substitute" for side in ("old", "new") if row[side]}
    names = {person.id: person.short_name for person in session.scalars(select(User).where(User.id.in_(people)))}
    for row in rows:
        if row["what"] == "substitute":
            row |= {side: names.get(int(row[side]), "?") for side in ("old", "new") if row[side]}
    return rows


def of_final_mark(
    session: Session, subject_id: int, year_id: int, student_id: int, kind: FinalMarkKind, term_id: int | None
) -> list[Row]:
    """A final mark of a student, also of one that was cleared."""
    records = _records(session, AuditRecord.model == "FinalMark", AuditRecord.student_id == student_id)
    standing = session.scalars(
        select(FinalMark.id).where(
            FinalMark.student_id == student_id,
            FinalMark.subject_id == subject_id,
            FinalMark.academic_year_id == year_id,
            FinalMark.kind == kind,
            FinalMark.term_id == term_id,
        )
    )
    wanted = {"subject_id": subject_id, "academic_year_id": year_id, "kind": kind.value, "term_id": term_id}
    numbers = set(standing) | {
        record.object_id
        for record, _by in records
        if all(value is None or value in record.changes.get(name, ()) for name, value in wanted.items())
    }
    return _all_rows([one for one in records if one[0].object_id in numbers], FINAL)


def _records(session: Session, *which: ColumnElement[bool]) -> Sequence[tuple[AuditRecord, User | None]]:
    """Records of the audit that the person may see, newest first, with who made them."""
    rows = session.execute(
        select(AuditRecord, User)
        .outerjoin(User, User.id == AuditRecord.actor_id)
        .where(*which)
        .order_by(AuditRecord.id.desc())
        .limit(MOST)
    )
    return [(record, by) for record, by in rows]


def _all_rows(records: Iterable[tuple[AuditRecord, User | None]], names: dict[str, str]) -> list[Row]:
    return [row for record, by in records for row in _rows(record, by, names)]


def _rows(record: AuditRecord, by: User | None, names: dict[str, str]) -> list[Row]:
    """A line for each column that changed."""
    return [
        {
            "at": record.at.isoformat(),
            "by": by.short_name if by else "",
            "what": word,
            "old": _shown(record.model, name, record.changes[name][0]),
            "new": _shown(record.model, name, record.changes[name][1]),
        }
        for name, word in names.items()
        if name in record.changes and any(record.changes[name])
    ]


def _shown(model: str, name: str, value: Any) -> str:
    if value in (None, False):
        return ""
    if value is True:
        return "✓"
    if name == "status":
        return LETTERS[AttendanceStatus(value)]  # type: ignore[call-arg]
    if model == "FinalMark" and name == "value":
        return FINAL_WORDS[FinalMarkValue(value)]  # type: ignore[call-arg]
    return str(value)
