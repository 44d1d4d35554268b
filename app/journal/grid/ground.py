"""What edits stand on: the rows they change and the lessons these stand in, read set-wise, as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

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
    found = _fresh(session, select(Work).where(Work.id.in_(work_ids) | Work.lesson_id.in_(first)).order_by(Work.id))
    works = {work.id: work for work in found}
    lesson_ids |= {work.lesson_id for work in works.values()}
    places = _places(session, assignment.id, lesson_ids)
    works = {number: work for number, work in works.items() if work.lesson_id in places}
    first_works: dict[int, Work] = {}
    for work in works.values():
        if work.lesson_id in first:
            first_works.setdefault(work.lesson_id, work)
    return Ground(
        assignment,
        places,
        works,
        first_works,
        _marks(
            session,
            works,
            {edit.student_id for edit in marked},
        ),
        _attendance(session, [edit for edit in edits if isinstance(edit, AttendanceEdit)]),
        _finals(session, assignment, {edit.student_id for edit in edits if isinstance(edit, FinalEdit)}),
        _roll_calls(session, {edit.lesson_id for edit in edits if isinstance(edit, RollCallEdit)}),
    )


def _fresh(session: Session, rows: Any) -> Iterable[Any]:
    """Rows as the database has them now, also those that the session knows."""
    return session.scalars(rows.execution_options(populate_existing=True))


def _places(session: Session, assignment_id: int, ids: set[int]) -> dict[int, Place]:
    if not ids:
        return {}
    written = policy.criterion(policy.actor_of(session), Lesson, Action.CHANGE, policy.TAUGHT)
    rows = session.execute(
        select(Lesson, written, without_marks())
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .where(Lesson.id.in_(ids), Lesson.teaching_assignment_id == assignment_id)
        .execution_options(populate_existing=True)
    )
    return {lesson.id: Place(lesson, bool(is_written), not unmarked) for lesson, is_written, unmarked in rows}


def _marks(session: Session, works: dict[int, Work], students: set[int]) -> dict[tuple[int, int], Mark]:
    if not works:
        return {}
    rows = select(Mark).where(Mark.work_id.in_(works), Mark.student_id.in_(students))
    rows = rows.options(joinedload(Mark.note), joinedload(Mark.student))
    return {(mark.work_id, mark.student_id): mark for mark in _fresh(session, rows)}


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
