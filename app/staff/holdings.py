"""What a member of staff has in hand: journals, classes, substitutions, what waits for an answer, open sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
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
    """A journal of today or of later days. ``before``: who had it earlier."""

    assignment: TeachingAssignment
    hours: frozenset[Hour]
    to_come: int
    open_terms: Sequence[OpenTerm]
    before: Sequence[Held]


@dataclass(frozen=True)
class Holdings:
    """All of it; ``children`` are students of whom the person is a parent, who go to the school today."""

    journals: Sequence[HeldJournal]
    classes: Sequence[SchoolClass]
    substitutions: Sequence[Lesson]
    requests: int
    problems: int
    sessions: int
    children: Sequence[str]


def holdings(session: Session, user_id: int, today: date) -> Holdings:
    """What the person has in hand, as far as the session's person sees it; a constant number of statements."""
    assignments = _assignments(session, user_id, today)
    ids = [each.id for each in assignments]
    hours, to_come = _hours(session, ids, today), _to_come(session, ids, today)
    open_terms, before = _open_terms(session, assignments, today), held_before(session, ids)
    classes = classes_led(session, user_id, today)
    return Holdings(
        [
            HeldJournal(each, frozenset(hours.get(each.id, ())), to_come.get(each.id, 0), open_terms.get(each.id, ()),
                        before.get(each.id, ()))
            for each in assignments
        ],
        classes,
        substitutions(session, user_id, today),
        _waiting(session, [each.id for each in classes], today),
        _count(session, SupportRequest, SupportRequest.author_id == user_id, SupportRequest.solved_at.is_(None)),
        _count(session, UserSession, UserSession.user_id == user_id, UserSession.ended_at.is_(None)),
        _children(session, user_id, today),
    )  # fmt: skip


def _assignments(session: Session, user_id: int, today: date) -> list[TeachingAssignment]:
    rows = (
        select(TeachingAssignment)
        .join(TeachingAssignment.subject)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .join(SchoolClass.academic_year)
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
    return list(session.scalars(rows))


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


def _hours(session: Session, ids: Sequence[int], today: date) -> dict[int, set[Hour]]:
    rows = session.execute(
        select(TimetableSlot.teaching_assignment_id, TimetableSlot.weekday, TimetableSlot.number).where(
            TimetableSlot.teaching_assignment_id.in_(ids),
            or_(TimetableSlot.valid_until.is_(None), TimetableSlot.valid_until >= today),
        )
    )
    found: dict[int, set[Hour]] = defaultdict(set)
    for number, weekday, hour in rows:
        found[number].add((weekday, hour))
    return found


def _to_come(session: Session, ids: Sequence[int], today: date) -> dict[int, int]:
    rows = session.execute(
        select(Lesson.teaching_assignment_id, func.count())
        .where(Lesson.teaching_assignment_id.in_(ids), Lesson.date >= today, Lesson.is_cancelled.is_(False))
        .group_by(Lesson.teaching_assignment_id)
    )
    return {number: count for number, count in rows}  # noqa: C416


def _open_terms(
    session: Session, assignments: Sequence[TeachingAssignment], today: date
) -> dict[int, list[OpenTerm]]:  # fmt: skip
    years = {each.study_group.school_class.academic_year_id for each in assignments}
    terms = session.scalars(
        select(Term)
        .where(Term.academic_year_id.in_(years), Term.is_locked.is_(False), Term.starts_on <= today)
        .order_by(Term.number)
    ).all()
    given = _given(session, [each.id for each in assignments], [term.id for term in terms])
    students = _students(session, assignments, today)
    found: dict[int, list[OpenTerm]] = {}
    for each in assignments:
        of = each.study_group.school_class
        due = [
            term
            for term in terms
            if (term.academic_year_id, term.kind) == (of.academic_year_id, of.term_kind) and _is_marked(of, term)
        ]
        number = students.get(each.study_group_id, 0)
        found[each.id] = [
            OpenTerm(term, given.get((each.id, term.id), 0), number)
            for term in due
            if given.get((each.id, term.id), 0) < number
        ]
    return found


def _is_marked(school_class: SchoolClass, term: Term) -> bool:
    """Clause 2.2: grade 1 has no marks, grade 2 none in the first term."""
    return school_class.grade > (2 if term.number == 1 else 1)


def _given(session: Session, ids: Sequence[int], terms: Sequence[int]) -> dict[tuple[int, int | None], int]:
    rows = session.execute(
        select(FinalMark.teaching_assignment_id, FinalMark.term_id, func.count())
        .where(
            FinalMark.teaching_assignment_id.in_(ids), FinalMark.term_id.in_(terms),
            FinalMark.kind == FinalMarkKind.TERM,
        )
        .group_by(FinalMark.teaching_assignment_id, FinalMark.term_id)
    )  # fmt: skip
    return {(number, term): count for number, term, count in rows}


def _students(session: Session, assignments: Sequence[TeachingAssignment], today: date) -> dict[int, int]:
    """By group, how many are in it today."""
    whole = [each.study_group for each in assignments if each.study_group.is_whole_class]
    by_class = {group.school_class_id: group.id for group in whole}
    parts = [each.study_group_id for each in assignments if not each.study_group.is_whole_class]
    enrolled = session.execute(
        select(Enrollment.school_class_id, func.count())
        .where(Enrollment.school_class_id.in_(by_class), lasting(Enrollment, today))
        .group_by(Enrollment.school_class_id)
    )
    members = session.execute(
        select(StudyGroupMember.study_group_id, func.count())
        .where(StudyGroupMember.study_group_id.in_(parts), lasting(StudyGroupMember, today))
        .group_by(StudyGroupMember.study_group_id)
    )
    return {by_class[number]: count for number, count in enrolled} | dict(members.all())


def _waiting(session: Session, classes: Sequence[int], today: date) -> int:
    """Notes of absence and corrections that wait for the class teacher's answer."""
    students = select(Enrollment.student_id).where(Enrollment.school_class_id.in_(classes), lasting(Enrollment, today))
    return sum(
        _count(session, model, model.state == RequestState.SENT, model.student_id.in_(students))
        for model in (AbsenceNote, Correction)
    )


def _children(session: Session, user_id: int, today: date) -> list[str]:
    rows = (
        select(Guardianship)
        .join(Enrollment, and_(Enrollment.student_id == Guardianship.student_id, lasting(Enrollment, today)))
        .where(Guardianship.user_id == user_id)
        .options(joinedload(Guardianship.student))
    )
    return sorted({str(row.student) for row in session.scalars(rows) if row.student is not None})


def _count(session: Session, model: type, *where: object) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]
