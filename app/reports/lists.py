"""Lists of students by their marks: all fives, fives and fours, one four, one three, failing; and how many of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Session

from app import charts
from app.models.journal import FinalMarkValue
from app.reports.columns import SPARE
from app.reports.document import Column, Document, Kind, Linked, Row, Table, Total
from app.reports.figures import Counts
from app.reports.pupils import Pupil, Results, details, read_results
from app.reports.quality import total_word
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, Report
from app.reports.standing import Standing, standing

LOW = (FinalMarkValue.ONE, FinalMarkValue.TWO, FinalMarkValue.NOT_ASSESSED)
TITLES = {
    Standing.FIVES: lazy_gettext("All fives"),
    Standing.FOURS: lazy_gettext("Fives and fours"),
    Standing.ONE_FOUR: lazy_gettext("One four"),
    Standing.ONE_THREE: lazy_gettext("One three"),
    Standing.FAILING: lazy_gettext("Failing"),
}
DECIDING = {Standing.ONE_FOUR: (FinalMarkValue.FOUR,), Standing.ONE_THREE: (FinalMarkValue.THREE,),
            Standing.FAILING: LOW}  # fmt: skip


def student_list(session: Session, asked: Asked, which: Standing) -> Document:
    """Who stands on a list; where some marks decide, each of them with subject and teacher."""
    results = read_results(session, asked)
    wanted = {Standing.FOURS, Standing.ONE_FOUR} if which is Standing.FOURS else {which}
    known = {number: standing(results.counts.get(number, Counts())) for number in results.pupils}
    students = [number for number, each in known.items() if each in wanted]
    table = (
        _deciding(session, asked, results, students, which) if which in DECIDING else _plain(asked, results, students)
    )
    title = str(TITLES[which])
    count = ngettext("%(num)d student", "%(num)d students", len(students))
    return Document(title, [table], asked.now, asked.lines(count), notes=_notes(asked, results))


def _name(asked: Asked, pupil: Pupil) -> Linked:
    return Linked(pupil.name, asked.address("student.details_view", id=pupil.id))


def _plain(asked: Asked, results: Results, students: list[int]) -> Table:
    """A line for each student: how many fives and fours of how many marks, and the average."""
    rows: list[Row] = []
    for number in students:
        pupil, counts = results.pupils[number], results.counts[number]
        rows.append([
            _name(asked, pupil), str(asked.ground.classes[pupil.class_id]), counts.n5, counts.n4, counts.n,
            counts.average,
        ])  # fmt: skip
    return Table(
        [Column(gettext("Student")), Column(gettext("Class")), Column("5", Kind.WHOLE), Column("4", Kind.WHOLE),
         Column(gettext("Marks"), Kind.WHOLE), Column(gettext("Average mark"), Kind.AVERAGE)], rows,
    )  # fmt: skip


def _deciding(session: Session, asked: Asked, results: Results, students: list[int], which: Standing) -> Table:
    """A line for each mark that decides."""
    ground, rows = asked.ground, list[Row]()
    for each in details(session, asked, results, students, DECIDING[which]):
        pupil, held = results.pupils[each.student_id], ground.held.get(each.assignment_id)
        subject = ground.subjects.get(each.subject_id)
        teacher = ground.teachers.get(held.teacher_id) if held else None
        journal = asked.address("journal.grid", assignment_id=held.id) if held else ""
        rows.append([
            _name(asked, pupil), str(ground.classes[pupil.class_id]), Linked(str(subject or ""), journal),
            teacher.short_name if teacher else "", str(each.value),
        ])  # fmt: skip
    return Table(
        [Column(gettext("Student")), Column(gettext("Class")), Column(gettext("Subject")), Column(gettext("Teacher")),
         Column(gettext("Mark"), Kind.MARK)], rows,
    )  # fmt: skip


def _notes(asked: Asked, results: Results) -> list[str]:
    """What the list is made of, and what may still change it."""
    said = []
    if results.is_proposed:
        said.append(gettext(
            "No final marks are entered for this term yet: the list is made of what the current marks propose."
        ))  # fmt: skip
    elif asked.period and not results.counts:
        said.append(gettext("No final marks are entered for this period yet."))
    most: defaultdict[int, int] = defaultdict(int)
    sizes = {number: _all(counts) for number, counts in results.counts.items()}
    for number, size in sizes.items():
        most[results.pupils[number].class_id] = max(most[results.pupils[number].class_id], size)
    fewer = sum(sizes[number] < most[results.pupils[number].class_id] for number in sizes)
    if fewer:
        said.append(ngettext(
            "%(num)d student has marks in fewer subjects than others of the class: the list can still change.",
            "%(num)d students have marks in fewer subjects than others of their class: the list can still change.",
            fewer,
        ))  # fmt: skip
    return said


def _all(counts: Counts) -> int:
    return counts.n + counts.passed + counts.exempt


def summary(session: Session, asked: Asked) -> Document:
    """How many students of each class stand on which list."""
    results = read_results(session, asked)
    by_class: defaultdict[int, Counter[Standing]] = defaultdict(Counter)
    for number, pupil in results.pupils.items():
        by_class[pupil.class_id][standing(results.counts.get(number, Counts()))] += 1
    rows: list[Row] = []
    for each in asked.classes:
        found = by_class[each.id]
        marked = sum(found.values()) - found[Standing.UNKNOWN]
        if not marked:
            continue
        fours = found[Standing.FOURS] + found[Standing.ONE_FOUR]
        threes = found[Standing.THREES] + found[Standing.ONE_THREE]
        percents = (marked - found[Standing.FAILING]) / marked * 100, (found[Standing.FIVES] + fours) / marked * 100
        rows.append([
            str(each), sum(found.values()), found[Standing.UNKNOWN], found[Standing.FIVES], fours,
            found[Standing.ONE_FOUR], threes, found[Standing.ONE_THREE], found[Standing.FAILING], *percents,
        ])  # fmt: skip
    title = gettext("Students by their marks")
    table = Table(
        _summary_columns(), rows, total=total_word(asked) if len(rows) > 1 else "", chart=_summary_chart(title, rows)
    )
    return Document(title, [table], asked.now, asked.lines(), is_landscape=True, notes=[
        *_notes(asked, results),
        gettext("The percents are of students with marks; those of marks stand in the results by classes."),
    ])  # fmt: skip


def _summary_columns() -> list[Column]:
    marked, group = "({all}-{none})", gettext("Students with")
    rows = (
        ("all", gettext("Students"), ""), ("none", gettext("no marks"), ""), ("fives", gettext("fives only"), group),
        ("fours", gettext("fives and fours"), group), ("one_four", gettext("of them one four"), group),
        ("threes", gettext("threes"), group), ("one_three", gettext("of them one three"), group),
        ("failing", gettext("a 2 or n/a"), group),
    )  # fmt: skip
    return [
        Column(gettext("Class")),
        *(Column(name, Kind.WHOLE, key, of, total=Total.SUM, width=11) for key, name, of in rows),
        Column(gettext("Without a 2, %"), Kind.PERCENT, "success", total=Total.FORMULA,
               formula=f"({marked}-{{failing}})/{marked}*100", width=11),
        Column(gettext("With fives and fours, %"), Kind.PERCENT, "quality", total=Total.FORMULA,
               formula=f"({{fives}}+{{fours}})/{marked}*100", width=12),
    ]  # fmt: skip


def _summary_chart(title: str, rows: list[Row]) -> Any:
    if not 2 <= len(rows) <= SPARE:
        return None
    names = {3: gettext("fives only"), 4: gettext("fives and fours"), 6: gettext("threes"), 8: gettext("a 2 or n/a")}
    return charts.stacked(
        title, [row[0] for row in rows], {name: [row[at] for row in rows] for at, name in names.items()}
    )


def _report(which: Standing, description: Any) -> Report:
    return Report(
        which.value.replace("_", "-"), TITLES[which], description, Group.STUDENTS, partial(student_list, which=which),
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS), reaches=(Reach.SCHOOL, Reach.LED),
    )  # fmt: skip


REPORTS = (
    Report(
        "students", lazy_gettext("Students by their marks"),
        lazy_gettext("How many students of each class have only fives, fives and fours, one three, a 2."),
        Group.STUDENTS, summary, (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS),
        reaches=(Reach.SCHOOL, Reach.LED),
    ),
    _report(Standing.FIVES, lazy_gettext("Students with nothing but fives.")),
    _report(Standing.FOURS, lazy_gettext("Students without a three, with at least one four.")),
    _report(Standing.ONE_FOUR,
            lazy_gettext("One four keeps them from all fives: in which subject, with which teacher.")),
    _report(Standing.ONE_THREE, lazy_gettext("One three keeps them from fives and fours: subject and teacher.")),
    _report(Standing.FAILING, lazy_gettext("Every 2 and n/a with subject and teacher.")),
)  # fmt: skip
