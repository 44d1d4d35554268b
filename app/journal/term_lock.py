"""Locking a term: what its journals still lack, and opening it again with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.models import (
    AuditRecord,
    Enrollment,
    FinalMark,
    Lesson,
    Mark,
    SchoolClass,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    Term,
    User,
    Work,
)
from app.models.journal import FinalMarkKind
from app.people.placement import lasting
from app.people.refusal import Refusal
from app.regulation import MARKS_WITHIN

REASON = 200  # the length of the column


@dataclass(frozen=True)
class Lack:
    """What the journal of an assignment lacks in a term: final marks of students, topics, marks of works."""

    school_class: SchoolClass
    subject: Subject
    group: StudyGroup
    teacher: User
    finals: int
    topics: int
    works: int


@dataclass(frozen=True)
class Total:
    """What all journals lack together."""

    finals: int
    topics: int
    works: int


@dataclass(frozen=True)
class Turn:
    """When a term was locked or opened, by whom (None: without a person), and why it was opened."""

    at: datetime
    who: str | None
    locked: bool
    reason: str


def missing(session: Session, term: Term, today: date) -> list[Lack]:
    """Journals of the term that lack something, by class and subject, in four statements.

    Final marks are due for the students of the last day (of today, while the term lasts), topics of lessons
    that are over, marks of a work within a week.
    """
    day = max(term.starts_on, min(term.ends_on, today))
    counts: list[dict[int, int]] = [
        {assignment: number for assignment, number in session.execute(rows)}  # noqa: C416
        for rows in (_final_marks(term, day), _lessons(term, today), _works(term, today))
    ]
    concerned = {assignment for count in counts for assignment in count}
    held = session.scalars(
        _assignments(select(TeachingAssignment), term)
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.teacher)
        .options(
            contains_eager(TeachingAssignment.study_group).contains_eager(StudyGroup.school_class),
            contains_eager(TeachingAssignment.subject),
            contains_eager(TeachingAssignment.teacher),
        )
    )
    lacks = [
        Lack(each.study_group.school_class, each.subject, each.study_group, each.teacher,
             *(count.get(each.id, 0) for count in counts))
        for each in held
        if each.id in concerned
    ]  # fmt: skip
    return sorted(lacks, key=_place)


def total(lacks: Sequence[Lack]) -> Total:
    """The sums."""
    return Total(
        sum(lack.finals for lack in lacks), sum(lack.topics for lack in lacks), sum(lack.works for lack in lacks)
    )


def by_class(lacks: Sequence[Lack]) -> list[tuple[SchoolClass, Total, list[Lack]]]:
    """The same class by class, in their order, each with its sums."""
    classes = [(each, list(those)) for each, those in groupby(lacks, lambda lack: lack.school_class)]
    return [(each, total(those), those) for each, those in classes]


def turn(term: Term, *, lock: bool, reason: str = "") -> None:
    """Lock the term, so that its marks are final, or open it again for a reason; the caller commits.

    Raises Refusal for a reason that is missing or longer than its column.
    """
    reason = " ".join(reason.split())
    if not lock and not reason:
        raise Refusal(lazy_gettext("Say why the term is opened again."), "reason")
    if len(reason) > REASON:
        raise Refusal(lazy_gettext("The reason is too long: at most 200 characters."), "reason")
    term.is_locked, term.unlock_reason = lock, "" if lock else reason


def turns(session: Session, term: Term) -> list[Turn]:
    """How the term was locked and opened, the latest first."""
    rows = session.execute(
        select(AuditRecord, User)
        .outerjoin(User, User.id == AuditRecord.actor_id)
        .where(AuditRecord.model == "Term", AuditRecord.object_id == term.id)
        .order_by(AuditRecord.at.desc(), AuditRecord.id.desc())
    )
    return [
        Turn(record.at, str(who) if who else None, bool(record.changes["is_locked"][1]),
             str(record.changes.get("unlock_reason", ["", ""])[1] or ""))
        for record, who in rows
        if record.action == "change" and "is_locked" in record.changes
    ]  # fmt: skip


def _assignments(rows: Any, term: Term) -> Any:
    """``rows`` of assignments of the classes that are taught by the term."""
    return (
        rows.join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where(SchoolClass.academic_year_id == term.academic_year_id, SchoolClass.term_kind == term.kind)
    )


def _brings_marks(term: Term) -> ColumnElement[bool]:
    """Clause 2.2: grade 1 has no marks, grade 2 none in the first term."""
    return SchoolClass.grade > (2 if term.number == 1 else 1)


def _final_marks(term: Term, day: date) -> Any:
    given = exists().where(
        FinalMark.student_id == Enrollment.student_id,
        FinalMark.subject_id == TeachingAssignment.subject_id,
        FinalMark.academic_year_id == term.academic_year_id,  # with these two the unique index answers
        FinalMark.kind == FinalMarkKind.TERM,
        FinalMark.term_id == term.id,
    )
    belongs = exists().where(
        StudyGroupMember.study_group_id == StudyGroup.id,
        StudyGroupMember.student_id == Enrollment.student_id,
        lasting(StudyGroupMember, day),
    )
    students = select(TeachingAssignment.id, func.count(func.distinct(Enrollment.student_id)))
    return (
        _assignments(students, term)
        .join(Enrollment, and_(Enrollment.school_class_id == SchoolClass.id, lasting(Enrollment, day)))
        .where(
            _brings_marks(term),
            lasting(TeachingAssignment, day),
            or_(StudyGroup.is_whole_class, belongs),
            ~given,
        )
        .group_by(TeachingAssignment.id)
    )


def _held(columns: Any, term: Term, before: date) -> Any:
    """``columns`` of lessons of the term that were held before a day, by assignment."""
    return (
        _assignments(columns.join(Lesson.assignment), term)
        .where(Lesson.date.between(term.starts_on, term.ends_on), Lesson.date < before, ~Lesson.is_cancelled)
        .group_by(TeachingAssignment.id)
    )


def _lessons(term: Term, today: date) -> Any:
    lessons = select(TeachingAssignment.id, func.count()).select_from(Lesson)
    return _held(lessons, term, today).where(Lesson.topic == "")


def _works(term: Term, today: date) -> Any:
    works = select(TeachingAssignment.id, func.count()).select_from(Work).join(Work.lesson)
    unmarked = ~exists().where(Mark.work_id == Work.id)
    return _held(works, term, today - MARKS_WITHIN).where(unmarked)


def _place(lack: Lack) -> tuple[int, str, str, str]:
    return lack.school_class.grade, lack.school_class.letter, lack.subject.search_name, lack.teacher.sort_name
