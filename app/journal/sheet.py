"""The sheet of a class: students x subjects with their final marks, and what their marks propose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import Grading
from app.journal.final_columns import EXAM_GRADES, Column
from app.journal.grading import average, hundredths, needs_reason, proposed_year_mark, rounded
from app.journal.taught import Taught, overlaps
from app.models import (
    Enrollment,
    FinalMark,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    Subject,
    TeachingAssignment,
    Work,
)
from app.models.journal import NUMBERS, FinalMarkKind, FinalMarkValue

Place = tuple[int, int]
"""Student and subject: a cell of the sheet."""


@dataclass(frozen=True)
class Cell:
    """A student's final mark in a subject, or what the marks propose.

    ``average`` is in hundredths, of ``count`` marks; ``earlier`` are the marks the proposal of a year
    is made of. ``is_due``: it is to be entered in this class; ``is_writable`` by the person, now.
    """

    student: Student
    subject: Subject
    assignment: TeachingAssignment | None
    mark: FinalMark | None
    proposed: int | None
    average: int | None
    count: int
    earlier: Sequence[FinalMark | None]
    is_due: bool
    is_writable: bool

    @property
    def is_failing(self) -> bool:
        """The mark is 1, 2 or н/а; without one, the average or what it proposes is below 3."""
        if self.mark is not None:
            return self.mark.value is FinalMarkValue.NOT_ASSESSED or NUMBERS.get(self.mark.value, 5) <= 2
        low = self.average is not None and self.average < 250
        return self.is_due and (low or (self.proposed is not None and self.proposed <= 2))

    @property
    def is_open(self) -> bool:
        """Due, and not entered."""
        return self.is_due and self.mark is None


@dataclass(frozen=True)
class Sheet:
    """A column of final marks of a class.

    ``gone`` are students who left, with their last day; ``teachers`` names them by subject.
    """

    school_class: SchoolClass
    column: Column
    students: Sequence[Student]
    gone: Mapping[int, date]
    subjects: Sequence[Subject]
    teachers: Mapping[int, Sequence[str]]
    cells: Mapping[Place, Cell]
    is_locked: bool
    grading: Grading

    def of_student(self, student: Student) -> list[Cell | None]:
        """The cells of a row, by subject; None where the student is not taught it."""
        return [self.cells.get((student.id, subject.id)) for subject in self.subjects]

    def average_of_student(self, student: Student) -> int | None:
        """Of the figures that stand in the row, in hundredths."""
        return _average_of(cell for cell in self.of_student(student) if cell)

    def average_of_subject(self, subject: Subject) -> int | None:
        """Of the figures that stand in the column, in hundredths."""
        return _average_of(cell for place, cell in self.cells.items() if place[1] == subject.id)

    @property
    def writable(self) -> list[Cell]:
        """Cells that the person can fill."""
        return [cell for cell in self.cells.values() if cell.is_writable and cell.mark is None]

    @property
    def failing(self) -> list[Cell]:
        """Who fails or is about to, by student and subject."""
        return [cell for cell in self._in_order() if cell.is_failing]

    @property
    def without_proposal(self) -> list[tuple[Subject, list[Cell]]]:
        """Cells with too few marks for a term mark, by subject."""
        few: defaultdict[int, list[Cell]] = defaultdict(list)
        if self.column.kind is FinalMarkKind.TERM:
            for cell in self._in_order():
                if cell.is_open and cell.proposed is None:
                    few[cell.subject.id].append(cell)
        return [(subject, few[subject.id]) for subject in self.subjects if subject.id in few]

    def is_unexplained(self, cell: Cell, value: FinalMarkValue, reason: str) -> bool:
        """Whether the mark lacks a reason; exam and certificate need none."""
        if value not in NUMBERS or reason.strip() or self.column.kind not in (FinalMarkKind.TERM, FinalMarkKind.YEAR):
            return False
        return needs_reason(NUMBERS[value], cell.proposed, self.grading)

    def _in_order(self) -> list[Cell]:
        return [cell for student in self.students for cell in self.of_student(student) if cell]


def _average_of(cells: Iterable[Cell]) -> int | None:
    return average((NUMBERS[cell.mark.value], 1) for cell in cells if cell.mark and cell.mark.value in NUMBERS)


def column_of_today(columns: Sequence[Column], today: date) -> Column | None:
    """The term that lasts, or the last one that began."""
    begun = [column for column in columns if column.term and column.term.starts_on <= today]
    return begun[-1] if begun else (columns[0] if columns else None)


def read_sheet(
    session: Session,
    school_class: SchoolClass,
    columns: Sequence[Column],
    column: Column,
    grading: Grading,
    today: date,
) -> Sheet:
    """What the session's person sees of a column, in a constant number of statements."""
    return read_sheets(session, school_class, columns, [column], grading, today)[0]


def read_sheets(
    session: Session,
    school_class: SchoolClass,
    columns: Sequence[Column],
    shown: Sequence[Column],
    grading: Grading,
    today: date,
) -> list[Sheet]:
    """What the session's person sees of each column of ``shown``: of one term, or of any that belong to the year.

    A student's mark of a subject is due in the assignment of the student's group that lasts on the last
    day of the term (or of the year), or today while it lasts; nothing before the (last) term has begun.
    """
    year, term = school_class.academic_year, shown[0].term
    first, last = (term.starts_on, term.ends_on) if term else (year.starts_on, year.ends_on)
    day = max(first, min(last, today))
    enrolled = _enrolled(session, school_class, first, last)
    groups = Taught(session, school_class, first, last, day)
    marks = _final_marks(session, school_class, enrolled)
    sums = _sums(session, groups.ids, first, last) if term else {}
    return [
        _sheet(school_class, columns, column, _Read(day, enrolled, groups, marks, sums), grading, today)
        for column in shown
    ]


