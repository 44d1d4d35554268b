"""What the lessons of a term have brought so far: averages by student and assignment, lessons held and missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import Grading
from app.journal.final_columns import brings_marks
from app.journal.grading import hundredths, rounded
from app.journal.taught import overlaps
from app.models import (
    Attendance,
    Enrollment,
    Lesson,
    Mark,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Term,
    Work,
)
from app.models.journal import AttendanceStatus
from app.reports.final_counts import FEW
from app.reports.ground import Held
from app.reports.report import Asked

AWAY = (AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED, AttendanceStatus.ILL)


@dataclass(frozen=True)
class Figure:
    """The marks of a student in an assignment: the average in hundredths, of how many, and the mark it proposes."""

    average: int | None = None
    count: int = 0
    proposed: int | None = None


@dataclass
class Running:
    """By (assignment, student): figures of the term, for everybody who is taught today; lessons held by assignment,
    lessons missed by (assignment, student)."""

    figures: dict[tuple[int, int], Figure] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    missed: dict[tuple[int, int], int] = field(default_factory=dict)


def read_running(session: Session, asked: Asked) -> Running:
    """The terms of the asked period, each for the classes that have it. Classes without marks are left out."""
    found = Running()
    for term in asked.period.terms if asked.period else ():
        held = {
            each.id: each
            for each in asked.assignments.values()
            if asked.ground.classes[each.class_id].term_kind is term.kind
            and brings_marks(asked.ground.classes[each.class_id], term)
        }
        if held:
            _read_term(session, asked, term, held, found)
    return found


def _read_term(session: Session, asked: Asked, term: Term, held: Mapping[int, Held], found: Running) -> None:
    sums = {
        (row[0], row[1]): _figure(row[2], row[3], row[4], asked.school.grading)
        for row in session.execute(_marks(term, held))
    }
    for place in _taught(session, asked, term, held):
        found.figures[place] = sums.get(place, Figure())
    until = min(asked.today, term.ends_on)
    lessons = select(Lesson.teaching_assignment_id, func.count()).where(
        Lesson.date.between(term.starts_on, until), Lesson.is_cancelled.is_(False)
    )
    rows = _of(lessons, held).group_by(Lesson.teaching_assignment_id)
    found.held |= {number: count for number, count in session.execute(rows) if number in held}
    away = (
        select(Lesson.teaching_assignment_id, Attendance.student_id, func.count())
        .join(Attendance, Attendance.lesson_id == Lesson.id)
        .where(Lesson.date.between(term.starts_on, until), Lesson.is_cancelled.is_(False), Attendance.status.in_(AWAY))
    )
    rows = _of(away, held).group_by(Lesson.teaching_assignment_id, Attendance.student_id)
    found.missed |= {(row[0], row[1]): row[2] for row in session.execute(rows) if row[0] in held}


def _figure(total: int, weights: int, count: int, grading: Grading) -> Figure:
    average = hundredths(total, weights)
    enough = average is not None and count >= grading.minimum
    return Figure(average, count, rounded(average, grading) if average is not None and enough else None)


def _of(rows: Any, held: Mapping[int, Held]) -> Any:
    """Only lessons of these assignments; of many, of all their classes."""
    if len(held) <= FEW:
        return rows.where(Lesson.teaching_assignment_id.in_(held))
    return (
        rows.join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .where(StudyGroup.school_class_id.in_({each.class_id for each in held.values()}))
    )


def _marks(term: Term, held: Mapping[int, Held]) -> Any:
    rows = (
        select(
            Lesson.teaching_assignment_id, Mark.student_id, func.sum(Mark.value * Work.weight), func.sum(Work.weight),
            func.count(),
        )
        .join(Work, Work.lesson_id == Lesson.id)
        .join(Mark, Mark.work_id == Work.id)
        .where(Lesson.date.between(term.starts_on, term.ends_on))
    )  # fmt: skip
    return _of(rows, held).group_by(Lesson.teaching_assignment_id, Mark.student_id)


def _taught(session: Session, asked: Asked, term: Term, held: Mapping[int, Held]) -> Iterator[tuple[int, int]]:
    """Who is taught in which of the assignments: today, or on the last day of a term that is over."""
    day = max(term.starts_on, min(asked.today, term.ends_on))
    enrolled: defaultdict[int, list[int]] = defaultdict(list)
    for class_id, student in session.execute(
        select(Enrollment.school_class_id, Enrollment.student_id).where(
            Enrollment.school_class_id.in_({each.class_id for each in held.values()}), overlaps(Enrollment, day, day)
        )
    ):
        enrolled[class_id].append(student)
    members: defaultdict[int, set[int]] = defaultdict(set)
    for group_id, student in session.execute(
        select(StudyGroupMember.study_group_id, StudyGroupMember.student_id).where(
            StudyGroupMember.study_group_id.in_({each.group_id for each in held.values() if each.group}),
            overlaps(StudyGroupMember, day, day),
        )
    ):
        members[group_id].add(student)
    for each in held.values():
        if each.starts_on > day or (each.ends_on is not None and each.ends_on < day):
            continue
        for student in enrolled[each.class_id]:
            if not each.group or student in members[each.group_id]:
                yield each.id, student
