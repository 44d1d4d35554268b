"""Who is taught what by whom in a class: the groups of its students, the assignments of its subjects."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, contains_eager

from app import policy
from app.journal.final_columns import writes_final_marks
from app.models import SchoolClass, StudyGroup, StudyGroupMember, Subject, TeachingAssignment
from app.policy.scopes import whole_journals


def overlaps(table: Any, first: date, last: date) -> ColumnElement[bool]:
    """Rows of ``table`` that hold on one of the days."""
    return and_(table.starts_on <= last, or_(table.ends_on.is_(None), table.ends_on >= first))


class Taught:
    """Who is taught what by whom in a class from ``first`` to ``last``; ``day`` decides where there are several.

    ``ids`` are the assignments; to the ``writable`` ones the person gives final marks.
    """

    def __init__(self, session: Session, school_class: SchoolClass, first: date, last: date, day: date) -> None:
        self.day = day
        self._held: defaultdict[int, list[TeachingAssignment]] = defaultdict(list)
        actor = policy.open_actor(session)
        # A substitute sees some lessons of a journal, so neither its averages nor who is taught there.
        seen = session.execute(
            select(TeachingAssignment, writes_final_marks(actor))
            .join(TeachingAssignment.study_group)
            .join(TeachingAssignment.subject)
            .outerjoin(TeachingAssignment.teacher)
            .options(
                contains_eager(TeachingAssignment.study_group),
                contains_eager(TeachingAssignment.subject),
                contains_eager(TeachingAssignment.teacher),
            )
            .where(
                StudyGroup.school_class_id == school_class.id, overlaps(TeachingAssignment, first, last),
                TeachingAssignment.id.in_(whole_journals(actor)),
            )
            .order_by(Subject.search_name, TeachingAssignment.starts_on, TeachingAssignment.id)
        ).all()  # fmt: skip
        for each, _writes in seen:
            self._held[each.subject_id].append(each)
        self.ids = {each.id for each, _writes in seen}
        self.writable = {each.id for each, writes in seen if writes}
        self.subjects: list[Subject] = [held[0].subject for held in self._held.values()]
        self.teachers = {
            subject: list(dict.fromkeys(str(each.teacher) for each in held if each.teacher))
            for subject, held in self._held.items()
        }
        members = session.execute(
            select(StudyGroupMember.study_group_id, StudyGroupMember.student_id, StudyGroupMember.ends_on)
            .join(StudyGroupMember.study_group)
            .where(StudyGroup.school_class_id == school_class.id, overlaps(StudyGroupMember, first, day))
            .order_by(StudyGroupMember.starts_on)
        )
        self._members = {(group, student): until for group, student, until in members}

    def of(self, student: int, subject: int) -> TeachingAssignment | None:
        """The assignment in which the student is taught the subject; None: not at all."""
        own = [
            held
            for held in self._held[subject]
            if held.study_group.is_whole_class or (held.study_group_id, student) in self._members
        ]
        return max(own, key=lambda held: self._standing(held, student), default=None)

    def _standing(self, held: TeachingAssignment, student: int) -> tuple[date, date, bool, int]:
        """The one that lasts (longest) comes before those that ended, a part of the class before the whole."""
        is_part = not held.study_group.is_whole_class
        until = min(self._members.get((held.study_group_id, student)) or date.max, held.ends_on or date.max)
        return min(until, self.day), held.starts_on, is_part, held.id
