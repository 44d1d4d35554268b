"""How far journals are filled: topics, homework, attendance, marks and final marks, by teacher and journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import CTE, ColumnElement, Date, and_, case, column, exists, func, or_, select, true, values
from sqlalchemy.orm import Session

from app.journal.final_columns import brings_marks
from app.models import (
    FinalMark,
    HomeworkFile,
    Lesson,
    Mark,
    RollCall,
    SchoolClass,
    StudyGroup,
    TeachingAssignment,
    Work,
)
from app.models.columns import UTCDateTime
from app.models.journal import FinalMarkKind
from app.regulation import MARKS_WITHIN, without_marks
from app.reports.adding import Sums, added, percent
from app.reports.attendance import days_of
from app.reports.document import Column, Document, Kind, Table, Total
from app.reports.ground import Held
from app.reports.periods import MARKS_COME
from app.reports.report import Asked, Filter, Group, Report
from app.reports.roster import Days, Spell, read_spells

WAYS = (
    lazy_gettext("Lessons that were held up to now; cancelled ones do not count. What a substitute filled in stands in "
                 "the journal of the lesson."),
    lazy_gettext("Homework is due in every lesson, except in grade 1 and in the first term of grade 2. A mark is late "
                 "when it was entered more than a week after its lesson."),
    lazy_gettext("Final marks are due from the last week of the term on, of everybody who is in the group at its end."),
)  # fmt: skip


@dataclass(frozen=True)
class Fill(Sums):
    """What stands in a journal, or in several: of ``lessons`` held, ``homework_due`` of which take homework."""

    lessons: int = 0
    topics: int = 0
    homework_due: int = 0
    homework: int = 0
    attendance: int = 0
    works: int = 0
    marks: int = 0
    late: int = 0
    students: int = 0
    finals_due: int = 0
    finals: int = 0

    def cells(self) -> list[Any]:
        """The cells of a row under ``columns``."""
        return [
            self.lessons,
            self.topics, percent(self.topics, self.lessons),
            self.homework_due, self.homework, percent(self.homework, self.homework_due),
            self.attendance, percent(self.attendance, self.lessons),
            self.students, self.works, self.marks, self.marks / self.students if self.students else None,
            self.late, percent(self.late, self.marks),
            self.finals_due, self.finals, percent(self.finals, self.finals_due),
        ]  # fmt: skip


def columns() -> list[Column]:
    """Lessons, topics, homework, attendance, marks, final marks: in numbers and percent."""
    topics, homework, attendance = gettext("Topics"), gettext("Homework"), gettext("Attendance taken")
    marks, finals = gettext("Marks"), gettext("Final marks")

    def number(title: str, key: str, group: str = "") -> Column:
        return Column(title, Kind.WHOLE, key, group, total=Total.SUM)

    def part(key: str, whole: str, group: str) -> Column:
        formula = f"100*{{{key}}}/{{{whole}}}"
        return Column("%", Kind.PERCENT, f"{key}_percent", group, total=Total.FORMULA, formula=formula)

    return [
        number(gettext("Lessons"), "lessons"),
        number(gettext("filled"), "topics", topics), part("topics", "lessons", topics),
        number(gettext("due"), "homework_due", homework), number(gettext("given"), "homework", homework),
        part("homework", "homework_due", homework),
        number(gettext("lessons"), "attendance", attendance), part("attendance", "lessons", attendance),
        number(gettext("Students"), "students"), number(gettext("works"), "works", marks),
        number(gettext("marks"), "marks", marks),
        Column(gettext("a student"), Kind.AVERAGE, "each", marks, total=Total.FORMULA,
               formula="{marks}/{students}"),
        number(gettext("late"), "late", marks), part("late", "marks", marks),
        number(gettext("due"), "finals_due", finals), number(gettext("entered"), "finals", finals),
        part("finals", "finals_due", finals),
    ]  # fmt: skip


def make(session: Session, asked: Asked) -> Document:
    """By teacher, and by journal with links to each."""
    found = fills(session, asked)
    return Document(
        gettext("Fill of journals"),
        [by_teacher(asked, found), _journals(asked, found)],
        asked.now,
        lines=asked.lines(),
        notes=[str(way) for way in WAYS],
        is_landscape=True,
    )


def by_teacher(asked: Asked, found: Mapping[int, Fill]) -> Table:
    """A row for each teacher."""
    held, teachers = asked.ground.held, asked.ground.teachers
    of_teacher = added((held[number].teacher_id, fill) for number, fill in found.items())
    rows = [[teachers[number].short_name, *of_teacher[number].cells()] for number in teachers if number in of_teacher]
    return Table(
        [Column(gettext("Teacher")), *columns()], rows, gettext("Fill of journals by teacher"), gettext("Total")
    )


def _journals(asked: Asked, found: Mapping[int, Fill]) -> Table:
    ground = asked.ground
    shown = sorted((ground.held[number] for number in found), key=lambda held: _order(asked, held))
    rows = [[name(asked, held), ground.teachers[held.teacher_id].short_name, *found[held.id].cells()] for held in shown]
    links = [asked.address("journal.grid", assignment_id=held.id) for held in shown]
    heads = [Column(gettext("Journal")), Column(gettext("Teacher"))]
    return Table([*heads, *columns()], rows, gettext("By journal"), gettext("Total"), links)


def _order(asked: Asked, held: Held) -> tuple[Any, ...]:
    ground = asked.ground
    school_class, teacher = ground.classes[held.class_id], ground.teachers[held.teacher_id]
    subject = ground.subjects[held.subject_id].search_name
    return teacher.sort_name, teacher.id, school_class.grade, school_class.letter, subject, held.group, held.id


def name(asked: Asked, held: Held) -> str:
    """«Алгебра, 7А», «Английский язык, 7А группа 1»."""
    group = f"{asked.ground.classes[held.class_id]} {held.group}".strip()
    return f"{asked.ground.subjects[held.subject_id]}, {group}"


def fills(session: Session, asked: Asked) -> dict[int, Fill]:
    """The journals that are asked for, in which there were lessons in the period; six statements."""
    if asked.period is None or not asked.classes:
        return {}
    days = {each.id: days_of(asked.period, each) for each in asked.classes}
    lessons = _lessons(session, asked, days)
    marks = _marks(session, asked, days)
    members = members_at_the_end(read_spells(session, days), days, asked.today)
    given = _given(session, asked)
    found = {}
    for number, counts in lessons.items():
        held = asked.assignments.get(number)
        if held is None:
            continue
        who = members.get(held.group_id, set())
        due = who if _finals_are_due(asked, held) else set()
        finals = sum((student, held.subject_id) in given for student in due)
        found[number] = Fill(**counts, **marks.get(number, {}), students=len(who), finals_due=len(due), finals=finals)
    return found


def in_days(asked: Asked, days: Mapping[int, Days]) -> ColumnElement[bool]:
    """Lessons held up to today in the days of their class; joined up to it."""
    of_kind = {each.term_kind: days[each.id] for each in asked.classes}
    spans = [
        and_(SchoolClass.term_kind == kind, Lesson.date.between(first, last)) for kind, (first, last) in of_kind.items()
    ]
    first, last = min(first for first, _ in of_kind.values()), max(last for _, last in of_kind.values())
    return and_(
        Lesson.date.between(first, min(last, asked.today)),
        or_(*spans),
        ~Lesson.is_cancelled,
        SchoolClass.academic_year_id == asked.year.id,
        among(Lesson.teaching_assignment_id, asked),
    )


FEW = 60
"""So many journals are named in a statement; of more all are read: the days find them quicker."""


def among(number: Any, asked: Asked) -> ColumnElement[bool]:
    """Assignments that are asked for, by their numbers while they are few; the caller leaves out others."""
    return number.in_(asked.assignments) if len(asked.assignments) <= FEW else true()


def _lessons(session: Session, asked: Asked, days: Mapping[int, Days]) -> dict[int, dict[str, int]]:
    """Lessons, those with a topic, those that take homework, those with it, those whose attendance was taken."""
    takes = ~without_marks()
    given = or_(Lesson.homework != "", exists().where(HomeworkFile.lesson_id == Lesson.id))
    rows = session.execute(
        select(Lesson.teaching_assignment_id, func.count(), _number(Lesson.topic != ""), _number(takes),
               _number(and_(takes, given)), func.count(RollCall.id))
        .select_from(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .outerjoin(RollCall, RollCall.lesson_id == Lesson.id)
        .where(in_days(asked, days))
        .group_by(Lesson.teaching_assignment_id)
    )  # fmt: skip
    names = ("lessons", "topics", "homework_due", "homework", "attendance")
    return {number: dict(zip(names, map(int, counts), strict=True)) for number, *counts in rows}


def _marks(session: Session, asked: Asked, days: Mapping[int, Days]) -> dict[int, dict[str, int]]:
    """Works with marks, marks, late ones among them."""
    deadline = _deadlines(asked, days)
    # Outer joins keep SQLite from looking for the day of each mark in the deadlines, once for each mark.
    rows = session.execute(
        select(Lesson.teaching_assignment_id, func.count(Mark.work_id.distinct()), func.count(Mark.id),
               _number(Mark.entered_at >= deadline.c.late_from))
        .select_from(deadline)
        .outerjoin(Lesson, and_(Lesson.date == deadline.c.day, ~Lesson.is_cancelled))
        .outerjoin(Lesson.assignment)
        .outerjoin(TeachingAssignment.study_group)
        .outerjoin(StudyGroup.school_class)
        .outerjoin(Work, Work.lesson_id == Lesson.id)
        .outerjoin(Mark, and_(Mark.work_id == Work.id, in_days(asked, days)))
        .group_by(Lesson.teaching_assignment_id)
    )  # fmt: skip
    names = ("works", "marks", "late")
    return {number: dict(zip(names, map(int, counts), strict=True)) for number, *counts in rows if number}


def _number(where: ColumnElement[bool]) -> Any:
    return func.sum(case((where, 1), else_=0))


def _deadlines(asked: Asked, days: Mapping[int, Days]) -> CTE:
    """The first moment at which a mark of a day is late (clause 2.4), as a table."""
    first, last = min(first for first, _ in days.values()), max(last for _, last in days.values())
    span = [first + timedelta(number) for number in range((last - first).days + 1)]
    zone = asked.school.zone
    rows = [(day, datetime.combine(day + MARKS_WITHIN + timedelta(1), time(), zone)) for day in span]
    return values(column("day", Date), column("late_from", UTCDateTime), name="deadline").data(rows).cte("deadline")


def members_at_the_end(spells: list[Spell], days: Mapping[int, Days], today: date) -> dict[int, set[int]]:
    """Who is in a group on the last day of its class, or today while that lies ahead."""
    members: defaultdict[int, set[int]] = defaultdict(set)
    for spell in spells:
        if spell.covers(max(days[spell.class_id][0], min(days[spell.class_id][1], today))):
            members[spell.group_id].add(spell.student_id)
    return members


def _finals_are_due(asked: Asked, held: Held) -> bool:
    """Whether the journal has final marks in the period, and it is time for them."""
    school_class, period = asked.ground.classes[held.class_id], asked.period
    if period is None or period.kind not in (FinalMarkKind.TERM, FinalMarkKind.YEAR):
        return False
    term = period.term_of(school_class.term_kind)
    last = term.ends_on if term else period.last
    if period.kind is FinalMarkKind.TERM and (term is None or not brings_marks(school_class, term)):
        return False
    lasts = held.starts_on <= last and (held.ends_on is None or held.ends_on >= last)
    return school_class.grade > 1 and lasts and last - MARKS_COME <= asked.today


def _given(session: Session, asked: Asked) -> set[tuple[int, int]]:
    """Who has a final mark of the period in which subject."""
    if asked.period is None:
        return set()
    rows = session.execute(
        select(FinalMark.student_id, FinalMark.subject_id).where(
            FinalMark.academic_year_id == asked.year.id,
            among(FinalMark.teaching_assignment_id, asked),
            *asked.period.marks(),
        )
    )
    return {(student, subject) for student, subject in rows}


REPORTS = (
    Report(
        "filling",
        lazy_gettext("Fill of journals"),
        lazy_gettext("Lessons, topics, homework, attendance, marks and final marks by teacher and journal."),
        Group.ATTENDANCE,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS, Filter.SUBJECT, Filter.TEACHER),
        is_current=True,
    ),
)
