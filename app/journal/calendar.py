"""Lessons from the timetable: which lessons the weekly timetable gives in a span of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from app.models import AcademicYear, Holiday, Lesson, SchoolClass, StudyGroup, TeachingAssignment, Term, TimetableSlot
from app.models.people import TermKind

FLUSHED_AT_ONCE = 2_000  # the rules ask for written rows by number, and a statement holds only so many
LessonKey = tuple[int, date, int]
"""Assignment, date and number: what makes two lessons the same."""


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def within(self, other: Span) -> Span:
        """The days that both have; an empty span when there are none."""
        return Span(max(self.first, other.first), min(self.last, other.last))


@dataclass(frozen=True)
class Slot:
    """A weekly lesson of an assignment; ``weekday`` is ISO's, 1 for Monday; ``valid`` bounds its days."""

    assignment_id: int
    weekday: int
    number: int
    room: str
    valid: Span


@dataclass(frozen=True, order=True)
class PlannedLesson:
    """A lesson that the timetable gives."""

    date: date
    number: int
    teaching_assignment_id: int
    room: str

    @property
    def key(self) -> LessonKey:
        """What makes it the same lesson as one that is written."""
        return self.teaching_assignment_id, self.date, self.number


def school_days(days: Span, terms: Sequence[Span], holidays: Sequence[Span]) -> Iterator[date]:
    """Days of ``days`` that lie in a term and in no holiday, in order, weekends included."""
    for offset in range((days.last - days.first).days + 1):
        day = days.first + timedelta(offset)
        if any(day in term for term in terms) and not any(day in holiday for holiday in holidays):
            yield day


def planned_lessons(
    slots: Iterable[Slot], terms: Sequence[Span], holidays: Sequence[Span], days: Span
) -> Iterator[PlannedLesson]:
    """Lessons of ``slots`` on the school days of ``days``, ordered by day.

    ``terms`` are those the class of the slots is taught by.
    """
    by_weekday: defaultdict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_weekday[slot.weekday].append(slot)
    for day in school_days(days, terms, holidays):
        for slot in by_weekday[day.isoweekday()]:
            if day in slot.valid:
                yield PlannedLesson(day, slot.number, slot.assignment_id, slot.room)


def generate_lessons(session: Session, year: AcademicYear, days: Span | None = None) -> int:
    """Write the lessons of ``year`` that the timetable gives and that are missing; give back how many.

    ``days`` bounds them, the whole year without it. Lessons that exist stay as they are, so that it
    can be called again. The caller commits.
    """
    whole_year = Span(year.starts_on, year.ends_on)
    days = whole_year.within(days or whole_year)
    written = _written(session, year, days)
    missing = [lesson for lesson in timetabled(session, year, days) if lesson.key not in written]
    for start in range(0, len(missing), FLUSHED_AT_ONCE):
        session.add_all(Lesson(**asdict(lesson)) for lesson in missing[start : start + FLUSHED_AT_ONCE])
        session.flush()
    return len(missing)


def timetabled(
    session: Session, year: AcademicYear, days: Span, class_ids: Collection[int] | None = None
) -> list[PlannedLesson]:
    """What the timetable of classes (None: every class of the year) gives, each by the terms of its own kind."""
    holidays, terms = calendar_of(session, year)
    return [
        lesson
        for kind, slots in _slots(session, year, class_ids).items()
        for lesson in planned_lessons(slots, terms[kind], holidays, days)
    ]


def calendar_of(session: Session, year: AcademicYear) -> tuple[list[Span], dict[TermKind, list[Span]]]:
    """The holidays of the year, and its terms by their kind."""
    holidays = [
        Span(holiday.starts_on, holiday.ends_on)
        for holiday in session.scalars(select(Holiday).where(Holiday.academic_year_id == year.id))
    ]
    terms: defaultdict[TermKind, list[Span]] = defaultdict(list)
    for term in session.scalars(select(Term).where(Term.academic_year_id == year.id)):
        terms[term.kind].append(Span(term.starts_on, term.ends_on))
    return holidays, terms


def _slots(
    session: Session, year: AcademicYear, class_ids: Collection[int] | None = None
) -> dict[TermKind, list[Slot]]:
    """The timetable of the year by the kind of terms of the classes; a slot lasts no longer than its assignment."""
    rows = session.execute(
        select(TimetableSlot, TeachingAssignment, SchoolClass.term_kind)
        .join(TeachingAssignment, TeachingAssignment.id == TimetableSlot.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .where(SchoolClass.academic_year_id == year.id, true() if class_ids is None else SchoolClass.id.in_(class_ids))
        .order_by(TimetableSlot.id)
    )
    slots: defaultdict[TermKind, list[Slot]] = defaultdict(list)
    for slot, assignment, kind in rows:
        valid = Span(slot.valid_from, slot.valid_until or year.ends_on).within(
            Span(assignment.starts_on, assignment.ends_on or year.ends_on)
        )
        slots[kind].append(Slot(assignment.id, slot.weekday, slot.number, slot.room, valid))
    return slots


def _written(session: Session, year: AcademicYear, days: Span) -> set[LessonKey]:
    rows = session.execute(
        select(Lesson.teaching_assignment_id, Lesson.date, Lesson.number)
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .where(SchoolClass.academic_year_id == year.id, Lesson.date.between(days.first, days.last))
    )
    return {(assignment_id, day, number) for assignment_id, day, number in rows}
