"""Notes of absence: a guardian announces or explains, the class teacher confirms, and it stands in the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any

from flask_babel import format_date, lazy_gettext
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app import policy
from app.journal.stamps import BY_NOTE
from app.models import (
    AbsenceNote,
    AcademicYear,
    Attendance,
    Enrollment,
    Lesson,
    Mark,
    Student,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Work,
)
from app.models.diary import RequestState
from app.models.journal import AttendanceStatus
from app.people.placement import lasting
from app.people.refusal import Refusal
from app.requests.answers import answer

BACK, AHEAD = timedelta(60), timedelta(30)
LONGEST_REASON = 200
FIRST, LAST = 0, 14  # numbers of lessons
OPEN = (RequestState.SENT, RequestState.CONFIRMED)
GIVEN = (AttendanceStatus.ILL, AttendanceStatus.EXCUSED)


@dataclass(frozen=True)
class Absence:
    """What a guardian writes: whole days, or the lessons ``first_number`` to ``last_number`` of one day."""

    starts_on: date
    ends_on: date
    first_number: int | None
    last_number: int | None
    status: AttendanceStatus
    reason: str


class Effect(Enum):
    """What a confirmed note does to one lesson of its period."""

    WRITTEN = auto()  # the absence is written
    EXPLAINED = auto()  # the absence that stands there gets its reason
    KEPT = auto()  # a mark, a lateness or a reason that somebody gave stays as it is


@dataclass(frozen=True)
class Covered:
    """A lesson of a note's period: what stands there for the student, and what the note does to it."""

    lesson: Lesson
    attendance: Attendance | None
    effect: Effect


# What a family does


def announce(session: Session, student_id: int, absence: Absence, today: date) -> AbsenceNote:
    """Write a note for the session's person. Raises Refusal, with the field to mend; commits nothing."""
    _check_days(session, absence, today)
    _check_numbers(absence)
    if not absence.reason.strip():
        raise Refusal(lazy_gettext("Write why: the class teacher reads it."), "reason")
    # Two notes that are sent at once wait for each other here, so that they cannot overlap unseen.
    student = select(Student.id).where(Student.id == student_id).with_for_update(key_share=True, of=Student)
    session.execute(student).all()
    _check_others(session, student_id, absence)
    note = AbsenceNote(
        student_id=student_id, author_id=policy.actor_of(session).user_id, starts_on=absence.starts_on,
        ends_on=absence.ends_on, first_number=absence.first_number, last_number=absence.last_number,
        status=absence.status, reason=" ".join(absence.reason.split())[:LONGEST_REASON],
        state=RequestState.SENT, created_at=policy.actor_of(session).now,
    )  # fmt: skip
    session.add(note)
    session.flush()
    return note


def notes_of(session: Session, student_id: int) -> list[AbsenceNote]:
    """The notes about a student that the person sees, the latest first; one statement."""
    rows = select(AbsenceNote).where(AbsenceNote.student_id == student_id)
    people = (joinedload(AbsenceNote.author), joinedload(AbsenceNote.answered_by))
    order = (AbsenceNote.starts_on.desc(), AbsenceNote.id.desc())
    return list(session.scalars(rows.options(*people).order_by(*order)))


def _check_days(session: Session, absence: Absence, today: date) -> None:
    first, last = absence.starts_on, absence.ends_on
    if last < first:
        raise Refusal(lazy_gettext("The last day cannot be before the first one."), "ends_on")
    if first < today - BACK:
        raise Refusal(
            lazy_gettext(
                "That is too long ago: an absence can be explained within 60 days, from %(day)s on. Write to the class "
                "teacher.", day=format_date(today - BACK, "d MMMM"),
            ), "starts_on",
        )  # fmt: skip
    if last > today + AHEAD:
        raise Refusal(
            lazy_gettext(
                "That is too far ahead: an absence can be announced for 30 days, up to %(day)s. Write to the class "
                "teacher.", day=format_date(today + AHEAD, "d MMMM"),
            ), "ends_on",
        )  # fmt: skip
    within = select(AcademicYear).where(AcademicYear.starts_on <= first, AcademicYear.ends_on >= last)
    if session.scalars(within.limit(1)).first() is None:
        raise Refusal(lazy_gettext("These days are not within one school year. Choose days of the year."), "starts_on")


