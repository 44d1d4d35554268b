"""What stands in the way of an erasure, as sentences that say what to do first."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from app.models import Enrollment, Erasure, Guardianship, Student, User
from app.policy import Actor
from app.staff.holdings import classes_led, journals_of


def hindrances(session: Session, person: User | Student, actor: Actor) -> list[str]:
    """Nothing where the person can be erased. ``session`` is one of ``policy.system()``."""
    known = select(Erasure.id).where(Erasure.model == type(person).__name__, Erasure.object_id == person.id)
    if session.scalar(known) is not None:
        return [gettext("The data of this person is erased already.")]
    if isinstance(person, Student):
        return _of_student(session, person, actor.today)
    return [*_of_oneself(person, actor), *_of_staff(session, person, actor.today), *_of_family(session, person, actor)]


def _of_student(session: Session, student: Student, today: date) -> list[str]:
    if not session.scalar(select(_enrolled(today).where(Enrollment.student_id == student.id).exists())):
        return []
    return [
        gettext("%(name)s is a student of the school. First choose «%(leave)s» on the student's page.",
                name=student.full_name, leave=gettext("Left the school"))
    ]  # fmt: skip


def _of_oneself(person: User, actor: Actor) -> list[str]:
    if person.id != actor.user_id:
        return []
    return [gettext("You cannot erase yourself. Ask another deputy director.")]


def _of_staff(session: Session, person: User, today: date) -> list[str]:
    if not (person.is_staff or person.is_deputy_director):
        return []
    deputies = select(func.count()).where(User.is_deputy_director, User.is_active, User.id != person.id)
    if person.is_deputy_director and person.is_active and not session.scalar(deputies):
        return [gettext("This is the last deputy director: nobody could give access any more.")]
    if person.is_active and (person.is_staff or person.is_deputy_director):
        return [gettext("%(name)s works here. First choose «%(leave)s» on the person's page.",
                        name=person.full_name, leave=gettext("Leaves the school"))]  # fmt: skip
    if journals_of(session, person.id, today) or classes_led(session, person.id, today):
        return [gettext("Journals or classes still stand in this person's name. Hand them over first.")]
    return []


def _of_family(session: Session, person: User, actor: Actor) -> list[str]:
    enrolled = _enrolled(actor.today).where(Enrollment.student_id == Student.id).exists()
    of_them = or_(
        exists().where(Guardianship.student_id == Student.id, Guardianship.user_id == person.id),
        Student.user_id == person.id,
    )
    children = session.scalars(select(Student).where(of_them, enrolled).order_by(Student.sort_name)).all()
    if not children:
        return []
    names = ", ".join(child.full_name for child in children)
    return [
        gettext("This person reads the diary of a student of the school (%(names)s). First the student leaves, or the "
                "person is removed from the student's parents.", names=names)
    ]  # fmt: skip


def _enrolled(today: date) -> Select[int]:
    """Enrolments that last, or will begin."""
    return select(Enrollment.id).where(or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today))
