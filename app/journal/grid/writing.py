"""Writes one edit into its row, and says afterwards what stands there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import singledispatch
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.journal.grid.ground import Ground
from app.journal.grid.incoming import (
    TAKEN,
    AttendanceEdit,
    CommentEdit,
    Edit,
    FinalEdit,
    FirstMarkEdit,
    LessonEdit,
    MarkEdit,
    RollCallEdit,
)
from app.journal.grid.letters import FINAL_WORDS, LETTERS
from app.journal.grid.state import late_from, work_row
from app.models import Attendance, AuditRecord, FinalMark, Lesson, Mark, RollCall, StaffNote, User, Work
from app.models.journal import FinalMarkKind
from app.people.refusal import Refusal

Result = dict[str, Any]
"""An answer as the protocol has it: key, status, value, version, message."""

Outcome = Callable[[], Result]
"""The answer to an edit, asked for once the rows are written and have their versions."""


def write(session: Session, ground: Ground, edit: Edit) -> Outcome:
    """Put the edit into the session; the answer comes after the flush."""
    try:
        return _write(edit, session, ground)
    except Refusal as refusal:
        answer = refused(edit.key, refusal.message)
        return lambda: answer


def refused(key: str, message: Any) -> Result:
    """Not written, and why."""
    return {"key": key, "status": "refused", "message": str(message)}


def _saved(edit: Edit, value: str, row: Any, **further: Any) -> Outcome:
    """``row`` holds the value now; None when it was cleared."""
    return lambda: {
        "key": edit.key,
        "status": "saved",
        "value": value,
        "version": row.version if row is not None else 0,
        **further,
    }


def _is_behind(edit: Edit, row: Any) -> bool:
    """Whether something stands there that the browser has not seen."""
    return edit.version != (row.version if row is not None else 0)


def _conflict(edit: Edit, value: str, row: Any, change: tuple[Any, Any] | None) -> Outcome:
    """Nothing is written; who wrote what stands there, as far as it is known."""
    by, at = change or (None, None)
    result = {
        "key": edit.key,
        "status": "conflict",
        "value": value,
        "version": row.version if row is not None else 0,
        "by": by.short_name if by else "",
        "at": at.isoformat() if at else None,
        "message": gettext("Somebody else has changed this meanwhile. Choose what shall stand."),
    }
    return lambda: result


def _entered(session: Session, row: Any) -> tuple[Any, Any]:
    by = session.get(User, row.entered_by_id) if row.entered_by_id else None
    return by, row.entered_at


def _recorded(session: Session, lesson_id: int | None, *which: Any) -> tuple[Any, Any] | None:
    """The last change in the lesson of that kind, from the audit."""
    return session.execute(
        select(User, AuditRecord.at)
        .outerjoin(User, User.id == AuditRecord.actor_id)
        .select_from(AuditRecord)
        .where(*which, *([AuditRecord.lesson_id == lesson_id] if lesson_id else []))
        .order_by(AuditRecord.id.desc())
        .limit(1)
    ).first()


@singledispatch
def _write(edit: Edit, session: Session, ground: Ground) -> Outcome:
    raise NotImplementedError(type(edit))


@_write.register
def _write_mark(edit: MarkEdit, session: Session, ground: Ground) -> Outcome:
    return _put_mark(edit, session, ground, ground.work(edit.work_id), edit.value)


@_write.register
def _write_first_mark(edit: FirstMarkEdit, session: Session, ground: Ground) -> Outcome:
    place = ground.place(edit.lesson_id, marked=True)
    if edit.lesson_id not in ground.first_works:
        ground.first_works[edit.lesson_id] = _first_work(session, place.lesson)
    work = ground.first_works[edit.lesson_id]
    written = _put_mark(edit, session, ground, work, edit.value)
    return lambda: written() | {"work": work_row(work)}


def _first_work(session: Session, lesson: Lesson) -> Work:
    """The work made for a mark in a lesson without one; two at the same moment make one (the row is locked)."""
    locked = select(Lesson.id).where(Lesson.id == lesson.id).with_for_update(of=Lesson)
    session.execute(locked)
    made = session.scalars(select(Work).where(Work.lesson_id == lesson.id).order_by(Work.id).limit(1)).first()
    if made is None:
        made = Work(lesson=lesson)
        session.add(made)
    return made


def _put_mark(edit: Any, session: Session, ground: Ground, work: Work, value: int | None) -> Outcome:
    lesson = ground.places[work.lesson_id or work.lesson.id].lesson
    where = (work.id, edit.student_id)
    row = ground.marks.get(where) if work.id else None
    wanted = str(value or "")
    if str(row.value if row else "") == wanted:
        return _saved(edit, wanted, row, **_late(lesson.date, row))
    if _is_behind(edit, row):
        change = _entered(session, row) if row else _cleared(session, Mark, lesson.id, edit.student_id)
        return _conflict(edit, str(row.value if row else ""), row, change)
    if value is None:
        session.delete(row)
        del ground.marks[where]
        return _saved(edit, "", None)
    if row is None:
        row = Mark(work=work, student_id=edit.student_id, value=value)
        session.add(row)
        if work.id:
            ground.marks[where] = row
    row.value = value
    return lambda: _saved(edit, wanted, row, **_late(lesson.date, row))()


def _late(day: date, mark: Mark | None) -> dict[str, int]:
    """The flag of a mark that came later than a week."""
    return {"late": 1} if mark is not None and mark.entered_at and mark.entered_at >= late_from(day) else {}


def _cleared(session: Session, model: type[Any], lesson_id: int, student_id: int) -> tuple[Any, Any] | None:
    which = (AuditRecord.model == model.__name__, AuditRecord.student_id == student_id)
    return _recorded(session, lesson_id, *which)


@_write.register
def _write_comment(edit: CommentEdit, session: Session, ground: Ground) -> Outcome:
    work = ground.work(edit.work_id)
    mark = ground.marks.get((edit.work_id, edit.student_id))
    if mark is None:
        raise Refusal(gettext("There is no mark to comment on. Give the mark first."))
    if _is_behind(edit, mark):
        change = _recorded(session, work.lesson_id, AuditRecord.student_id == edit.student_id)
        return _conflict(edit, str(mark.value), mark, change or _entered(session, mark))
    if edit.comment is not None:
        mark.comment = edit.comment
    if edit.note is not None:
        _put_note(session, mark, edit.note)
    return _saved(edit, str(mark.value), mark)


def _put_note(session: Session, mark: Mark, text: str) -> None:
    """Write, change or take away the note; the mark's version tells others that something changed."""
    if mark.note is None:
        mark.note = StaffNote(text=text) if text else None
    elif text:
        mark.note.text = text
    else:
        session.delete(mark.note)
    flag_modified(mark, "comment")


