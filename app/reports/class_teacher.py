"""The class teacher's report for a term: students, results, lists, attendance, parents' use of the diary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import SchoolClass, Student
from app.reports import diary_use, movement
from app.reports.attendance import columns, days_of, figures, read_rows
from app.reports.columns import cells, shown
from app.reports.columns import columns as result_columns
from app.reports.document import Column, Document, Kind, Table
from app.reports.final_counts import final_counts
from app.reports.lists import DECIDING, TITLES
from app.reports.presence import Presences, monday, presences
from app.reports.pupils import Results, details, read_results
from app.reports.quality import notes
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, NotThere, Report
from app.reports.roster import Days, Spell, read_enrolled
from app.reports.rules_kept import rules_kept
from app.reports.standing import Standing, standing

LISTED = (
    (Standing.FIVES, {Standing.FIVES}), (Standing.FOURS, {Standing.FOURS, Standing.ONE_FOUR}),
    (Standing.ONE_FOUR, {Standing.ONE_FOUR}), (Standing.ONE_THREE, {Standing.ONE_THREE}),
    (Standing.FAILING, {Standing.FAILING}),
)  # fmt: skip
"""The lists in their order, and whose standing puts them there."""


def make(session: Session, asked: Asked) -> Document:
    """Of one class and term, ready to be signed."""
    school_class, period = asked.school_class, asked.period
    if school_class is None or period is None:
        raise NotThere
    first, last = days_of(period, school_class)
    days = first, max(first, min(last, asked.today))
    enrolled = read_enrolled(session, {school_class.id: days})
    found = presences(*read_rows(session, {school_class.id: days}, asked.today), monday)
    counts = final_counts(session, asked, [period]).get(period.key, {})
    results = read_results(session, asked)
    use = diary_use.by_class([school_class], diary_use.read_use(session, enrolled, days))
    teacher = school_class.class_teacher
    leader = gettext("Class teacher: %(name)s", name=teacher.full_name) if teacher else ""
    tables = [
        _students(session, enrolled, days),
        _results(asked, counts),
        _lists(session, asked, results),
        _attendance(session, school_class, found),
        use,
        rules_kept(session, asked, days),
    ]
    said = [gettext("Made of what the current marks propose: no final marks are entered for this term yet.")]
    return Document(
        gettext("Report of the class teacher"),
        tables,
        asked.now,
        [", ".join(asked.lines(leader))],
        signatures=[gettext("Class teacher"), gettext("Deputy director")],
        notes=[*(said if results.is_proposed else []), *notes(asked, period, counts)],
    )


def _students(session: Session, enrolled: Sequence[Spell], days: Days) -> Table:
    """How many at the start and the end; who joined and who left with the day."""
    parts = [(spell, movement.movement(spell, days)) for spell in enrolled]
    came = [(spell.student_id, f"{spell.first:%d.%m}") for spell, each in parts if each.joined]
    left = [(spell.student_id, f"{spell.last:%d.%m}") for spell, each in parts if each.left]
    wanted = {student for student, _day in (*came, *left)}
    rows = session.execute(
        select(Student.id, Student.family_name, Student.given_name).where(Student.id.in_(wanted))
    )  # fmt: skip
    names = {student: f"{family} {given}" for student, family, given in rows}

    def who(those: Iterable[tuple[int, str]]) -> str:
        return ", ".join(f"{names[student]} ({day})" for student, day in those if student in names)

    whole = [each for _spell, each in parts]
    return Table(
        [
            Column(gettext("Students")),
            Column(gettext("How many"), Kind.WHOLE),
            Column(gettext("Who and when"), width=48),
        ],
        [
            [gettext("At the start"), sum(each.start for each in whole), ""],
            [gettext("Joined"), sum(each.joined for each in whole), who(came)],
            [gettext("Left"), sum(each.left for each in whole), who(left)],
            [gettext("At the end"), sum(each.end for each in whole), ""],
        ],
        gettext("Number of students"),
    )


def _results(asked: Asked, counts: dict[int, Any]) -> Table:
    """Each journal of the class: subject, group, teacher, marks and figures."""
    ground = asked.ground
    order = {subject: index for index, subject in enumerate(ground.subjects)}
    held = sorted((ground.held[number] for number in counts), key=lambda each: (order[each.subject_id], each.id))
    names = shown(counts.values())
    rows = [
        [f"{ground.subjects[each.subject_id]} {each.group}".strip(), ground.teachers[each.teacher_id].short_name,
         *cells(counts[each.id], names)]
        for each in held
    ]  # fmt: skip
    heads = [Column(gettext("Subject")), Column(gettext("Teacher"))]
    return Table([*heads, *result_columns(names)], rows, gettext("Results by subject"), gettext("Class"))


def _lists(session: Session, asked: Asked, results: Results) -> Table:
    """Who stands on which list; where some marks decide, with subject and teacher."""
    of_student = {number: standing(counts) for number, counts in results.counts.items()}
    rows = []
    for which, those in LISTED:
        students = [number for number in results.pupils if of_student.get(number) in those]
        why = _why(session, asked, results, students, which) if which in DECIDING and students else {}
        names = (
            f"{results.pupils[number].name} ({why[number]})" if number in why else results.pupils[number].name
            for number in students
        )  # fmt: skip
        rows.append([str(TITLES[which]), len(students), "; ".join(names)])
    heads = [Column(gettext("List")), Column(gettext("How many"), Kind.WHOLE), Column(gettext("Students"), width=48)]
    return Table(heads, rows, gettext("Lists of students"))


def _why(session: Session, asked: Asked, results: Results, students: list[int], which: Standing) -> dict[int, str]:
    """«Химия, Иванова А. А.» by student."""
    ground = asked.ground
    found: defaultdict[int, list[str]] = defaultdict(list)
    for each in details(session, asked, results, students, DECIDING[which]):
        held, subject = ground.held.get(each.assignment_id), ground.subjects.get(each.subject_id)
        teacher = ground.teachers.get(held.teacher_id) if held else None
        found[each.student_id].append(
            ", ".join(str(part) for part in (subject, teacher and teacher.short_name) if part)
        )
    return {number: "; ".join(parts) for number, parts in found.items()}


def _attendance(session: Session, school_class: SchoolClass, found: Presences) -> Table:
    """The class as a whole; below who missed lessons without a reason."""
    absent = {student: each.absent for (_class, student), each in found.students.items() if each.absent}
    rows = session.execute(
        select(Student.id, Student.family_name, Student.given_name)
        .where(Student.id.in_(absent))
        .order_by(Student.sort_name, Student.id)
    )
    names = ", ".join(f"{family} {given} ({absent[student]})" for student, family, given in rows)
    note = gettext("Without reason, with the number of lessons: %(names)s.", names=names) if names else ""
    return Table(
        [Column(gettext("Class")), *columns()], [[str(school_class), *figures(found.whole)]], gettext("Attendance"),
        note=note,
    )  # fmt: skip


REPORTS = (
    Report(
        "class-teacher",
        lazy_gettext("Report of the class teacher"),
        lazy_gettext(
            "For a term: number of students, results, lists, attendance, parents and the diary. To be signed."
        ),
        Group.PAPERS,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.CLASS),
        required=(Filter.CLASS, Filter.PERIOD),
        reaches=(Reach.SCHOOL, Reach.LED),
    ),
)
