"""Personal sheet of a student for parents: marks of all subjects, averages, absences; a page for each of a class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.grading import average
from app.journal.sheet import Place
from app.models import Lesson, Mark, SchoolClass, Student, StudyGroup, TeachingAssignment, Term, Work
from app.models.journal import FinalMarkKind
from app.reports.attendance import columns, figures, read_rows
from app.reports.class_summary import Marks, figure, read_marks
from app.reports.document import Column, Document, Kind, Line, Table
from app.reports.presence import Presence, presences
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, NotThere, Report
from app.reports.roster import clipped

Weighed = tuple[int, int]
"""A mark and the weight of its work."""
WEIGHT = lazy_gettext("The average of current marks counts each with the weight of its work.")


@dataclass(frozen=True)
class Sheets:
    """What the sheets of a class are made of: final marks, current marks of ``term``, absences by term, who is
    in the class now."""

    marks: Marks
    term: Term | None
    current: Mapping[Place, Sequence[Weighed]]
    absences: Sequence[tuple[Term, Mapping[int, Presence]]]
    here: Set[int]


def make(session: Session, asked: Asked) -> Document:
    """The sheet of the chosen student, or of all students who are in the class, each on a page of its own."""
    if asked.school_class is None:
        raise NotThere
    sheets = read(session, asked, asked.school_class)
    students = [asked.student] if asked.student else _those_here(asked, sheets)
    pages = [_page(asked, sheets, student) for student in students]
    title = gettext("Personal sheet of a student")
    if not pages:
        return Document(title, [], asked.now, asked.lines(), notes=[gettext("Nobody is in the class.")])
    first = pages[0]
    return Document(
        title, first.tables, asked.now, first.lines, first.signatures, notes=first.notes, following=pages[1:],
        name=first.name,
    )  # fmt: skip


def _those_here(asked: Asked, sheets: Sheets) -> list[Student]:
    """Students who are in the class today, or were at the end of a year that is over."""
    return [student for student in asked.students if student.id in sheets.here]


def read(session: Session, asked: Asked, school_class: SchoolClass) -> Sheets:
    """Everything of a class at once, however many students it has."""
    period = asked.period
    term = period.term_of(school_class.term_kind) if period else None
    days = {school_class.id: (asked.year.starts_on, asked.year.ends_on)}
    held, spells, missed = read_rows(session, days, asked.today)
    own = [each for each in asked.terms_of(school_class) if each.starts_on <= asked.today]
    absences = []
    for each in own:
        found = presences(held, clipped(spells, each.starts_on, each.ends_on), missed, lambda day: day)
        absences.append((each, {student: presence for (_class, student), presence in found.students.items()}))
    current = read_current(session, school_class.id, term.starts_on, term.ends_on) if term else {}
    day = max(asked.year.starts_on, min(asked.today, asked.year.ends_on))
    here = {spell.student_id for spell in spells if spell.covers(day)}
    return Sheets(read_marks(session, asked, school_class), term, current, absences, here)


def read_current(session: Session, class_id: int, first: date, last: date) -> dict[Place, list[Weighed]]:
    """Marks of the lessons of a class with their weights, by student and subject, in the order of the lessons."""
    rows = session.execute(
        select(Mark.student_id, TeachingAssignment.subject_id, Mark.value, Work.weight)
        .select_from(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(Work, Work.lesson_id == Lesson.id)
        .join(Mark, Mark.work_id == Work.id)
        .where(StudyGroup.school_class_id == class_id, Lesson.date.between(first, last))
        .order_by(Lesson.date, Lesson.number, Work.id)
    )
    found: defaultdict[Place, list[Weighed]] = defaultdict(list)
    for student_id, subject_id, value, weight in rows:
        found[student_id, subject_id].append((value, weight))
    return dict(found)


def _page(asked: Asked, sheets: Sheets, student: Student) -> Document:
    teacher = sheets.marks.school_class.class_teacher
    lines = [
        asked.school.name,
        gettext("%(year)s academic year", year=asked.year),
        gettext("%(student)s, class %(name)s", student=student.full_name, name=sheets.marks.school_class),
    ]
    if teacher:
        lines.append(gettext("Class teacher: %(name)s", name=teacher.full_name))
    tables = [_marks(sheets, student), _absences(sheets, student)]
    return Document(
        gettext("Personal sheet of a student"),
        [each for each in tables if each.rows],
        asked.now,
        lines,
        signatures=[gettext("Class teacher"), gettext("Parents have read it")],
        notes=[str(WEIGHT)] if sheets.term and sheets.marks.columns else [],
        name=f"{student.family_name} {student.given_name}",
    )


def _marks(sheets: Sheets, student: Student) -> Table:
    """Subjects that the student has; final marks of the terms, the year and what there is of exam and certificate."""
    marks = sheets.marks
    shown = [
        each for each in marks.columns if each.kind in (FinalMarkKind.TERM, FinalMarkKind.YEAR) or marks.given[each.key]
    ]
    heads = [Column(gettext("Subject"), width=24), *(Column(each.name, Kind.MARK, width=9) for each in shown)]
    if sheets.term:
        group = gettext("Current marks: %(term)s", term=sheets.term.short_name)
        heads += [
            Column(gettext("Marks"), group=group, width=34),
            Column(gettext("average"), Kind.AVERAGE, group=group),
        ]
    rows = []
    for index, subject in enumerate(marks.subjects):
        current = sheets.current.get((student.id, subject.id), ())
        given = [marks.of(each, student)[index] for each in shown]
        if not current and not any(given):
            continue
        row: list[Any] = [str(subject), *map(figure, given)]
        if sheets.term:
            hundredths = average(current)
            row += [" ".join(str(value) for value, _weight in current), hundredths / 100 if hundredths else None]
        rows.append(row)
    averages = [marks.counts(each, marks.of(each, student)).average for each in shown]
    ends = [None, None] if sheets.term else []
    line = Line(gettext("Average mark"), ["", *averages, *ends], Kind.AVERAGE, "AVERAGE({cells})")
    return Table(heads, rows, gettext("Marks"), below=[line])


def _absences(sheets: Sheets, student: Student) -> Table:
    found = [(term, of_student.get(student.id)) for term, of_student in sheets.absences]
    rows = [
        [term.short_name, *figures(each)]
        for term, each in found if each
    ]  # fmt: skip
    return Table([Column(gettext("Period")), *columns()], rows, gettext("Attendance"), gettext("Year"))


REPORTS = (
    Report(
        "student",
        lazy_gettext("Personal sheet of a student"),
        lazy_gettext("Marks, averages and absences on a page, of one student or of the whole class: for parents."),
        Group.PAPERS,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.CLASS, Filter.STUDENT),
        required=(Filter.CLASS,),
        reaches=(Reach.SCHOOL, Reach.LED),
        is_current=True,
    ),
)
