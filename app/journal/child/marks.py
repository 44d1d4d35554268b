"""Marks of a student: new ones, those of days, and by subject in a term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.config import Grading
from app.journal.child.own_lessons import own
from app.journal.grading import Outlook, Weighted, average, outlook, proposed_term_mark
from app.models import FinalMark, Lesson, Mark, Subject, TeachingAssignment, Term, Work
from app.policy.kept import kept


@dataclass(frozen=True, slots=True)
class GotMark:
    """A mark: for which work of what weight, in which lesson, with what comment for the parents."""

    value: int
    work: str
    weight: int
    comment: str
    subject_id: int
    subject: str
    topic: str
    lesson_id: int
    lesson_date: date
    entered_at: datetime


@dataclass(frozen=True)
class SubjectMarks:
    """The marks of a term in a subject, by day; ``average`` in hundredths.

    ``proposed`` is the term mark they give, ``final`` the one that stands; ``outlook`` what a next mark would do.
    """

    subject: Subject
    marks: Sequence[GotMark]
    average: int | None
    proposed: int | None
    final: FinalMark | None
    outlook: Sequence[Outlook]


def got(
    session: Session, student_id: int, first: date, last: date, entered_since: datetime | None = None
) -> list[GotMark]:
    """Marks of the student in lessons of these days, and those ``entered_since``, in the order of the lessons."""
    asked = {"student": student_id, "first": first, "last": last}
    if entered_since is not None:
        asked["since"] = entered_since
    rows = session.execute(_got(entered_since is not None), asked).all()
    kinds = {kind: str(kind) for _value, _title, kind, *_rest in rows}
    return [GotMark(value, title or kinds[kind], *rest) for value, title, kind, *rest in rows]


@lru_cache
def _got(or_since: bool) -> Any:
    """The columns of GotMark, made once."""
    which: Any = Lesson.date.between(bindparam("first"), bindparam("last"))
    if or_since:
        which = or_(which, Mark.entered_at >= bindparam("since"))
    return kept(
        select(
            Mark.value, Work.title, Work.kind, Work.weight, Mark.comment, TeachingAssignment.subject_id, Subject.name,
            Lesson.topic, Lesson.id, Lesson.date, Mark.entered_at,
        )
        .join(Mark.work)
        .join(Work.lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.subject)
        .where(Mark.student_id == bindparam("student"), which)
        .order_by(Lesson.date, Lesson.number, Work.id)
    )  # fmt: skip


def by_subject(session: Session, student_id: int, term: Term, grading: Grading) -> list[SubjectMarks]:
    """Every subject that the student has in the term, by name, with its marks; three statements."""
    asked = {"student": student_id, "first": term.starts_on, "last": term.ends_on}
    subjects = session.scalars(_subjects(), asked).all()
    marks: defaultdict[int, list[GotMark]] = defaultdict(list)
    for mark in got(session, student_id, term.starts_on, term.ends_on):
        marks[mark.subject_id].append(mark)
    finals = {
        mark.subject_id: mark
        for mark in session.scalars(
            select(FinalMark).where(FinalMark.student_id == student_id, FinalMark.term_id == term.id)
        )
    }
    return [_of_subject(subject, marks[subject.id], finals.get(subject.id), grading) for subject in subjects]


@lru_cache
def _subjects() -> Any:
    """The subjects of a student's own lessons on some days, made once."""
    student: Any = bindparam("student")
    taught = own(student, TeachingAssignment.subject_id).where(
        Lesson.date.between(bindparam("first"), bindparam("last"))
    )
    return kept(select(Subject).where(Subject.id.in_(taught)).order_by(Subject.search_name))


def _of_subject(subject: Subject, marks: Sequence[GotMark], final: FinalMark | None, grading: Grading) -> SubjectMarks:
    weighted: list[Weighted] = [(mark.value, mark.weight) for mark in marks]
    return SubjectMarks(
        subject=subject,
        marks=marks,
        average=average(weighted),
        proposed=proposed_term_mark(weighted, grading),
        final=final,
        outlook=outlook(weighted, grading) if final is None else (),
    )
