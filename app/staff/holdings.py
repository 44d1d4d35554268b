"""What a member of staff has in hand: journals, classes, substitutions, what waits for an answer, open sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.journal.handovers import Held, held_before
from app.models import (
    AbsenceNote,
    AcademicYear,
    Correction,
    Enrollment,
    FinalMark,
    Guardianship,
    Lesson,
    SchoolClass,
    StudyGroup,
    StudyGroupMember,
    Subject,
    SupportRequest,
    TeachingAssignment,
    Term,
    TimetableSlot,
    UserSession,
)
from app.models.diary import RequestState
from app.models.journal import FinalMarkKind
from app.people.placement import lasting

Hour = tuple[int, int]
"""Weekday and number of a weekly lesson."""


@dataclass(frozen=True)
class OpenTerm:
    """A term that is not locked, with final marks: ``given`` of ``students``."""

    term: Term
    given: int
    students: int


@dataclass(frozen=True)
class HeldJournal:
    """A journal of today or of later days: its weekly lessons, lessons to come, and how many students are in it."""

    assignment: TeachingAssignment
    hours: frozenset[Hour]
    to_come: int
    students: int


@dataclass(frozen=True)
class Holdings:
    """All of it; ``children`` are students of whom the person is a parent, who go to the school today.

    By assignment, ``open_terms`` are those without all final marks, ``before`` says who had the journal earlier.
    """

    journals: Sequence[HeldJournal]
    open_terms: Mapping[int, Sequence[OpenTerm]]
    before: Mapping[int, Sequence[Held]]
    classes: Sequence[SchoolClass]
    substitutions: Sequence[Lesson]
    requests: int
    problems: int
    sessions: int
    children: Sequence[str]


def holdings(session: Session, user_id: int, today: date) -> Holdings:
    """What the person has in hand, as far as the session's person sees it; a constant number of statements."""
    journals = journals_of(session, user_id, today)
    classes = classes_led(session, user_id, today)
    requests, problems, sessions = _numbers(session, user_id, [each.id for each in classes], today)
    return Holdings(
        journals,
        _open_terms(session, journals, today),
        held_before(session, [each.assignment.id for each in journals]),
        classes,
        substitutions(session, user_id, today),
        requests,
        problems,
        sessions,
        _children(session, user_id, today),
    )


def journals_of(session: Session, user_id: int, today: date) -> list[HeldJournal]:
    """Journals of today or of later days; one statement."""
    coming = select(func.count(Lesson.id)).where(
        Lesson.teaching_assignment_id == TeachingAssignment.id, Lesson.date >= today, Lesson.is_cancelled.is_(False)
    )
    enrolled = select(func.count(Enrollment.id)).where(
        Enrollment.school_class_id == SchoolClass.id, lasting(Enrollment, today)
    )
    members = select(func.count(StudyGroupMember.id)).where(
        StudyGroupMember.study_group_id == StudyGroup.id, lasting(StudyGroupMember, today)
    )
    students = case((StudyGroup.is_whole_class, enrolled.scalar_subquery()), else_=members.scalar_subquery())
    weekly = and_(
        TimetableSlot.teaching_assignment_id == TeachingAssignment.id,
        or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= today),
    )
    rows = (
        select(TeachingAssignment, TimetableSlot.weekday, TimetableSlot.number, coming.scalar_subquery(), students)
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
        .outerjoin(TimetableSlot, weekly)
        .where(TeachingAssignment.teacher_id == user_id, AcademicYear.ends_on >= today)
        .where(or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= today))
        .options(
            contains_eager(TeachingAssignment.subject),
            contains_eager(TeachingAssignment.study_group)
            .contains_eager(StudyGroup.school_class)
            .contains_eager(SchoolClass.academic_year),
        )
        .order_by(AcademicYear.starts_on, Subject.search_name, SchoolClass.grade, SchoolClass.letter, StudyGroup.name)
    )
    hours: dict[TeachingAssignment, set[Hour]] = defaultdict(set)
    counts: dict[TeachingAssignment, tuple[int, int]] = {}
    for assignment, weekday, number, to_come, pupils in session.execute(rows):
        counts[assignment] = to_come, pupils
        hours[assignment].update([(weekday, number)] if weekday is not None else [])
    return [HeldJournal(each, frozenset(hours[each]), *numbers) for each, numbers in counts.items()]


