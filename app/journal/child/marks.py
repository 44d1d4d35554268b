"""Marks of a student: new ones, those of days, and by subject in a term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.config import Grading
from app.journal.child.own_lessons import own
from app.journal.grading import Outlook, Weighted, average, outlook, proposed_term_mark
from app.models import FinalMark, Lesson, Mark, Subject, TeachingAssignment, Term, Work


@dataclass(frozen=True)
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


def got(session: Session, student_id: int, *where: Any) -> list[GotMark]:
    """Marks of the student that meet ``where`` (of Mark and Lesson), in the order of the lessons."""
    rows = session.scalars(
        select(Mark)
        .join(Mark.work)
        .join(Work.lesson)
        .where(Mark.student_id == student_id, *where)
        .options(
            contains_eager(Mark.work)
            .contains_eager(Work.lesson)
            .joinedload(Lesson.assignment)
            .joinedload(TeachingAssignment.subject)
        )
        .order_by(Lesson.date, Lesson.number, Work.id)
    )
    return [_got(mark) for mark in rows]


def _got(mark: Mark) -> GotMark:
    work, lesson = mark.work, mark.work.lesson
    return GotMark(
        value=mark.value,
        work=work.title or str(work.kind),
        weight=work.weight,
        comment=mark.comment,
        subject_id=lesson.assignment.subject_id,
        subject=str(lesson.assignment.subject),
        topic=lesson.topic,
        lesson_id=lesson.id,
        lesson_date=lesson.date,
        entered_at=mark.entered_at,
    )


def by_subject(session: Session, student_id: int, term: Term, grading: Grading) -> list[SubjectMarks]:
    """Every subject that the student has in the term, by name, with its marks; three statements."""
    subjects = session.scalars(
        select(Subject)
        .where(
            Subject.id.in_(
                own(student_id, TeachingAssignment.subject_id).where(Lesson.date.between(term.starts_on, term.ends_on))
            )
        )
        .order_by(Subject.search_name)
    ).all()
    marks: defaultdict[int, list[GotMark]] = defaultdict(list)
    for mark in got(session, student_id, Lesson.date.between(term.starts_on, term.ends_on)):
        marks[mark.subject_id].append(mark)
    finals = {
        mark.subject_id: mark
        for mark in session.scalars(
            select(FinalMark).where(FinalMark.student_id == student_id, FinalMark.term_id == term.id)
        )
    }
    return [_of_subject(subject, marks[subject.id], finals.get(subject.id), grading) for subject in subjects]


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
