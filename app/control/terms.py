"""Rules about final marks: enough marks before a term ends, final marks in time after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.control.duties import Agreed, State, Watch, case_of, excused, narrowed
from app.models import (
    Enrollment,
    FinalMark,
    Lesson,
    Mark,
    SchoolClass,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Term,
    Work,
)
from app.models.journal import FinalMarkKind
from app.people.placement import lasting


def enough(session: Session, watch: Watch, agreed: Agreed) -> Any:
    """Each student has ``minimum`` marks in each subject from ``days`` before the end of the term on."""
    parts = []
    for term in chain.from_iterable(_by_division(session, watch)):
        if term.ends_on - timedelta(agreed.days) <= watch.last <= term.ends_on:
            counted = (
                select(Lesson.teaching_assignment_id, Mark.student_id, func.count().label("number"))
                .select_from(Lesson)
                .join(Work, Work.lesson_id == Lesson.id)
                .join(Mark, Mark.work_id == Work.id)
                .where(Lesson.date.between(term.starts_on, watch.last))
                .group_by(Lesson.teaching_assignment_id, Mark.student_id)
                .subquery()
            )
            has = func.coalesce(counted.c.number, 0) >= agreed.minimum
            state = case((has, State.KEPT.value), else_=State.OPEN.value)
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


def finals(session: Session, watch: Watch, agreed: Agreed) -> Any:
    """Each student has the final mark of a term in each subject within ``days`` after its end; so that of the year."""
    parts = []
    for terms in _by_division(session, watch):
        ended = [term for term in terms if _was_due(watch, agreed, term)]
        for term in [term for term in ended if term.ends_on >= watch.first] or ended[-1:]:
            parts.append(_given(watch, agreed, term, FinalMarkKind.TERM))
            if term is terms[-1]:
                parts.append(_given(watch, agreed, term, FinalMarkKind.YEAR))
    return union_all(*parts) if parts else None


def _was_due(watch: Watch, agreed: Agreed, term: Term) -> bool:
    return term.ends_on <= watch.last and watch.calendar.due(term.ends_on, agreed.days) < watch.today


def _given(watch: Watch, agreed: Agreed, term: Term, kind: FinalMarkKind) -> Select[Any]:
    in_time = FinalMark.entered_at < watch.late_from(term.ends_on, agreed.days)
    state = case(
        (FinalMark.id.is_(None), State.OPEN.value), (in_time, State.KEPT.value), else_=State.LATE.value
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


def _by_division(session: Session, watch: Watch) -> Iterator[list[Term]]:
    """The terms of each division of each year that the days touch (of the last one before, if none), in order."""
    rows = session.scalars(
        select(Term).options(joinedload(Term.academic_year)).order_by(Term.academic_year_id, Term.kind, Term.number)
    ).all()
    begun = [row for row in rows if row.academic_year.starts_on <= watch.last]
    latest = max((row.academic_year.starts_on for row in begun), default=watch.last)
    wanted = [row for row in begun if row.academic_year.starts_on == latest or row.academic_year.ends_on >= watch.first]
    for _division, terms in groupby(wanted, key=lambda row: (row.academic_year_id, row.kind)):
        yield list(terms)


def _roster(watch: Watch, term: Term, state: ColumnElement[int], day: Any, due: Any) -> Select[Any]:
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
            ~excused(TeachingAssignment.teacher_id, SchoolClass.id, day, due),
        )
    )
    return narrowed(duties, watch, TeachingAssignment.teacher_id, TeachingAssignment.subject_id)
