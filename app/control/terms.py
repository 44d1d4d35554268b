"""Rules about final marks: enough marks before a term ends, final marks in time after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all

from app import policy
from app.control.duties import Agreed, State, TermDays, Watch, case_of, counted, narrowed
from app.models import (
    Enrollment,
    FinalMark,
    Lesson,
    Mark,
    SchoolClass,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Work,
)
from app.models.journal import FinalMarkKind
from app.people.placement import lasting


def enough(watch: Watch, agreed: Agreed) -> Any:
    """Each student has ``minimum`` marks in each subject from ``days`` before the end of the term on."""
    parts = []
    for term in _ending(watch, agreed):
        counted = _marks(watch, term).subquery()
        has = func.coalesce(counted.c.number, 0) >= agreed.minimum
        state = case((has, State.KEPT.sql), else_=State.OPEN.sql)
        parts.append(
            _roster(watch, term, state, watch.last, watch.last).outerjoin(
                counted,
                and_(
                    counted.c.teaching_assignment_id == TeachingAssignment.id,
                    counted.c.student_id == Enrollment.student_id,
                ),
            )
        )
    return union_all(*parts) if parts else None


def _marks(watch: Watch, term: TermDays) -> Any:
    """How many marks of the term each student has, by assignment."""
    counted = (
        select(Lesson.teaching_assignment_id, Mark.student_id, func.count().label("number"))
        .select_from(Lesson)
        .join(Work, Work.lesson_id == Lesson.id)
        .join(Mark, Mark.work_id == Work.id)
        .where(Lesson.date.between(term.starts_on, watch.last))
        .group_by(Lesson.teaching_assignment_id, Mark.student_id)
    )
    if watch.only is None:
        return counted
    groups = select(StudyGroup.id).where(StudyGroup.school_class_id.in_(watch.only))
    held = select(TeachingAssignment.id).where(TeachingAssignment.study_group_id.in_(groups))
    return counted.where(Lesson.teaching_assignment_id.in_(held))


def _ending(watch: Watch, agreed: Agreed) -> list[TermDays]:
    """Terms that last, and are about to end."""
    terms = chain.from_iterable(_by_division(watch))
    return [term for term in terms if term.ends_on - timedelta(agreed.days) <= watch.last <= term.ends_on]


def basis(watch: Watch, agreed: Agreed) -> object:
    """What besides the rows decides who has enough marks; nothing where nobody needs them yet."""
    terms = _ending(watch, agreed)
    is_excused = watch.is_excused_within(watch.last, watch.last)
    return [(term, watch.last, agreed.minimum, is_excused) for term in terms]


def finals(watch: Watch, agreed: Agreed) -> Any:
    """Each student has the final mark of a term in each subject within ``days`` after its end; so that of the year."""
    parts = [_given(watch, agreed, term, kind) for term, kind in _ended(watch, agreed)]
    return union_all(*parts) if parts else None


def _ended(watch: Watch, agreed: Agreed) -> Iterator[tuple[TermDays, FinalMarkKind]]:
    """Terms whose final marks were due, and with the last of a year the year."""
    for terms in _by_division(watch):
        ended = [term for term in terms if _was_due(watch, agreed, term)]
        for term in [term for term in ended if term.ends_on >= watch.first] or ended[-1:]:
            yield term, FinalMarkKind.TERM
            if term is terms[-1]:
                yield term, FinalMarkKind.YEAR


def basis_of_finals(watch: Watch, agreed: Agreed) -> object:
    """What besides the rows decides which final marks are there in time; nothing where none were due."""
    return [
        (term, kind, watch.late_from(term.ends_on, agreed.days),
         watch.is_excused_within(term.ends_on, watch.calendar.due(term.ends_on, agreed.days)))
        for term, kind in _ended(watch, agreed)
    ]  # fmt: skip


def looked_at(watch: Watch) -> list[TermDays]:
    """Terms of the years that the days touch."""
    return list(chain.from_iterable(_by_division(watch)))


def _was_due(watch: Watch, agreed: Agreed, term: TermDays) -> bool:
    return term.ends_on <= watch.last and watch.calendar.due(term.ends_on, agreed.days) < watch.today


def _given(watch: Watch, agreed: Agreed, term: TermDays, kind: FinalMarkKind) -> Select[Any]:
    in_time = FinalMark.entered_at < watch.late_from(term.ends_on, agreed.days)
    state = case(
        (FinalMark.id.is_(None), State.OPEN.sql), (in_time, State.KEPT.sql), else_=State.LATE.sql
    )  # fmt: skip
    of_term = FinalMark.term_id == term.id if kind is FinalMarkKind.TERM else FinalMark.term_id.is_(None)
    given = and_(
        FinalMark.student_id == Enrollment.student_id,
        FinalMark.subject_id == TeachingAssignment.subject_id,
        FinalMark.academic_year_id == term.academic_year_id,
        FinalMark.kind == kind,
        of_term,
    )
    due = watch.calendar.due(term.ends_on, agreed.days)
    return _roster(watch, term, state, term.ends_on, due).outerjoin(FinalMark, given)


def _by_division(watch: Watch) -> Iterator[list[TermDays]]:
    """The terms of each division of each year that the days touch (of the last one before, if none), in order."""
    begun = [term for term in watch.terms if term.year_starts_on <= watch.last]
    latest = max((term.year_starts_on for term in begun), default=watch.last)
    wanted = [term for term in begun if term.year_starts_on == latest or term.year_ends_on >= watch.first]
    for _division, terms in groupby(wanted, key=lambda term: (term.academic_year_id, term.kind)):
        yield list(terms)


def _roster(watch: Watch, term: TermDays, state: ColumnElement[int], day: Any, due: Any) -> Select[Any]:
    """Students by assignment on the last day of the term that was reached; of classes that have marks in it."""
    member = and_(
        StudyGroupMember.study_group_id == StudyGroup.id,
        StudyGroupMember.student_id == Enrollment.student_id,
        lasting(StudyGroupMember, day),
    )
    duties = (
        case_of(
            day=literal(term.ends_on),
            state=state,
            user_id=TeachingAssignment.teacher_id,
            school_class_id=StudyGroup.school_class_id,
            subject_id=TeachingAssignment.subject_id,
            teaching_assignment_id=TeachingAssignment.id,
            student_id=Enrollment.student_id,
            term_id=literal(term.id),
        )
        .select_from(TeachingAssignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(Enrollment, Enrollment.school_class_id == SchoolClass.id)
        .outerjoin(StudyGroupMember, member)
        .where(
            SchoolClass.academic_year_id == term.academic_year_id,
            SchoolClass.term_kind == term.kind,
            SchoolClass.grade > (1 if term.number > 1 else 2),
            lasting(Enrollment, day),
            lasting(TeachingAssignment, day),
            or_(StudyGroup.is_whole_class, StudyGroupMember.id.is_not(None)),
            true() if watch.actor is None else TeachingAssignment.id.in_(policy.kept_journals(watch.actor)),
            counted(watch, TeachingAssignment.teacher_id, SchoolClass.id, day, due),
        )
    )
    return narrowed(duties, watch, TeachingAssignment.teacher_id, TeachingAssignment.subject_id)