def _check_numbers(absence: Absence) -> None:
    first, last = absence.first_number, absence.last_number
    if first is None and last is None:
        return
    if first is None or last is None:
        raise Refusal(lazy_gettext("Give both the first and the last lesson, or neither for the whole day."),
                      "first_number" if first is None else "last_number")  # fmt: skip
    if absence.starts_on != absence.ends_on:
        raise Refusal(lazy_gettext("Single lessons are of one day: choose one day, or leave the lessons out."),
                      "first_number")  # fmt: skip
    if not FIRST <= first <= LAST or not FIRST <= last <= LAST:
        raise Refusal(lazy_gettext("There is no lesson of that number."), "first_number")
    if last < first:
        raise Refusal(lazy_gettext("The last lesson cannot be before the first one."), "last_number")


def _check_others(session: Session, student_id: int, absence: Absence) -> None:
    """No other note, waiting or confirmed, says something about the same lessons."""
    meets = [
        AbsenceNote.student_id == student_id, AbsenceNote.state.in_(OPEN),
        AbsenceNote.starts_on <= absence.ends_on, AbsenceNote.ends_on >= absence.starts_on,
    ]  # fmt: skip
    if absence.first_number is not None:
        apart = and_(AbsenceNote.first_number <= absence.last_number, AbsenceNote.last_number >= absence.first_number)
        meets.append(or_(AbsenceNote.first_number.is_(None), apart))
    other = session.scalars(select(AbsenceNote).where(*meets).limit(1)).first()
    if other is not None:
        raise Refusal(
            lazy_gettext(
                "There is a note for these lessons already, from %(first)s to %(last)s. Withdraw it first, or choose "
                "other days.", first=format_date(other.starts_on, "d MMMM"), last=format_date(other.ends_on, "d MMMM"),
            ), "starts_on",
        )  # fmt: skip


# What the class teacher does


def confirm(session: Session, note: AbsenceNote, words: str = "") -> list[Covered]:
    """Confirm a note and write it into the journal; what became of each lesson of its period.

    All in the caller's transaction. Raises Refusal for a note that is answered already, RegulationError for lessons
    of a locked term.
    """
    answer(session, note, RequestState.CONFIRMED, words)
    lessons = covered(session, [note.id]).get(note.id, [])
    _write(session, note, lessons)
    return lessons


def covered(session: Session, notes: Collection[int]) -> dict[int, list[Covered]]:
    """The lessons of the periods of notes, as far as the person sees them; one statement for all notes.

    Cancelled lessons are not among them, nor lessons of a group that the student is not in that day.
    """
    found: dict[int, list[Covered]] = defaultdict(list)
    for note_id, lesson, attendance, is_marked in session.execute(_lessons().where(AbsenceNote.id.in_(notes))):
        found[note_id].append(Covered(lesson, attendance, _effect(attendance, is_marked)))
    return found


def _effect(attendance: Attendance | None, is_marked: bool) -> Effect:
    if is_marked:
        return Effect.KEPT
    if attendance is None:
        return Effect.WRITTEN
    unexplained = attendance.status is AttendanceStatus.ABSENT and not attendance.reason
    return Effect.EXPLAINED if unexplained else Effect.KEPT


def _write(session: Session, note: AbsenceNote, lessons: Sequence[Covered]) -> None:
    session.info[BY_NOTE] = True
    for each in lessons:
        if each.effect is Effect.WRITTEN:
            session.add(
                Attendance(
                    lesson_id=each.lesson.id, student_id=note.student_id, status=note.status, reason=note.reason,
                    entered_at=note.answered_at, entered_by_id=note.answered_by_id,
                )
            )  # fmt: skip
        elif each.effect is Effect.EXPLAINED and each.attendance is not None:
            each.attendance.status, each.attendance.reason = note.status, note.reason
    try:
        session.flush()
    finally:
        session.info.pop(BY_NOTE)


