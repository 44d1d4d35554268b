"""Whom a person may give access to, and which people a choice on a screen means.

The policy decides: a person may be given access by whoever may create a credential of that person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import Base
from app.models import Credential, Delivery, Enrollment, Guardianship, SchoolClass, Student, User
from app.policy import Action, PolicyError

STAFF, PARENTS, STUDENTS = "staff", "parents", "students-"


class _FutureCredential:
    """Stands in the policy's criterion for a credential of which only the person is known yet."""

    user_id = User.id


@dataclass(frozen=True)
class Group:
    """People among whom one chooses; ``key`` is «staff», «parents», the number of a class (its parents), or
    «students-» with the number of a class."""

    key: str
    title: str | LazyString


def may_receive(session: Session) -> ColumnElement[bool]:
    """The criterion for people to whom the session's person may give access."""
    return policy.criterion(policy.actor_of(session), Credential, Action.CREATE, row=_FutureCredential)


def receivers(session: Session, ids: Collection[int]) -> set[int]:
    """Those of the people to whom the session's person may give access."""
    return set(session.scalars(select(User.id).where(User.id.in_(ids), may_receive(session))))


def groups(session: Session, today: date) -> list[Group]:
    """The classes with a parent to whom the session's person may give access; staff and all parents likewise; and
    the students of each class whose data the person keeps.

    Classes of students who come later than ``today`` are among them. Two statements.
    """
    receives = may_receive(session)
    kept = policy.criterion(policy.actor_of(session), Student, Action.CHANGE)
    enrolled = select(Enrollment.id).where(Enrollment.school_class_id == SchoolClass.id, _not_over(today))
    guarded = enrolled.join(Guardianship, Guardianship.student_id == Enrollment.student_id)
    with_parent = guarded.join(User, User.id == Guardianship.user_id).where(receives).exists()
    with_student = enrolled.join(Enrollment.student).where(kept).exists()
    asked = select(SchoolClass, with_parent, with_student).where(or_(with_parent, with_student))
    rows = session.execute(asked.order_by(SchoolClass.grade, SchoolClass.letter)).all()
    found = [Group(str(row.id), str(row)) for row, has_parent, _ in rows if has_parent]
    if len(found) > 1:
        found.append(Group(PARENTS, lazy_gettext("Parents of all classes")))
    if session.scalars(select(User.id).where(User.is_staff, receives).limit(1)).first() is not None:
        found.append(Group(STAFF, lazy_gettext("Staff")))
    return found + [
        Group(f"{STUDENTS}{row.id}", lazy_gettext("Students of %(name)s", name=str(row)))
        for row, _, has_student in rows
        if has_student
    ]


def class_of(group: str) -> int | None:
    """The number of the class whose students the group is; None for another group."""
    return int(group.removeprefix(STUDENTS)) if group.startswith(STUDENTS) else None


def people_in(session: Session, group: str, today: date) -> list[int]:
    """The people of a group of ``groups``, in the order of classes and children; staff by name."""
    if group == STAFF:
        staff = select(User.id).where(User.is_staff, may_receive(session)).order_by(User.sort_name, User.id)
        return list(session.scalars(staff))
    if (class_id := class_of(group)) is not None:
        own = (
            select(Student.user_id)
            .join(Enrollment, Enrollment.student_id == Student.id)
            .where(_not_over(today), Enrollment.school_class_id == class_id, Student.user_id.is_not(None))
            .order_by(Student.sort_name, Student.id)
        )
        return list(dict.fromkeys(number for number in session.scalars(own) if number is not None))
    parents = (
        select(Guardianship.user_id)
        .join(Student, Student.id == Guardianship.student_id)
        .join(Enrollment, Enrollment.student_id == Student.id)
        .join(SchoolClass, SchoolClass.id == Enrollment.school_class_id)
        .where(_not_over(today))
        .order_by(SchoolClass.grade, SchoolClass.letter, Student.sort_name, Guardianship.id)
    )
    if group != PARENTS:
        parents = parents.where(SchoolClass.id == int(group))
    return list(dict.fromkeys(session.scalars(parents)))


def _not_over(today: date) -> ColumnElement[bool]:
    return or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= today)


# Which people the rows of a list mean: the table, and the people behind some of its rows.
_BEHIND: dict[str, tuple[type[Base], Any]] = {
    "student": (Student, lambda ids: select(Guardianship.user_id).where(Guardianship.student_id.in_(ids))),
    "guardianship": (Guardianship, lambda ids: select(Guardianship.user_id).where(Guardianship.id.in_(ids))),
    "credential": (Credential, lambda ids: select(Credential.user_id).where(Credential.id.in_(ids))),
    "delivery": (Delivery, lambda ids: select(Delivery.user_id).where(Delivery.id.in_(ids))),
}
KINDS = frozenset(_BEHIND) | {"user"}


def people_behind(session: Session, kind: str, ids: Collection[int]) -> list[int]:
    """The people meant by rows of a list, each once, by name; ``kind`` is one of KINDS, «user» excepted.

    Raises PolicyError when the session's person does not see one of the rows.
    """
    model, behind = _BEHIND[kind]
    seen: Select[Any] = select(model.id).where(model.id.in_(ids))  # type: ignore[attr-defined]
    if len(session.scalars(seen).all()) != len(set(ids)):
        raise PolicyError(Action.SEE, model)
    people = select(User.id).where(User.id.in_(behind(ids))).order_by(User.sort_name, User.id)
    return list(session.scalars(people))
