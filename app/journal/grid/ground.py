"""What edits stand on: the rows they change and the lessons these stand in, read set-wise, as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app import policy
from app.journal.grid.incoming import (
    AttendanceEdit,
    CommentEdit,
    Edit,
    FinalEdit,
    FirstMarkEdit,
    LessonEdit,
    MarkEdit,
    RollCallEdit,
)
from app.models import (
    Attendance,
    FinalMark,
    Lesson,
    Mark,
    RollCall,
    SchoolClass,
    StudyGroup,
    TeachingAssignment,
    Work,
)
from app.people.refusal import Refusal
from app.policy import Action
from app.policy.kept import kept
from app.policy.table import EXPLANATIONS
from app.regulation import NO_MARKS, without_marks

NO_LESSON = lazy_gettext("This lesson is no longer in the journal. Reload the page.")
NO_WORK = lazy_gettext("This work is no longer in the journal. Reload the page.")
CANCELLED = lazy_gettext("The lesson is cancelled: nothing is entered in it.")


@dataclass(frozen=True)
class Place:
    """A lesson of the journal; ``is_written`` by the person, ``takes_marks`` by the regulation."""

    lesson: Lesson
    is_written: bool
    takes_marks: bool


@dataclass
class Ground:
    """Rows by what finds them. ``first_works`` is the first work of each lesson that has one."""

    assignment: TeachingAssignment
    places: dict[int, Place]
    works: dict[int, Work]
    first_works: dict[int, Work]
    marks: dict[tuple[int, int], Mark]
    attendance: dict[tuple[int, int], Attendance]
    finals: dict[tuple[Any, ...], FinalMark]
    roll_calls: dict[int, RollCall]

    def place(self, lesson_id: int, *, marked: bool) -> Place:
        """The lesson that the person writes in. Raises Refusal; ``marked``: it is to take a mark or homework."""
        place = self.places.get(lesson_id)
        if place is None:
            raise Refusal(NO_LESSON)
        if not place.is_written:
            raise Refusal(EXPLANATIONS[Lesson])
        if place.lesson.is_cancelled:
            raise Refusal(CANCELLED)
        if marked and not place.takes_marks:
            raise Refusal(NO_MARKS)
        return place

    def work(self, work_id: int) -> Work:
        """The work of a lesson that the person writes in. Raises Refusal."""
        work = self.works.get(work_id)
        if work is None:
            raise Refusal(NO_WORK)
        self.place(work.lesson_id, marked=True)
        return work


def read_ground(session: Session, assignment: TeachingAssignment, edits: Sequence[Edit]) -> Ground:
    """The rows that ``edits`` are about, in the journal of ``assignment``."""
    marked = [edit for edit in edits if isinstance(edit, MarkEdit | CommentEdit | FirstMarkEdit)]
    lesson_ids = {
        edit.lesson_id for edit in edits if isinstance(edit, AttendanceEdit | LessonEdit | FirstMarkEdit | RollCallEdit)
    }
    work_ids = {edit.work_id for edit in edits if isinstance(edit, MarkEdit | CommentEdit)}
    first = {edit.lesson_id for edit in edits if isinstance(edit, FirstMarkEdit)}
    works, places = _works(session, assignment.id, work_ids, first)
    first_works: dict[int, Work] = {}
    for work in works.values():
        if work.lesson_id in first:
            first_works.setdefault(work.lesson_id, work)
    return Ground(
        assignment,
        places | _places(session, assignment.id, lesson_ids - places.keys()),
        works,
        first_works,
        _marks(session, works, marked),
        _attendance(session, [edit for edit in edits if isinstance(edit, AttendanceEdit)]),
        _finals(session, assignment, {edit.student_id for edit in edits if isinstance(edit, FinalEdit)}),
        _roll_calls(session, {edit.lesson_id for edit in edits if isinstance(edit, RollCallEdit)}),
    )


def _fresh(session: Session, rows: Any) -> Iterable[Any]:
    """Rows as the database has them now, also those that the session knows."""
    return session.scalars(rows.execution_options(populate_existing=True))


def _in_journal(rows: Any) -> Any:
    """``rows`` of lessons of the assignment ``assignment_id`` with what is about them."""
    return kept(
        rows.join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .where(Lesson.teaching_assignment_id == bindparam("assignment_id"))
        .execution_options(populate_existing=True)
    )


@lru_cache(maxsize=64)
def _lessons_with(written: ColumnElement[bool]) -> Any:
    lessons = select(Lesson, written, without_marks()).where(Lesson.id.in_(bindparam("ids", expanding=True)))
    return _in_journal(lessons)


@lru_cache(maxsize=64)
def _works_with(written: ColumnElement[bool]) -> Any:
    ids: Any = bindparam("works", expanding=True)
    lessons: Any = bindparam("lessons", expanding=True)
    return _in_journal(
        select(Lesson, written, without_marks(), Work)
        .join_from(Lesson, Work, Work.lesson_id == Lesson.id)
        .where(Work.id.in_(ids) | Work.lesson_id.in_(lessons))
        .order_by(Work.id)
    )


def _written(session: Session) -> ColumnElement[bool]:
    return policy.granted(session, Lesson, Action.CHANGE, policy.TAUGHT)


def _place(lesson: Lesson, is_written: Any, unmarked: Any) -> Place:
    return Place(lesson, bool(is_written), not unmarked)


def _works(
    session: Session, assignment_id: int, ids: set[int], lessons: set[int]
) -> tuple[dict[int, Work], dict[int, Place]]:
    """Works by number, those of ``lessons`` too, and the places they stand in."""
    if not ids and not lessons:
        return {}, {}
    asked = {"assignment_id": assignment_id, "works": list(ids), "lessons": list(lessons)}
    works, places = {}, {}
    for lesson, is_written, unmarked, work in session.execute(_works_with(_written(session)), asked):
        works[work.id] = work
        places[lesson.id] = _place(lesson, is_written, unmarked)
    return works, places


def _places(session: Session, assignment_id: int, ids: set[int]) -> dict[int, Place]:
    if not ids:
        return {}
    rows = session.execute(_lessons_with(_written(session)), {"assignment_id": assignment_id, "ids": list(ids)})
    return {lesson.id: _place(lesson, is_written, unmarked) for lesson, is_written, unmarked in rows}


_MARKS = (
    select(Mark)
    .where(
        Mark.work_id.in_(bindparam("works", expanding=True)), Mark.student_id.in_(bindparam("students", expanding=True))
    )
    .options(joinedload(Mark.student))
    .execution_options(populate_existing=True)
)
_PLAIN_MARKS, _MARKS_WITH_NOTES = kept(_MARKS), kept(_MARKS.options(joinedload(Mark.note)))


def _marks(session: Session, works: dict[int, Work], edits: Sequence[Any]) -> dict[tuple[int, int], Mark]:
    """Marks in the works, each with its student; with its note where the note is changed or goes along."""
    if not works:
        return {}
    noted = any(isinstance(edit, CommentEdit) or edit.value is None for edit in edits)
    asked = {"works": list(works), "students": list({edit.student_id for edit in edits})}
    marks = session.scalars(_MARKS_WITH_NOTES if noted else _PLAIN_MARKS, asked)
    return {(mark.work_id, mark.student_id): _in(mark, works) for mark in marks}


def _in(mark: Mark, works: dict[int, Work]) -> Mark:
    """The mark with its work, which was read already."""
    set_committed_value(mark, "work", works[mark.work_id])
    return mark


def _attendance(session: Session, edits: Sequence[AttendanceEdit]) -> dict[tuple[int, int], Attendance]:
    if not edits:
        return {}
    rows = select(Attendance).where(
        Attendance.lesson_id.in_({edit.lesson_id for edit in edits}),
        Attendance.student_id.in_({edit.student_id for edit in edits}),
    )
    found = _fresh(session, rows.options(joinedload(Attendance.student)))
    return {(row.lesson_id, row.student_id): row for row in found}


def _roll_calls(session: Session, lessons: set[int]) -> dict[int, RollCall]:
    if not lessons:
        return {}
    return {row.lesson_id: row for row in _fresh(session, select(RollCall).where(RollCall.lesson_id.in_(lessons)))}


def _finals(session: Session, assignment: TeachingAssignment, students: set[int]) -> dict[tuple[Any, ...], FinalMark]:
    if not students:
        return {}
    rows = select(FinalMark).where(
        FinalMark.subject_id == assignment.subject_id,
        FinalMark.academic_year_id == assignment.study_group.school_class.academic_year_id,
        FinalMark.student_id.in_(students),
    )
    found = _fresh(session, rows.options(joinedload(FinalMark.student)))
    return {(row.kind, row.term_id, row.student_id): row for row in found}