def _lessons() -> Any:
    """Notes with each lesson of their period: its attendance of the student, and whether the student has a mark."""
    membership = and_(StudyGroupMember.study_group_id == StudyGroup.id,
                      StudyGroupMember.student_id == AbsenceNote.student_id,
                      lasting(StudyGroupMember, Lesson.date))  # fmt: skip
    marked = exists().where(
        Work.lesson_id == Lesson.id, Mark.work_id == Work.id, Mark.student_id == AbsenceNote.student_id
    )
    rows: Any = (
        select(AbsenceNote.id, Lesson, Attendance, marked)
        .select_from(AbsenceNote)
        .join(Enrollment, Enrollment.student_id == AbsenceNote.student_id)
        .join(StudyGroup, StudyGroup.school_class_id == Enrollment.school_class_id)
        .join(TeachingAssignment, TeachingAssignment.study_group_id == StudyGroup.id)
        .join(Lesson, Lesson.teaching_assignment_id == TeachingAssignment.id)
        .join(TeachingAssignment.subject)
        .outerjoin(Attendance, and_(Attendance.lesson_id == Lesson.id, Attendance.student_id == AbsenceNote.student_id))
        .where(
            _in_period(),
            ~Lesson.is_cancelled,
            lasting(Enrollment, Lesson.date),
            or_(StudyGroup.is_whole_class, exists().where(membership)),
        )
        .options(contains_eager(Lesson.assignment, TeachingAssignment.subject))
        .order_by(AbsenceNote.id, Lesson.date, Lesson.number, Lesson.id)
    )
    return rows


def _in_period() -> ColumnElement[bool]:
    return and_(
        Lesson.date.between(AbsenceNote.starts_on, AbsenceNote.ends_on),
        or_(AbsenceNote.first_number.is_(None),
            Lesson.number.between(AbsenceNote.first_number, AbsenceNote.last_number)),
    )  # fmt: skip


# Lessons that change after the answer


def written_by_notes() -> ColumnElement[bool]:
    """Absences that were written into the journal by the answer to a note."""
    return exists().where(_written_by())


def _written_by() -> ColumnElement[bool]:
    """The attendance stands as the answer to the note has written it: what anybody changes has another stamp."""
    return and_(
        AbsenceNote.student_id == Attendance.student_id, AbsenceNote.state == RequestState.CONFIRMED,
        AbsenceNote.status == Attendance.status, AbsenceNote.reason == Attendance.reason,
        AbsenceNote.answered_at == Attendance.entered_at, AbsenceNote.answered_by_id == Attendance.entered_by_id,
    )  # fmt: skip


def follow(session: Session, assignment_ids: Collection[int], today: date) -> None:
    """Lessons from ``today`` on that came into the period of a confirmed note get its absence; those that left it,
    or were cancelled, lose it.

    ``session`` is one of ``policy.system()``: who moves lessons does not write absences. Commits nothing.
    """
    coming = (Lesson.teaching_assignment_id.in_(assignment_ids), Lesson.date >= today)
    left = (
        select(Attendance)
        .join(Attendance.lesson)
        .join(AbsenceNote, _written_by())
        .where(*coming, or_(Lesson.is_cancelled, ~_in_period()))
    )
    for attendance in session.scalars(left).unique().all():
        session.delete(attendance)
    session.flush()
    without = (AbsenceNote.state == RequestState.CONFIRMED, Attendance.id.is_(None))
    rows = _lessons().where(*coming, *without).with_only_columns(AbsenceNote, Lesson)
    for note, lesson in session.execute(rows).all():
        _write(session, note, [Covered(lesson, None, Effect.WRITTEN)])