@dataclass(frozen=True)
class _Read:
    """What sheets of the same days are made of; ``day`` is that which decides where a mark is due."""

    day: date
    enrolled: Mapping[int, tuple[Student, date | None]]
    groups: Taught
    marks: Mapping[Place, list[FinalMark]]
    sums: Mapping[Place, Sums]


def _sheet(
    school_class: SchoolClass, columns: Sequence[Column], column: Column, read: _Read, grading: Grading, today: date
) -> Sheet:
    day, enrolled, groups = read.day, read.enrolled, read.groups
    terms = [each for each in columns if each.term]
    last_term = column.term or (terms[-1].term if terms else None)
    has_begun = last_term is not None and today >= last_term.starts_on
    is_locked = _is_locked(column, terms)
    writable = set() if is_locked else groups.writable
    cells: dict[Place, Cell] = {}
    for student, until in enrolled.values():
        for subject in groups.subjects:
            held = groups.of(student.id, subject.id)
            given = read.marks.get((student.id, subject.id), [])
            mark = next((each for each in given if column.of(each)), None)
            if held is None and mark is None:
                continue
            figures = read.sums.get((held.id, student.id), Sums()) if held else Sums()
            proposed, figure, earlier = _proposal(column, terms, given, figures, grading, school_class.grade)
            is_due = has_begun and held is not None and (until is None or until >= day)
            cells[student.id, subject.id] = Cell(
                student, subject, held, mark, proposed if is_due else None, figure, figures.count, earlier,
                is_due, is_due and held is not None and held.id in writable,
            )  # fmt: skip
    return Sheet(
        school_class, column, [student for student, _until in enrolled.values()],
        {student.id: until for student, until in enrolled.values() if until is not None and until < day},
        groups.subjects, groups.teachers, cells, is_locked, grading,
    )  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """A student's marks of a term: marks times weights, weights, how many."""

    total: int = 0
    weights: int = 0
    count: int = 0


def _proposal(
    column: Column, terms: Sequence[Column], given: Sequence[FinalMark], sums: Sums, grading: Grading, grade: int
) -> tuple[int | None, int | None, Sequence[FinalMark | None]]:
    """Proposed mark, its average in hundredths, and the marks it is made of.

    A term's comes from the lessons, a year's from the terms, the certificate's from year and exam. That of
    grade 11 needs the marks of two years, and nobody proposes the mark of an exam.
    """
    if column.kind is FinalMarkKind.TERM:
        figure = hundredths(sums.total, sums.weights)
        enough = figure is not None and sums.count >= grading.minimum
        return (rounded(figure, grading) if figure is not None and enough else None), figure, ()
    made_of = [Column(FinalMarkKind.YEAR), Column(FinalMarkKind.EXAM)] if column.kind is FinalMarkKind.FINAL else terms
    if column.kind is FinalMarkKind.EXAM:
        made_of = [Column(FinalMarkKind.YEAR)]
    earlier = [next((mark for mark in given if each.of(mark)), None) for each in made_of]
    known = [NUMBERS[mark.value] for mark in earlier if mark and mark.value in NUMBERS]
    if column.kind is FinalMarkKind.EXAM or (column.kind is FinalMarkKind.FINAL and grade == max(EXAM_GRADES)):
        return None, None, earlier
    return proposed_year_mark(known, grading), average((number, 1) for number in known), earlier


def _is_locked(column: Column, terms: Sequence[Column]) -> bool:
    if column.term:
        return column.term.is_locked
    locked = [each.term is not None and each.term.is_locked for each in terms]
    return column.kind is FinalMarkKind.YEAR and any(locked) and all(locked)


def _enrolled(
    session: Session, school_class: SchoolClass, first: date, last: date
) -> dict[int, tuple[Student, date | None]]:
    """Students of the class in these days by name, with their last day in it."""
    rows = session.execute(
        select(Student, Enrollment.ends_on)
        .join(Enrollment, Enrollment.student_id == Student.id)
        .where(Enrollment.school_class_id == school_class.id, overlaps(Enrollment, first, last))
        .order_by(Student.sort_name, Student.id, Enrollment.starts_on)
    )
    return {student.id: (student, until) for student, until in rows}


def _final_marks(
    session: Session, school_class: SchoolClass, students: Collection[int]
) -> dict[Place, list[FinalMark]]:
    """Final marks of the year, those from other classes of the school as well."""
    of_year = FinalMark.academic_year_id == school_class.academic_year_id
    found: defaultdict[Place, list[FinalMark]] = defaultdict(list)
    for mark in session.scalars(select(FinalMark).where(of_year, FinalMark.student_id.in_(students))):
        found[mark.student_id, mark.subject_id].append(mark)
    return found


def _sums(session: Session, assignments: Collection[int], first: date, last: date) -> dict[Place, Sums]:
    """By assignment and student."""
    rows = session.execute(
        select(
            Lesson.teaching_assignment_id,
            Mark.student_id,
            func.sum(Mark.value * Work.weight),
            func.sum(Work.weight),
            func.count(),
        )
        .select_from(Lesson)
        .join(Work, Work.lesson_id == Lesson.id)
        .join(Mark, Mark.work_id == Work.id)
        .where(Lesson.teaching_assignment_id.in_(assignments), Lesson.date.between(first, last))
        .group_by(Lesson.teaching_assignment_id, Mark.student_id)
    )
    return {(assignment, student): Sums(*sums) for assignment, student, *sums in rows}
