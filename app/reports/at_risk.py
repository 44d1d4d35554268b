"""Students at risk in the term that lasts: why, in which subject, with which teacher."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Grading
from app.models import FinalMark
from app.models.journal import NUMBERS
from app.reports.document import Column, Document, Kind, Linked, Row, Table, Total
from app.reports.periods import Period
from app.reports.pupils import Pupil, day_of, pupils_of
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, Report
from app.reports.running import Figure, Running, read_running

MOST = 500
"""So many lines anybody can look through."""
SEVERAL = 6
"""Of more classes than these only the gravest cases are named, until a grade or a class is chosen."""
LARGE = 150
"""Classes of whose current marks nobody wants to wait for."""
ABSENT_PART, ABSENT_LEAST = 30, 10
"""Many absences: this percent of the lessons held, and at least so many lessons."""


class Risk(Enum):
    """Why a student stands on the list, the gravest first."""

    LOW = "low"  # the current marks propose a 2
    NEAR = "near"  # the average is below 3
    FALLEN = "fallen"  # they propose less than the last term brought
    FEW = "few"  # too few marks for a term mark, though half of the term is over
    ABSENT = "absent"


TITLES = {
    Risk.LOW: lazy_gettext("a 2 is coming"),
    Risk.NEAR: lazy_gettext("average below 3"),
    Risk.FALLEN: lazy_gettext("fell by a mark"),
    Risk.FEW: lazy_gettext("few marks"),
    Risk.ABSENT: lazy_gettext("many absences"),
}


GRAVE = {Risk.LOW, Risk.ABSENT}


@dataclass(frozen=True)
class Case:
    """A student in a subject (``assignment_id`` None: in all of them), with all reasons at once."""

    student_id: int
    assignment_id: int | None
    risks: tuple[Risk, ...]
    figure: Figure = Figure()
    before: int | None = None
    missed: int = 0
    held: int = 0


def risks_of(figure: Figure, before: int | None, grading: Grading, *, is_late: bool) -> tuple[Risk, ...]:
    """What the marks of a subject give reason to fear. ``before`` is the mark of the last term; ``is_late``: more than
    half of the term is over, so that too few marks are a risk."""
    found = []
    if figure.average is not None:
        if figure.average < 200 + grading.threshold:
            found.append(Risk.LOW)
        elif figure.average < 300:
            found.append(Risk.NEAR)
    if figure.proposed is not None and before is not None and figure.proposed < before:
        found.append(Risk.FALLEN)
    if is_late and figure.count < grading.minimum:
        found.append(Risk.FEW)
    return tuple(found)


def is_often_absent(missed: int, held: int) -> bool:
    """Whether the lessons missed are many of those held."""
    return missed >= ABSENT_LEAST and missed * 100 >= held * ABSENT_PART


def students_at_risk(session: Session, asked: Asked) -> Document:
    """Every student with a reason, by class and name; first how many there are in each class."""
    title = gettext("Students at risk")
    if len(asked.classes) > LARGE:
        said = gettext("The school is large: choose a grade or a class.")
        return Document(title, [], asked.now, asked.lines(), notes=[said])
    pupils = pupils_of(session, asked, day_of(asked))
    running = read_running(session, asked)
    found = _cases(asked, pupils, running, _before(session, asked))
    is_wide = len(asked.classes) > SEVERAL and not (asked.subject or asked.teacher)
    named = [case for case in found if not is_wide or not GRAVE.isdisjoint(case.risks)]
    rows = [_row(asked, pupils[each.student_id], each) for each in named[:MOST]]
    tables = [_by_class(asked, pupils, found)] if len(asked.classes) > 1 else []
    tables.append(Table(_columns(), rows, gettext("Students") if tables else ""))
    said = _notes(asked, len(named), is_wide)
    return Document(title, tables, asked.now, asked.lines(), is_landscape=True, notes=said, is_apart=True)


def _previous(asked: Asked) -> Period | None:
    """The period of terms before the asked one."""
    terms = [period for period in asked.periods if period.terms]
    index = next((index for index, each in enumerate(terms) if each == asked.period), 0)
    return terms[index - 1] if index else None


def _before(session: Session, asked: Asked) -> dict[tuple[int, int], int]:
    """Term marks of the last term that are figures, by student and subject."""
    previous = _previous(asked)
    if previous is None:
        return {}
    rows = select(FinalMark.student_id, FinalMark.subject_id, FinalMark.value).where(
        FinalMark.academic_year_id == asked.year.id, *previous.marks(), FinalMark.value.in_(list(NUMBERS))
    )
    if len(asked.assignments) < len(asked.ground.held):
        rows = rows.where(FinalMark.subject_id.in_({each.subject_id for each in asked.assignments.values()}))
    return {(student, subject): NUMBERS[value] for student, subject, value in session.execute(rows)}


def _cases(
    asked: Asked, pupils: Mapping[int, Pupil], running: Running, before: Mapping[tuple[int, int], int]
) -> list[Case]:
    found: defaultdict[int, list[Case]] = defaultdict(list)
    held: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    for (number, student), figure in running.figures.items():
        if student not in pupils:
            continue
        lessons = running.held.get(number, 0)
        held[student] += lessons
        missed[student] += running.missed.get((number, student), 0)
        last = before.get((student, asked.ground.held[number].subject_id))
        is_late = _is_late(asked) and lessons >= asked.school.grading.minimum
        if risks := risks_of(figure, last, asked.school.grading, is_late=is_late):
            found[student].append(Case(student, number, risks, figure, last))
    for student in pupils:
        if is_often_absent(missed[student], held[student]):
            found[student].insert(0, Case(student, None, (Risk.ABSENT,), missed=missed[student], held=held[student]))
    return [case for student in pupils for case in found.get(student, ())]


def _is_late(asked: Asked) -> bool:
    """Whether more than half of the shortest of the terms is over."""
    terms = asked.period.terms if asked.period else ()
    first = max((term.starts_on for term in terms), default=asked.today)
    last = min((term.ends_on for term in terms), default=asked.today)
    return (asked.today - first) * 2 > last - first


def _columns() -> list[Column]:
    return [
        Column(gettext("Student")), Column(gettext("Class")), Column(gettext("Subject")), Column(gettext("Teacher")),
        Column(gettext("Average"), Kind.AVERAGE), Column(gettext("Number of marks"), Kind.WHOLE),
        Column(gettext("Proposed"), Kind.MARK), Column(gettext("Last term"), Kind.MARK),
        Column(gettext("Reasons"), width=40),
    ]  # fmt: skip


def _row(asked: Asked, pupil: Pupil, case: Case) -> Row:
    ground, figure = asked.ground, case.figure
    name = Linked(pupil.name, asked.address("student.details_view", id=pupil.id))
    school_class = str(ground.classes[pupil.class_id])
    reasons = ", ".join(_said(risk, case, asked.school.grading) for risk in case.risks)
    if case.assignment_id is None:
        return [name, school_class, _whose_lessons(asked), "", None, None, None, None, reasons]
    held = ground.held[case.assignment_id]
    subject = Linked(str(ground.subjects[held.subject_id]), asked.address("journal.grid", assignment_id=held.id))
    teacher = ground.teachers.get(held.teacher_id)
    average = figure.average / 100 if figure.average is not None else None
    return [
        name, school_class, subject, teacher.short_name if teacher else "", average, figure.count, figure.proposed,
        case.before, reasons,
    ]  # fmt: skip


def _whose_lessons(asked: Asked) -> str:
    """Of which lessons the absences are counted."""
    if asked.subject is not None:
        return str(asked.subject)
    is_part = asked.reach is Reach.OWN or asked.teacher is not None
    return str(gettext("lessons of the teacher") if is_part else gettext("all subjects"))


def _said(risk: Risk, case: Case, grading: Grading) -> str:
    match risk:
        case Risk.FALLEN:
            return str(gettext("was %(before)s, is now %(now)s", before=case.before, now=case.figure.proposed))
        case Risk.FEW:
            return str(gettext("few marks: %(count)s of %(least)s", count=case.figure.count, least=grading.minimum))
        case Risk.ABSENT:
            return str(gettext("missed %(missed)s of %(held)s lessons", missed=case.missed, held=case.held))
    return str(TITLES[risk])


def _by_class(asked: Asked, pupils: Mapping[int, Pupil], cases: list[Case]) -> Table:
    """How many students of each class there are with each reason, each student once."""
    found: defaultdict[int, defaultdict[Any, set[int]]] = defaultdict(lambda: defaultdict(set))
    for case in cases:
        of_class = found[pupils[case.student_id].class_id]
        for risk in (*case.risks, None):
            of_class[risk].add(case.student_id)
    rows: list[Row] = []
    for each in asked.classes:
        if each.id in found:
            of_class = found[each.id]
            rows.append([str(each), len(of_class[None]), *(len(of_class[risk]) for risk in Risk)])
    columns = [Column(gettext("Students at risk"), Kind.WHOLE, total=Total.SUM)]
    columns += [Column(str(TITLES[risk]), Kind.WHOLE, group=gettext("of them"), total=Total.SUM) for risk in Risk]
    return Table([Column(gettext("Class")), *columns], rows, gettext("By classes"), gettext("Total of these"))


def _notes(asked: Asked, count: int, is_wide: bool) -> list[str]:
    grading = asked.school.grading
    said = [
        gettext(
            "A 2 is coming: the average is below %(limit)s. Fell: the current marks propose less than the last term "
            "brought. Few marks: fewer than %(least)s when half of the term is over. Many absences: at least "
            "%(part)s %% of the lessons held.",
            limit=f"2,{grading.threshold:02d}" if grading.threshold < 100 else "3",
            least=grading.minimum,
            part=ABSENT_PART,
        )  # fmt: skip
    ]
    if is_wide:
        said.insert(
            0, gettext("Named are the gravest cases: a 2 is coming, many absences. Choose a grade or a class for all.")
        )
    if count > MOST:
        said.insert(0, gettext("Only the first %(most)s lines are shown. Choose a grade or a class.", most=MOST))
    return said


REPORTS = (
    Report(
        "at-risk", lazy_gettext("Students at risk"),
        lazy_gettext("Low average, fallen marks, few marks, many absences in the term that lasts: with reasons."),
        Group.STUDENTS, students_at_risk,
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS, Filter.SUBJECT, Filter.TEACHER), is_current=True,
    ),
)  # fmt: skip
