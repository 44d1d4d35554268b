"""Takes a new year back, or makes it final. Nothing is taken back once something was built on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.extensions import Base
from app.models import (
    AcademicYear,
    Enrollment,
    Holiday,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Term,
    YearChange,
)
from app.people.refusal import Refusal

WORDS: dict[str, LazyString] = {
    "lesson": lazy_gettext("lessons"),
    "timetable_slot": lazy_gettext("weekly lessons of the timetable"),
    "enrollment": lazy_gettext("students who joined or moved"),
    "study_group_member": lazy_gettext("members added to groups"),
    "study_group": lazy_gettext("groups added"),
    "teaching_assignment": lazy_gettext("teaching assignments added"),
    "school_class": lazy_gettext("classes added"),
    "term": lazy_gettext("terms added"),
    "holiday": lazy_gettext("holidays added"),
    "final_mark": lazy_gettext("final marks"),
    "planned_topic": lazy_gettext("topics of lesson plans"),
    "news_item_class": lazy_gettext("news for classes"),
    "handover": lazy_gettext("journals handed over"),
}
OTHER = lazy_gettext("other records")
ORDER: tuple[type[Any], ...] = (
    StudyGroupMember, TeachingAssignment, Enrollment, SchoolClass, Holiday, Term,
)  # fmt: skip
"""What is deleted first stands first; groups go with their classes."""
ENDED: dict[str, type[Any]] = {
    each.__tablename__: each for each in (Enrollment, StudyGroupMember, TeachingAssignment)
}  # fmt: skip


def built_on(session: Session, change: YearChange) -> dict[str, int]:
    """By table, rows that somebody made since and that hold on to the new year; empty when it can be taken back."""
    found: dict[str, int] = {}
    for mapper in Base.registry.mappers:
        model: Any = mapper.class_
        if model is YearChange or not (holds := _holding(model, change.made)):
            continue
        own = change.made.get(model.__tablename__, [])
        number = session.scalar(select(func.count()).select_from(model).where(or_(*holds), model.id.not_in(own)))
        if number:
            found[model.__tablename__] = number
    return found


def _holding(model: Any, made: dict[str, list[int]]) -> list[ColumnElement[bool]]:
    return [
        getattr(model, model.__mapper__.get_property_by_column(column).key).in_(made[key.column.table.name])
        for column in model.__table__.c
        for key in column.foreign_keys
        if key.column.table.name in made
    ]


def told(found: dict[str, int]) -> str:
    """«lessons: 12, final marks: 3»."""
    return ", ".join(f"{WORDS.get(table, OTHER)}: {number}" for table, number in found.items())


def undo(session: Session, change: YearChange) -> None:
    """Take everything away that the step wrote, and let the old memberships last again; the caller commits.

    Raises Refusal for a confirmed step, and for one that something was built on.
    """
    _refuse_confirmed(change)
    found = built_on(session, change)
    if found:
        raise Refusal(
            lazy_gettext(
                "The step cannot be taken back: something was built on the new year since (%(what)s). Delete that "
                "first, or confirm the year.", what=told(found),
            )
        )  # fmt: skip
    made, ended, year_id = change.made, change.ended, change.to_year_id
    last_day = change.from_year.ends_on
    session.delete(change)
    session.flush()
    for model in ORDER:
        for row in session.scalars(_with_names(model).where(model.id.in_(made.get(model.__tablename__, [])))):
            session.delete(row)
        session.flush()  # what begins goes first: a student is not in two classes for a moment
    session.delete(session.get_one(AcademicYear, year_id))
    for table, model in ENDED.items():
        rows = _with_names(model).where(model.id.in_(ended.get(table, [])), model.ends_on == last_day)
        for row in session.scalars(rows):
            row.ends_on = None
    session.flush()


def confirm(change: YearChange, now: datetime) -> None:
    """Make the step final. Raises Refusal when it is."""
    _refuse_confirmed(change)
    change.confirmed_at = now


def _refuse_confirmed(change: YearChange) -> None:
    if change.confirmed_at is not None:
        raise Refusal(lazy_gettext("The year is confirmed already and stays."))


def _with_names(model: type[Any]) -> Any:
    """Rows with what the record of a change names them by."""
    options: dict[type[Any], tuple[Any, ...]] = {
        Enrollment: (joinedload(Enrollment.student), joinedload(Enrollment.school_class)),
        StudyGroupMember: (
            joinedload(StudyGroupMember.student),
            joinedload(StudyGroupMember.study_group).joinedload(StudyGroup.school_class),
        ),
        TeachingAssignment: (
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
        ),
        SchoolClass: (
            selectinload(SchoolClass.groups).selectinload(StudyGroup.members),
            selectinload(SchoolClass.enrollments),
        ),
        Term: (joinedload(Term.academic_year),),
        Holiday: (),
        Student: (),
    }
    return select(model).options(*options[model]).execution_options(populate_existing=True)
