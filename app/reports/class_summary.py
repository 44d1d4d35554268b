"""Сводная ведомость of a class: students x subjects, of a term, or of all terms and the year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from app.journal.final_columns import Column as FinalColumn
from app.journal.final_columns import columns_of
from app.journal.grid.letters import FINAL_WORDS
from app.journal.sheet import Place, Sheet, read_sheets
from app.models import FinalMark, SchoolClass, Student, Subject
from app.models.journal import NUMBERS, FinalMarkKind, FinalMarkValue
from app.reports.columns import FIGURES, titles
from app.reports.document import Column, Document, Kind, Line, Table
from app.reports.figures import SIMONOV, Counts, added, counted
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, NotThere, Report

COUNTED = "COUNTIF({cells},%s)"
COUNTED_IN = 'COUNTIFS({when},"%s",{cells},%s)'
"""How a spreadsheet counts the marks of a column: all of them, or those of the rows of the year."""


@dataclass(frozen=True)
class Marks:
    """The final marks of a class: ``given`` by the key of the column; ``names`` say who left when."""

    school_class: SchoolClass
    columns: Sequence[FinalColumn]
    students: Sequence[Student]
    names: Mapping[int, str]
    subjects: Sequence[Subject]
    given: Mapping[str, Mapping[Place, FinalMark]]

    def of(self, column: FinalColumn, student: Student) -> list[FinalMark | None]:
        """The marks of a student in a column, by subject."""
        return [self.given[column.key].get((student.id, subject.id)) for subject in self.subjects]

    def counts(self, column: FinalColumn, marks: Iterable[FinalMark | None] | None = None) -> Counts:
        """Of ``marks``, or of all that stand in the column."""
        those = self.given[column.key].values() if marks is None else marks
        return added(counted((0, mark.value, 1) for mark in those if mark is not None).values())


def read_marks(session: Session, asked: Asked, school_class: SchoolClass) -> Marks:
    """The marks of all columns that the class has, as the class sheet reads them."""
    columns = columns_of(school_class, asked.terms_of(school_class))
    if not columns:
        return Marks(school_class, [], [], {}, [], {})
    of_year = [FinalColumn(kind) for kind in (FinalMarkKind.YEAR, FinalMarkKind.FINAL)]
    year, final = read_sheets(session, school_class, columns, of_year, asked.school.grading, asked.today)
    given: dict[str, dict[Place, FinalMark]] = {column.key: {} for column in columns}
    for place, cell in (*year.cells.items(), *final.cells.items()):
        for mark in (*cell.earlier, cell.mark):
            column = next((each for each in columns if mark is not None and each.of(mark)), None)
            if column is not None and mark is not None:
                given[column.key][place] = mark
    names = {student.id: _named(year, student) for student in year.students}
    return Marks(school_class, columns, year.students, names, year.subjects, given)


def _named(sheet: Sheet, student: Student) -> str:
    name = f"{student.family_name} {student.given_name}"
    left = sheet.gone.get(student.id)
    return f"{name} ({gettext('until %(day)s', day=f'{left:%d.%m}')})" if left else name


def make(session: Session, asked: Asked) -> Document:
    """Of one term: a row a student; otherwise a row for each term, the year, exam and certificate of a student."""
    if asked.school_class is None:
        raise NotThere
    marks = read_marks(session, asked, asked.school_class)
    term = asked.period.term_of(asked.school_class.term_kind) if asked.period else None
    shown = [each for each in marks.columns if _is_shown(marks, each, term.id if term else None)]
    teacher = asked.school_class.class_teacher
    lines = asked.lines(gettext("Class teacher: %(name)s", name=teacher.full_name) if teacher else "")
    return Document(
        gettext("Class summary: %(name)s", name=asked.school_class),
        [_table(marks, shown)],
        asked.now,
        lines=[", ".join(lines)],
        signatures=[gettext("Class teacher"), gettext("Deputy director")],
        is_landscape=True,
        notes=[] if shown else [gettext("There are no final marks in this class and period (clause 2.2).")],
    )


def _is_shown(marks: Marks, column: FinalColumn, term_id: int | None) -> bool:
    """Exam and certificate only where there are some."""
    if term_id is not None:
        return column.term is not None and column.term.id == term_id
    return column.kind in (FinalMarkKind.TERM, FinalMarkKind.YEAR) or bool(marks.given[column.key])


def _table(marks: Marks, shown: Sequence[FinalColumn]) -> Table:
    is_one = len(shown) == 1
    heads = [Column(gettext("Student"), width=28)]
    if not is_one:
        heads.append(Column(gettext("Period"), key="when", width=12))
    keys = [f"s{subject.id}" for subject in marks.subjects]
    heads += [
        Column(str(subject), Kind.MARK, key, width=5, turned=True)
        for key, subject in zip(keys, marks.subjects, strict=True)
    ]
    average = f"AVERAGE({','.join(f'{{{key}}}' for key in keys)})"
    heads.append(Column(gettext("Average mark"), Kind.AVERAGE, "average", width=8, turned=True, formula=average))
    heads.append(Column(gettext("Quality, %"), Kind.PERCENT, width=8, turned=True))
    rows = [
        [
            f"{index}. {marks.names[student.id]}",
            *([] if is_one else [column.name]),
            *map(figure, of_student := marks.of(column, student)),
            (counts := marks.counts(column, of_student)).average,
            counts.quality,
        ]
        for index, student in enumerate(marks.students if marks.subjects else (), 1)
        for column in shown
    ]
    return Table(heads, rows, below=_below(marks, shown) if rows else ())


def figure(mark: FinalMark | None) -> int | str | None:
    """«5» as a number, «н/а» as a word."""
    return None if mark is None else NUMBERS.get(mark.value, FINAL_WORDS[mark.value])


def _below(marks: Marks, shown: Sequence[FinalColumn]) -> list[Line]:
    """Under each subject its figures: of the only column, otherwise of the year."""
    is_one = len(shown) == 1
    column = shown[0] if is_one else next(each for each in shown if each.kind is FinalMarkKind.YEAR)
    given = marks.given[column.key]
    of_subject = [
        marks.counts(column, [mark for (_student, subject_id), mark in given.items() if subject_id == subject.id])
        for subject in marks.subjects
    ]
    whole, heads = marks.counts(column), titles()
    found = []
    for name, formula in formulas(COUNTED if is_one else COUNTED_IN.replace("%s", column.name, 1)).items():
        title = heads[name] if is_one else f"{heads[name]} ({column.name})"
        kind = Kind.AVERAGE if name == "average" else Kind.PERCENT
        values = [getattr(each, name) for each in of_subject]
        ends = [whole.average, None] if name == "average" else [None, whole.quality if name == "quality" else None]
        found.append(Line(title, ["", *([] if is_one else [None]), *values, *ends], kind, formula))
    return found


def formulas(count: str) -> dict[str, str]:
    """Formulas of a column of marks by the name of the figure; ``count`` counts its cells that hold a mark."""

    def number(*marks: int) -> str:
        return "+".join(count % mark for mark in marks)

    n0 = count % f'"{FINAL_WORDS[FinalMarkValue.NOT_ASSESSED]}"'
    n = f"({number(5, 4, 3, 2, 1)}+{n0})"
    mastery = "+".join(f"{SIMONOV[f'n{mark}']:g}*{count % mark}" for mark in (5, 4, 3, 2, 1))
    total = "+".join(f"{mark}*{count % mark}" for mark in (5, 4, 3, 2, 1))
    found = {
        "success": f"({number(5, 4, 3)})/{n}*100",
        "quality": f"({number(5, 4)})/{n}*100",
        "mastery": f"({mastery}+{SIMONOV['n0']:g}*{n0})/{n}*100",
        "average": f"({total})/({number(5, 4, 3, 2, 1)})",
    }
    return {name: found[name] for name in FIGURES}


REPORTS = (
    Report(
        "summary",
        lazy_gettext("Class summary"),
        lazy_gettext("Students and subjects of a class with the marks of a term, or of all terms and the year."),
        Group.PAPERS,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.CLASS),
        required=(Filter.CLASS,),
        reaches=(Reach.SCHOOL, Reach.LED),
    ),
)
