"""Where students belong: in one class at a time, in parts of that class only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, or_, select

from app.regulation.tables import (
    Ids,
    enrollment,
    member,
    study_group,
)


def overlapping_enrollments(ids: Ids) -> Select[Any]:
    """Enrolments of students who are in another class in these days."""
    other = enrollment.alias()
    return select(enrollment.c.id).where(
        enrollment.c.id.in_(ids),
        other.c.student_id == enrollment.c.student_id,
        other.c.id != enrollment.c.id,
        or_(other.c.ends_on.is_(None), other.c.ends_on >= enrollment.c.starts_on),
        or_(enrollment.c.ends_on.is_(None), other.c.starts_on <= enrollment.c.ends_on),
    )


def members_of_another_class(ids: Ids) -> Select[Any]:
    """Members of a part of a class who are not of that class when they join it, or of the whole class."""
    enrolled = exists().where(
        enrollment.c.student_id == member.c.student_id,
        enrollment.c.school_class_id == study_group.c.school_class_id,
        enrollment.c.starts_on <= member.c.starts_on,
        or_(enrollment.c.ends_on.is_(None), enrollment.c.ends_on >= member.c.starts_on),
    )
    rows = member.join(study_group, study_group.c.id == member.c.study_group_id)
    wrong = or_(study_group.c.is_whole_class, ~enrolled)
    return select(member.c.id).select_from(rows).where(member.c.id.in_(ids), wrong)
