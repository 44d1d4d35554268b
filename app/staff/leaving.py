"""Journals and classes go over to somebody else, and a person leaves the school: all of it, or nothing.

A journal is handed over in place: its lessons, marks and plans stay one journal, which has another teacher from today
on. Functions change rows of a session and leave the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import lazy_gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.credentials.issue import revoke
from app.models import Handover, Lesson, SchoolClass, StudyGroup, TeachingAssignment, User, UserSession
from app.people.refusal import Refusal
from app.policy import Actor
from app.staff.holdings import holdings


@dataclass(frozen=True)
class Wishes:
    """Who takes what: ids of successors by assignment, and of class teachers by class (None: nobody yet).

    ``returned``: lessons the person was to substitute go back to their teachers, or to ``substitute``.
    """

    journals: Mapping[int, int] = field(default_factory=dict)
    classes: Mapping[int, int | None] = field(default_factory=dict)
    returned: bool = False
    substitute: int | None = None


@dataclass(frozen=True)
class Done:
    """How much went over."""

    journals: int
    classes: int
    lessons: int


def hand_over(session: Session, person: User, wishes: Wishes, today: date) -> Done:
    """Give journals, classes and substitutions of ``person`` to others from today on.

    Raises Refusal for what is not the person's, or somebody who cannot take it, and RegulationError where the
    timetable does not allow it.
    """
    people = _takers(session, wishes, person)
    journals = _hand_over_journals(session, person, wishes.journals, people, today)
    classes = _hand_over_classes(session, person, wishes.classes, people, today)
    lessons = _hand_over_substitutions(session, person, wishes, people, today) if wishes.returned else 0
    session.flush()
    return Done(journals, classes, lessons)


def leave(session: Session, actor: Actor, person: User, wishes: Wishes) -> Done:
    """The same, and the person's access ends: codes, password, signed-in browsers, the deputy director's rights.

    Whoever is a parent of a student stays able to sign in as a parent, and therefore has to give everything away.
    """
    if person.id == actor.user_id:
        raise Refusal(lazy_gettext("You cannot end your own access. Ask another deputy director."))
    done = hand_over(session, person, wishes, actor.today)
    left = holdings(session, person.id, actor.today)
    if left.children:
        if left.journals or left.classes or left.substitutions:
            raise Refusal(
                lazy_gettext(
                    "%(name)s is a parent (%(children)s) and stays able to read the diary, so every journal, class and "
                    "substitution has to go to somebody else first. Nothing was saved.",
                    name=person.full_name, children=", ".join(left.children),
                )
            )  # fmt: skip
        end_sessions(session, [person.id], actor.now)
        person.is_staff = person.is_deputy_director = False
    else:
        revoke(session, [person], actor.now)
        person.is_active = person.is_deputy_director = False
    session.flush()
    return done


def bring_back(session: Session, person: User) -> None:
    """Somebody who left may sign in again, once access is given anew."""
    person.is_active = person.is_staff = True
    session.flush()


def end_sessions(session: Session, people: Iterable[int], now: datetime) -> int:
    """Sign people out of every browser; how many browsers there were."""
    rows = select(UserSession).where(UserSession.user_id.in_(set(people)), UserSession.ended_at.is_(None))
    browsers = session.scalars(rows).all()
    for browser in browsers:
        browser.ended_at = now
    session.flush()
    return len(browsers)


def give_back(session: Session, handover: Handover, today: date) -> None:
    """The journal of a handover returns to whoever gave it away. Raises Refusal."""
    assignment = handover.assignment
    if assignment.teacher_id != handover.to_teacher_id:
        raise Refusal(lazy_gettext("This journal has been given on to somebody else since. Nothing was changed."))
    hand_over(session, assignment.teacher, Wishes({assignment.id: handover.from_teacher_id}), today)


def _takers(session: Session, wishes: Wishes, person: User) -> dict[int, User]:
    """Those who take something, by id. Raises Refusal for who is not of the staff, is switched off, or the person."""
    ids = {number for number in (*wishes.journals.values(), *wishes.classes.values(), wishes.substitute) if number}
    found = {
        user.id: user
        for user in session.scalars(select(User).where(User.id.in_(ids), User.is_active, User.is_staff))
        if user.id != person.id
    }
    if ids - found.keys():
        raise Refusal(lazy_gettext("Choose somebody of the staff who can sign in. Nothing was saved."))
    return found


def _hand_over_journals(
    session: Session, person: User, wanted: Mapping[int, int], people: Mapping[int, User], today: date
) -> int:
    rows = session.scalars(
        select(TeachingAssignment)
        .where(
            TeachingAssignment.id.in_(wanted),
            TeachingAssignment.teacher_id == person.id,
            or_(TeachingAssignment.ends_on.is_(None), TeachingAssignment.ends_on >= today),
        )
        .options(
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
        )
        .with_for_update(of=TeachingAssignment)
    ).all()
    if len(rows) != len(wanted):
        raise Refusal(
            lazy_gettext("Somebody has handed over one of these journals meanwhile. Nothing was saved: look anew.")
        )
    for assignment in rows:
        taker = people[wanted[assignment.id]]
        _refuse_twice(session, assignment, taker)
        _return_own_lessons(session, assignment, taker, today)
    for assignment in rows:
        assignment.teacher = people[wanted[assignment.id]]
    return len(rows)


def _refuse_twice(session: Session, assignment: TeachingAssignment, taker: User) -> None:
    same = select(TeachingAssignment.id).where(
        TeachingAssignment.teacher_id == taker.id,
        TeachingAssignment.subject_id == assignment.subject_id,
        TeachingAssignment.study_group_id == assignment.study_group_id,
        TeachingAssignment.starts_on == assignment.starts_on,
    )
    if session.scalar(same) is not None:
        raise Refusal(
            lazy_gettext(
                "%(name)s has a journal of their own for %(journal)s since the same day: choose somebody else, or "
                "change the first day of one of the two teaching assignments. Nothing was saved.",
                name=taker.full_name, journal=str(assignment),
            )
        )  # fmt: skip


def _return_own_lessons(session: Session, assignment: TeachingAssignment, taker: User, today: date) -> None:
    """Who takes the journal substitutes in it no more."""
    for lesson in session.scalars(
        select(Lesson).where(
            Lesson.teaching_assignment_id == assignment.id, Lesson.substitute_id == taker.id, Lesson.date >= today
        )
    ):
        lesson.substitute_id = None


def _hand_over_classes(
    session: Session, person: User, wanted: Mapping[int, int | None], people: Mapping[int, User], today: date
) -> int:
    rows = session.scalars(
        select(SchoolClass)
        .where(SchoolClass.id.in_(wanted), SchoolClass.class_teacher_id == person.id)
        .options(joinedload(SchoolClass.academic_year))
    ).all()
    if len(rows) != len(wanted) or any(each.academic_year.ends_on < today for each in rows):
        raise Refusal(lazy_gettext("Somebody else leads one of these classes by now. Nothing was saved: look anew."))
    for school_class in rows:
        leader = wanted[school_class.id]
        school_class.class_teacher = people[leader] if leader else None
    return len(rows)


def _hand_over_substitutions(
    session: Session, person: User, wishes: Wishes, people: Mapping[int, User], today: date
) -> int:
    lessons = session.scalars(
        select(Lesson)
        .where(Lesson.substitute_id == person.id, Lesson.date >= today)
        .options(joinedload(Lesson.assignment))
    ).all()
    for lesson in lessons:
        own = lesson.assignment.teacher_id == wishes.substitute  # whose lesson it is does not substitute in it
        lesson.substitute = people[wishes.substitute] if wishes.substitute and not own else None
    return len(lessons)