@_write.register
def _write_attendance(edit: AttendanceEdit, session: Session, ground: Ground) -> Outcome:
    place = ground.place(edit.lesson_id, marked=False)
    where = (edit.lesson_id, edit.student_id)
    row = ground.attendance.get(where)
    wanted, stands = LETTERS.get(edit.status, ""), LETTERS[row.status] if row else ""  # type: ignore[arg-type]
    if wanted == stands:
        return _saved(edit, wanted, row)
    if _is_behind(edit, row):
        change = _entered(session, row) if row else _cleared(session, Attendance, edit.lesson_id, edit.student_id)
        return _conflict(edit, stands, row, change)
    if edit.status is None:
        session.delete(row)
        return _saved(edit, "", None)
    if row is None:
        row = Attendance(lesson=place.lesson, student_id=edit.student_id, status=edit.status)
        session.add(row)
    row.status = edit.status
    return _saved(edit, wanted, row)


@_write.register
def _write_roll_call(edit: RollCallEdit, session: Session, ground: Ground) -> Outcome:
    """Whoever takes it first has taken it; said again it changes nothing, so there is no version to be behind."""
    lesson = ground.place(edit.lesson_id, marked=False).lesson
    row = ground.roll_calls.get(lesson.id)
    if edit.is_taken and row is None:
        session.add(RollCall(lesson=lesson))
    elif not edit.is_taken and row is not None:
        session.delete(row)
    return _saved(edit, TAKEN if edit.is_taken else "", None)


@_write.register
def _write_lesson(edit: LessonEdit, session: Session, ground: Ground) -> Outcome:
    lesson = ground.place(edit.lesson_id, marked=edit.field == "homework" and bool(edit.text)).lesson
    stands = getattr(lesson, edit.field)
    if stands == edit.text:
        return _saved(edit, stands, lesson)
    if _is_behind(edit, lesson):
        change = _recorded(session, lesson.id, AuditRecord.model == "Lesson")
        return _conflict(edit, stands, lesson, change)
    setattr(lesson, edit.field, edit.text)
    return _saved(edit, edit.text, lesson)


@_write.register
def _write_final(edit: FinalEdit, session: Session, ground: Ground) -> Outcome:
    row = ground.finals.get((edit.kind, edit.term_id, edit.student_id))
    wanted = FINAL_WORDS[edit.value] if edit.value else ""
    stands = FINAL_WORDS[row.value] if row else ""
    if wanted == stands and (row is None or row.reason == edit.reason or not edit.reason):
        return _saved(edit, wanted, row)
    if _is_behind(edit, row):
        return _conflict(edit, stands, row, _entered(session, row) if row else None)
    if edit.value is None:
        session.delete(row)
        return _saved(edit, "", None)
    if row is None:
        row = _new_final(edit, ground)
        session.add(row)
    row.value, row.reason = edit.value, edit.reason
    return _saved(edit, wanted, row)


def _new_final(edit: FinalEdit, ground: Ground) -> FinalMark:
    return FinalMark(
        student_id=edit.student_id,
        subject_id=ground.assignment.subject_id,
        academic_year_id=ground.assignment.study_group.school_class.academic_year_id,
        assignment=ground.assignment,
        kind=edit.kind,
        term_id=edit.term_id if edit.kind is FinalMarkKind.TERM else None,
        value=edit.value,
    )