def classes_led(session: Session, user_id: int, today: date) -> list[SchoolClass]:
    """Classes of this year and of later ones that the person leads."""
    rows = (
        select(SchoolClass)
        .join(SchoolClass.academic_year)
        .where(SchoolClass.class_teacher_id == user_id, AcademicYear.ends_on >= today)
        .options(contains_eager(SchoolClass.academic_year))
        .order_by(AcademicYear.starts_on, SchoolClass.grade, SchoolClass.letter)
    )
    return list(session.scalars(rows))


def substitutions(session: Session, user_id: int, today: date) -> list[Lesson]:
    """Lessons from today on in which the person stands in for somebody else."""
    rows = (
        select(Lesson)
        .where(Lesson.substitute_id == user_id, Lesson.date >= today, Lesson.is_cancelled.is_(False))
        .options(
            joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject),
            joinedload(Lesson.assignment).joinedload(TeachingAssignment.teacher),
            joinedload(Lesson.assignment)
            .joinedload(TeachingAssignment.study_group)
            .joinedload(StudyGroup.school_class),
        )
        .order_by(Lesson.date, Lesson.number, Lesson.id)
    )
    return list(session.scalars(rows))


def _open_terms(session: Session, journals: Sequence[HeldJournal], today: date) -> dict[int, list[OpenTerm]]:
    """By assignment, the terms that have begun, are not locked and lack final marks; one statement."""
    given = select(func.count(FinalMark.id)).where(
        FinalMark.teaching_assignment_id == TeachingAssignment.id, FinalMark.term_id == Term.id,
        FinalMark.kind == FinalMarkKind.TERM,
    )  # fmt: skip
    due = and_(Term.academic_year_id == SchoolClass.academic_year_id, Term.kind == SchoolClass.term_kind)
    rows = session.execute(
        select(TeachingAssignment.id, SchoolClass, Term, given.scalar_subquery())
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(Term, due)
        .where(TeachingAssignment.id.in_([each.assignment.id for each in journals]))
        .where(Term.is_locked.is_(False), Term.starts_on <= today)
        .order_by(Term.number)
    )
    students = {each.assignment.id: each.students for each in journals}
    found: dict[int, list[OpenTerm]] = defaultdict(list)
    for number, school_class, term, marks in rows:
        if marks < students[number] and _is_marked(school_class, term):
            found[number].append(OpenTerm(term, marks, students[number]))
    return found


def _is_marked(school_class: SchoolClass, term: Term) -> bool:
    """Clause 2.2: grade 1 has no marks, grade 2 none in the first term."""
    return school_class.grade > (2 if term.number == 1 else 1)


def _numbers(session: Session, user_id: int, classes: Sequence[int], today: date) -> tuple[int, int, int]:
    """Requests of families that wait for the class teacher's answer, problems not solved yet, browsers signed in."""
    students = select(Enrollment.student_id).where(Enrollment.school_class_id.in_(classes), lasting(Enrollment, today))
    notes, corrections = (
        select(func.count(model.id)).where(model.state == RequestState.SENT, model.student_id.in_(students))
        for model in (AbsenceNote, Correction)
    )
    problems = select(func.count(SupportRequest.id)).where(
        SupportRequest.author_id == user_id, SupportRequest.solved_at.is_(None)
    )
    sessions = select(func.count(UserSession.id)).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    counts = (
        notes.scalar_subquery() + corrections.scalar_subquery(),
        problems.scalar_subquery(),
        sessions.scalar_subquery(),
    )
    first, second, third = session.execute(select(*counts)).one()
    return first, second, third


def _children(session: Session, user_id: int, today: date) -> list[str]:
    rows = (
        select(Guardianship)
        .join(Enrollment, and_(Enrollment.student_id == Guardianship.student_id, lasting(Enrollment, today)))
        .where(Guardianship.user_id == user_id)
        .options(joinedload(Guardianship.student))
    )
    return sorted({str(row.student) for row in session.scalars(rows) if row.student is not None})
