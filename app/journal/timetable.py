"""The timetable of a class changes from a day on: the past stays, lessons follow, nothing written is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.journal import contents
from app.journal.calendar import LessonKey, PlannedLesson, Span, timetabled
from app.models import Lesson, SchoolClass, StudyGroup, Subject, TeachingAssignment, TimetableSlot
from app.regulation import RegulationError

ROOM = 20

BEFORE_TODAY = lazy_gettext("The past stays as it is: choose today or a later day. Nothing was saved.")
OUTSIDE_YEAR = lazy_gettext("This day is not in the academic year of the class. Nothing was saved.")
FOREIGN = lazy_gettext("The timetable holds lessons of another class, or ones that have ended. Nothing was saved.")
TWICE = lazy_gettext("The same subject stands twice in one place of the week. Nothing was saved.")


@dataclass(frozen=True, order=True)
class Cell:
    """A weekly lesson as the grid of the week has it; ``weekday`` is ISO's, 1 for Monday."""

    weekday: int
    number: int
    assignment_id: int
    room: str = ""

    @property
    def place(self) -> tuple[int, int, int]:
        """What makes it the same weekly lesson, whatever the room."""
        return self.assignment_id, self.weekday, self.number


@dataclass
class Change:
    """What a change of the timetable did: weekly lessons ``ended`` and ``begun``; lessons that ``came``, ``went``, or
    got another room; ``kept`` are those that no longer fit and that somebody wrote in; ``left_out`` those that could
    not come because a kept one stands there."""

    ended: int = 0
    begun: int = 0
    came: int = 0
    went: int = 0
    rooms: int = 0
    kept: list[Lesson] = field(default_factory=list)
    left_out: int = 0
    assignment_ids: set[int] = field(default_factory=set)

    @property
    def is_nothing(self) -> bool:
        """Whether everything is as it was."""
        return not (self.ended or self.begun or self.came or self.went or self.rooms)


def assignments_of(session: Session, school_class: SchoolClass, day: date) -> list[TeachingAssignment]:
    """Assignments of the class that last on ``day`` or later, by subject and group."""
    return list(
        session.scalars(
            select(TeachingAssignment)
            .join(TeachingAssignment.study_group)
            .join(TeachingAssignment.subject)
            .where(
                StudyGroup.school_class_id == school_class.id,
                or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= day),
            )
            .options(
                joinedload(TeachingAssignment.subject),
                joinedload(TeachingAssignment.teacher),
                joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
            )
            .order_by(Subject.search_name, StudyGroup.is_whole_class.desc(), StudyGroup.name, TeachingAssignment.id)
        )
    )


def week_of(session: Session, school_class: SchoolClass, day: date) -> list[Cell]:
    """The week of the class as it is on ``day``, in the order of its lessons."""
    slots = _slots(session, school_class, day)
    ids = {each.id for each in assignments_of(session, school_class, day)}
    return sorted(
        Cell(slot.weekday, slot.number, slot.teaching_assignment_id, slot.room)
        for slot in slots
        if slot.valid_from <= day and slot.teaching_assignment_id in ids
    )


def change(session: Session, school_class: SchoolClass, start: date, week: Collection[Cell], today: date) -> Change:
    """Make ``week`` the timetable of the class from ``start`` on, and let its lessons follow.

    Lessons that somebody wrote in stay, and so do those that were never of the timetable (added or moved by hand).
    Raises RegulationError when it cannot be, with both that clash named. The caller commits, or rolls back after a
    look at what would happen.
    """
    _check(session, school_class, start, week, today)
    days = Span(start, school_class.academic_year.ends_on)
    before = _planned(session, school_class, days)
    done = Change()
    _change_slots(session, school_class, start, week, done)
    after = _planned(session, school_class, days)
    _change_lessons(session, school_class, start, (before, after), done)
    return done


def _check(session: Session, school_class: SchoolClass, start: date, week: Collection[Cell], today: date) -> None:
    year = school_class.academic_year
    if not year.starts_on <= start <= year.ends_on:
        raise RegulationError(OUTSIDE_YEAR)
    if start < today and _has_timetable(session, school_class):
        raise RegulationError(BEFORE_TODAY)
    if {cell.assignment_id for cell in week} - {each.id for each in assignments_of(session, school_class, start)}:
        raise RegulationError(FOREIGN)
    if len({cell.place for cell in week}) < len(week):
        raise RegulationError(TWICE)


def _has_timetable(session: Session, school_class: SchoolClass) -> bool:
    return session.scalars(_of_class(school_class).limit(1)).first() is not None


def _of_class(school_class: SchoolClass) -> Any:
    return (
        select(TimetableSlot)
        .join(TimetableSlot.assignment)
        .join(TeachingAssignment.study_group)
        .where(StudyGroup.school_class_id == school_class.id)
        .order_by(TimetableSlot.valid_from, TimetableSlot.id)
    )


def _slots(session: Session, school_class: SchoolClass, day: date) -> list[TimetableSlot]:
    """Weekly lessons of the class that hold on ``day`` or begin later."""
    lasting = or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= day)
    return list(session.scalars(_of_class(school_class).where(lasting)))


