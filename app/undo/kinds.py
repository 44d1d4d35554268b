"""What can come back, for how long, and what of it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import RelationshipDirection, RelationshipProperty

from app import models
from app.extensions import Base
from app.policy import HIDDEN

KEPT_FOR = timedelta(30)
MOST = 2_000
"""Rows of one deletion; more than these is a matter for a backup."""

UNDOABLE: dict[str, type[Any]] = {
    model.__name__: model
    for model in (
        models.User, models.Account, models.Student, models.StudentDetails, models.Guardianship, models.Enrollment,
        models.SchoolClass, models.StudyGroup, models.StudyGroupMember, models.AcademicYear, models.Term,
        models.Holiday, models.BellTime, models.Subject, models.TeachingAssignment, models.TimetableSlot,
        models.Lesson, models.RollCall, models.PlannedTopic, models.StudentHomework, models.Work, models.Mark,
        models.StaffNote, models.Attendance, models.FinalMark, models.NewsItem, models.RuleSetting,
        models.ExcusedPeriod,
    )
}  # fmt: skip
"""Not what lets somebody in, what a family asked for or agreed to, nor files: their content goes with the row."""

FILES = frozenset({"picture"})
"""Columns that name a file, which went with the row."""
LOST = HIDDEN | FILES

ORDER = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}


def place(model_name: str) -> int:
    """Where a kind stands when what others refer to comes first."""
    return ORDER[UNDOABLE[model_name].__table__] if model_name in UNDOABLE else len(ORDER)


def references(model: type[Any]) -> list[tuple[str, RelationshipProperty[Any]]]:
    """The columns that refer to another row, each with its relation."""
    return [
        (next(iter(relation.local_columns)).key, relation)
        for relation in model.__mapper__.relationships
        if relation.direction is RelationshipDirection.MANYTOONE
    ]


def link_tables(model: type[Any]) -> list[RelationshipProperty[Any]]:
    """Relations by a table of links, which the audit tells as two lists of ids: taken out, put in."""
    return [relation for relation in model.__mapper__.relationships if relation.secondary is not None]
