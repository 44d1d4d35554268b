"""The works of a journal: added, changed, moved, deleted with what stands in them. ``app.undo`` brings them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.grid.ground import NO_LESSON, NO_WORK
from app.models import Lesson, Mark, TeachingAssignment, Work
from app.models.journal import WorkKind
from app.people.refusal import Refusal

LONGEST_TITLE = 120
HEAVIEST = 10

NO_KIND = lazy_gettext("Choose what kind of work it is.")
NO_WEIGHT = lazy_gettext("A weight is a whole number from 1 to 10.")
NO_TITLE = lazy_gettext("A title has at most 120 characters.")


class HasMarksError(Exception):
    """The work has marks, and nobody said that they shall go with it."""

    def __init__(self, marks: int) -> None:
        super().__init__(marks)
        self.marks = marks


@dataclass(frozen=True)
class Described:
    """What a person says of a work; None: as it is."""

    lesson_id: int | None = None
    kind: WorkKind | None = None
    title: str | None = None
    weight: int | None = None


def described(raw: Any) -> Described:
    """What was sent about a work. Raises Refusal."""
    raw = raw if isinstance(raw, dict) else {}
    lesson_id, kind, title, weight = (raw.get(name) for name in ("lesson", "kind", "title", "weight"))
    if lesson_id is not None and not (type(lesson_id) is int and 0 < lesson_id < 2**31):
        raise Refusal(NO_LESSON)
    if kind is not None and kind not in [one.value for one in WorkKind]:
        raise Refusal(NO_KIND)
    if title is not None and not (isinstance(title, str) and len(title) <= LONGEST_TITLE and title.isprintable()):
        raise Refusal(NO_TITLE)
    if weight is not None and not (type(weight) is int and 1 <= weight <= HEAVIEST):
        raise Refusal(NO_WEIGHT)
    return Described(lesson_id, WorkKind(kind) if kind else None, title and title.strip(), weight)  # type: ignore[call-arg]


def add(session: Session, assignment: TeachingAssignment, what: Described) -> Work:
    """A new column. Raises Refusal, PolicyError, RegulationError. The caller commits."""
    if what.lesson_id is None:
        raise Refusal(NO_LESSON)
    if what.kind is None:
        raise Refusal(NO_KIND)
    work = Work(lesson=lesson_of_journal(session, assignment, what.lesson_id), kind=what.kind)
    work.title, work.weight = what.title or "", what.weight or 1
    session.add(work)
    session.flush()
    return work


def change(session: Session, assignment: TeachingAssignment, work_id: int, what: Described) -> Work:
    """Another kind, title, weight, or another lesson of the journal. The caller commits."""
    work = of_journal(session, assignment, work_id)
    if what.lesson_id is not None and what.lesson_id != work.lesson_id:
        work.lesson = lesson_of_journal(session, assignment, what.lesson_id)
    for name in ("kind", "title", "weight"):
        if (value := getattr(what, name)) is not None:
            setattr(work, name, value)
    session.flush()
    return work


def delete(session: Session, assignment: TeachingAssignment, work_id: int, *, confirmed: bool) -> None:
    """Take the column out. Raises HasMarksError for one with marks that is not ``confirmed``. The caller commits."""
    work = of_journal(session, assignment, work_id)
    marks = session.scalars(select(Mark).where(Mark.work_id == work_id)).all()
    if marks and not confirmed:
        raise HasMarksError(len(marks))
    for mark in marks:
        session.delete(mark)
    session.flush()  # the marks first: a work with marks is not deleted
    session.delete(work)
    session.flush()


def of_journal(session: Session, assignment: TeachingAssignment, work_id: int) -> Work:
    """A work of the journal. Raises Refusal when there is none."""
    work = session.scalars(
        select(Work).join(Work.lesson).where(Work.id == work_id, Lesson.teaching_assignment_id == assignment.id)
    ).one_or_none()
    if work is None:
        raise Refusal(NO_WORK)
    return work


def lesson_of_journal(session: Session, assignment: TeachingAssignment, lesson_id: int) -> Lesson:
    """A lesson of the journal. Raises Refusal when there is none."""
    lesson = session.scalars(
        select(Lesson).where(Lesson.id == lesson_id, Lesson.teaching_assignment_id == assignment.id)
    ).one_or_none()
    if lesson is None:
        raise Refusal(NO_LESSON)
    return lesson