def _change_slots(
    session: Session, school_class: SchoolClass, start: date, week: Collection[Cell], done: Change
) -> None:
    """End what is not in ``week``, keep what is, begin the rest; first what ends, so that it is in nobody's way."""
    wanted = {cell.place: cell for cell in week}
    begun: list[tuple[TimetableSlot, Cell]] = []
    for slot in _slots(session, school_class, start):
        cell = wanted.get((slot.teaching_assignment_id, slot.weekday, slot.number))
        if cell is not None and (slot.valid_from >= start or slot.room == cell.room):
            del wanted[cell.place]
            begun.append((slot, cell))
        else:
            done.ended += 1
            done.assignment_ids.add(slot.teaching_assignment_id)
            if slot.valid_from >= start:
                session.delete(slot)
            else:
                slot.valid_until = start - timedelta(1)
    session.flush()
    for slot, cell in begun:
        slot.room, slot.valid_from, slot.valid_until = cell.room, min(slot.valid_from, start), None
    for cell in wanted.values():
        session.add(
            TimetableSlot(
                teaching_assignment_id=cell.assignment_id, weekday=cell.weekday, number=cell.number, room=cell.room,
                valid_from=start,
            )
        )  # fmt: skip
    done.begun += len(wanted)
    done.assignment_ids |= {cell.assignment_id for cell in wanted.values()}
    session.flush()


Planned = dict[LessonKey, PlannedLesson]


def _planned(session: Session, school_class: SchoolClass, days: Span) -> Planned:
    found = timetabled(session, school_class.academic_year, days, [school_class.id])
    return {lesson.key: lesson for lesson in found}


def _change_lessons(
    session: Session, school_class: SchoolClass, start: date, planned: tuple[Planned, Planned], done: Change
) -> None:
    before, after = planned
    lessons = {_key(lesson): lesson for lesson in _lessons(session, school_class, start)}
    unfit = [lesson for key, lesson in lessons.items() if key in before and key not in after]
    written = contents.written_in(session, unfit)
    done.kept = [lesson for lesson in unfit if lesson.id in written]
    gone = [lesson for lesson in unfit if lesson.id not in written]
    done.went = len(gone)
    for key, lesson in lessons.items():
        if key in before and key in after and lesson.room == before[key].room != after[key].room:
            lesson.room = after[key].room
            done.rooms += 1
    left = {lesson.id for lesson in gone}
    taken = _taken(lesson for lesson in lessons.values() if not lesson.is_cancelled and lesson.id not in left)
    missing = [lesson for key, lesson in after.items() if key not in lessons]
    groups = {each.id: each for each in assignments_of(session, school_class, start)}
    coming = [
        each for each in missing if not _meets(groups[each.teaching_assignment_id], taken[each.date, each.number])
    ]
    _replace(session, gone, coming)
    done.came, done.left_out = len(coming), len(missing) - len(coming)
    done.assignment_ids |= {lesson.teaching_assignment_id for lesson in gone}
    done.assignment_ids |= {lesson.teaching_assignment_id for lesson in coming}
    session.flush()


def _replace(session: Session, gone: Collection[Lesson], coming: Collection[PlannedLesson]) -> None:
    """Take lessons away and write others; one on which the plan laid its topic goes to the place of one that comes,
    so that the plan stays laid and can be laid anew."""
    laid: defaultdict[int, list[Lesson]] = defaultdict(list)
    for lesson in gone:
        if lesson.plan_position is not None and not lesson.is_cancelled and lesson.substitute_id is None:
            laid[lesson.teaching_assignment_id].append(lesson)
    for planned in sorted(coming):
        if moving := laid[planned.teaching_assignment_id]:
            lesson = moving.pop(0)
            lesson.date, lesson.number, lesson.room = planned.date, planned.number, planned.room
        else:
            session.add(Lesson(**asdict(planned)))
    places = {planned.key for planned in coming}
    for lesson in gone:
        if _key(lesson) not in places:
            session.delete(lesson)


def _lessons(session: Session, school_class: SchoolClass, start: date) -> list[Lesson]:
    rows = (
        select(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .where(StudyGroup.school_class_id == school_class.id, Lesson.date >= start)
        .options(
            joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject),
            joinedload(Lesson.assignment)
            .joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class),
        )
        .order_by(Lesson.date, Lesson.number, Lesson.id)
    )
    return list(session.scalars(rows))


def _key(lesson: Lesson) -> LessonKey:
    return lesson.teaching_assignment_id, lesson.date, lesson.number


def _taken(lessons: Iterable[Lesson]) -> defaultdict[tuple[date, int], list[TeachingAssignment]]:
    taken: defaultdict[tuple[date, int], list[TeachingAssignment]] = defaultdict(list)
    for lesson in lessons:
        taken[lesson.date, lesson.number].append(lesson.assignment)
    return taken


def _meets(coming: TeachingAssignment, there: Iterable[TeachingAssignment]) -> bool:
    """Whether the group of ``coming`` is taught already, in whole or in part; parts with other members are not."""
    group = coming.study_group
    return any(
        each.study_group_id == group.id or group.is_whole_class or each.study_group.is_whole_class for each in there
    )
