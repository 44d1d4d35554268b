"""Attendance of a term or year: days and lessons missed, by class or student, by reason, by week or month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app import charts
from app.models import Attendance, Lesson, SchoolClass, Student, StudyGroup, TeachingAssignment
from app.models.journal import AttendanceStatus
from app.reports.adding import added
from app.reports.document import Column, Document, Kind, Table, Total
from app.reports.periods import Period
from app.reports.presence import Held, Missed, Presence, Presences, first_of_month, monday, presences
from app.reports.reach import Reach
from app.reports.report import Asked, Filter, Group, Report
from app.reports.roster import Days, Spell, read_spells

LONGEST_WEEKS = timedelta(weeks=14)
"""What is longer is shown by months."""
LETTERS = (AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED, AttendanceStatus.ILL)
WAYS = (
    lazy_gettext("Lessons that were held up to now; cancelled ones do not count. A lesson in which nobody noted a "
                 "student as absent counts as attended."),
    lazy_gettext("A day is missed as a whole when all lessons that the student had that day were missed, for whatever "
                 "reason, and in part when some of them were. Who comes late attends the lesson."),
)  # fmt: skip


def days_of(period: Period, school_class: SchoolClass) -> Days:
    """The days of a period for a class: its own term, the shorter one where it has none that ends then."""
    term = period.term_of(school_class.term_kind) or next(iter(period.terms), None)
    return (term.starts_on, term.ends_on) if term else (period.first, period.last)


Rows = tuple[Held, list[Spell], list[Missed]]
"""What ``presences`` counts."""


def read_rows(session: Session, days: Mapping[int, Days], today: date) -> Rows:
    """Lessons held up to ``today`` in the classes in ``days`` of each, who was in them, who missed them; five
    statements."""
    days = {number: (first, min(last, today)) for number, (first, last) in days.items() if first <= today}
    if not days:
        return {}, [], []
    between = Lesson.date.between(min(first for first, _ in days.values()), max(last for _, last in days.values()))
    lessons = (
        select(StudyGroup.id, Lesson.date, func.count())
        .select_from(Lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .where(between, ~Lesson.is_cancelled, StudyGroup.school_class_id.in_(days))
        .group_by(StudyGroup.id, Lesson.date)
    )
    held: defaultdict[int, dict[date, int]] = defaultdict(dict)
    for group_id, day, number in session.execute(lessons):
        held[group_id][day] = number
    return held, read_spells(session, days), _missed(session, between, days)


def _missed(session: Session, between: Any, days: Mapping[int, Days]) -> list[Missed]:
    letters = [
        func.sum(case((Attendance.status == status, 1), else_=0)) for status in (*LETTERS, AttendanceStatus.LATE)
    ]
    rows = (
        select(Attendance.student_id, StudyGroup.id, Lesson.date, *letters)
        .select_from(Attendance)
        .join(Attendance.lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.study_group)
        .where(between, ~Lesson.is_cancelled, StudyGroup.school_class_id.in_(days))
        .group_by(Attendance.student_id, StudyGroup.id, Lesson.date)
    )
    return [Missed(*row) for row in session.execute(rows)]


def make(session: Session, asked: Asked) -> Document:
    """Of the school by classes, or of one class by students."""
    first, last = span(asked)
    by_weeks = last - first <= LONGEST_WEEKS
    days = {each.id: (first, last) for each in asked.classes}
    found = presences(*read_rows(session, days, asked.today), monday if by_weeks else first_of_month)
    one = asked.classes[0] if len(asked.classes) == 1 else None
    who = _students(session, one, found) if one else by_class(asked, found)
    return Document(
        gettext("Attendance"),
        [who, _periods(found, by_weeks), _reasons(found, asked, by_weeks if one else None)],
        asked.now,
        lines=asked.lines(said_days(first, min(last, asked.today))),
        notes=[str(way) for way in WAYS],
        is_landscape=True,
    )


def span(asked: Asked) -> Days:
    """The same days for all classes: where a quarter and a half-year end together those of the quarter."""
    term = next(iter(asked.period.terms), None) if asked.period else None
    return (term.starts_on, term.ends_on) if term else (asked.year.starts_on, asked.year.ends_on)


def said_days(first: date, last: date) -> str:
    """«2 нояб. 2026 – 24 нояб. 2026»."""
    return f"{format_date(first, 'd MMM y')} – {format_date(last, 'd MMM y')}"


def figures(presence: Presence) -> list[Any]:
    """The cells of a row under ``columns``."""
    return [
        presence.due, presence.absent, presence.excused, presence.ill, presence.missed, presence.late,
        presence.whole_days, presence.part_days, presence.percent,
    ]  # fmt: skip


def columns(total: Total = Total.SUM) -> list[Column]:
    """Lessons held for the students, missed by letter, came late, days, percent attended."""
    missed, days = gettext("Lessons missed"), gettext("Days missed")
    over = Total.FORMULA if total is Total.SUM else Total.NONE
    return [
        Column(gettext("Lessons to attend"), Kind.WHOLE, "due", total=total),
        Column(gettext("without reason (Н)"), Kind.WHOLE, "absent", missed, total=total),
        Column(gettext("good reason (У)"), Kind.WHOLE, "excused", missed, total=total),
        Column(gettext("ill (Б)"), Kind.WHOLE, "ill", missed, total=total),
        Column(gettext("all"), Kind.WHOLE, "missed", missed, total=total, formula="{absent}+{excused}+{ill}"),
        Column(gettext("Came late (О)"), Kind.WHOLE, "late", total=total),
        Column(gettext("whole"), Kind.WHOLE, "whole", days, total=total),
        Column(gettext("in part"), Kind.WHOLE, "part", days, total=total),
        Column(gettext("Attended, %"), Kind.PERCENT, "percent", total=over,
               formula="100*({due}-{missed})/{due}"),
    ]  # fmt: skip


def by_class(asked: Asked, found: Presences) -> Table:
    """A row for each class, leading to its students."""
    of_class = found.of_classes()
    members = defaultdict(set)
    for class_id, student_id in found.students:
        members[class_id].add(student_id)
    shown = [each for each in asked.classes if each.id in of_class]
    heads = [Column(gettext("Class")), Column(gettext("Students"), Kind.WHOLE, "students", total=Total.SUM)]
    rows = [[str(each), len(members[each.id]), *figures(of_class[each.id])] for each in shown]
    links = [
        asked.address("reports.show", **{"key": REPORTS[0].key, **_same(asked), Filter.CLASS.value: each.id})
        for each in shown
    ]
    return Table([*heads, *columns()], rows, gettext("Attendance by class"), gettext("Total"), links)


def by_grade(asked: Asked, found: Presences) -> Table:
    """A row for each grade."""
    of_class = found.of_classes()
    grades = added((each.grade, of_class[each.id]) for each in asked.classes if each.id in of_class)
    rows = [[gettext("Grade %(number)s", number=grade), *figures(grades[grade])] for grade in sorted(grades)]
    return Table([Column(gettext("Grade")), *columns()], rows, gettext("Attendance by grade"), gettext("Total"))


def _same(asked: Asked) -> dict[str, Any]:
    """What the address of another report says for the same year and period."""
    return {Filter.YEAR.value: asked.year.id, Filter.PERIOD.value: asked.period.key if asked.period else None}


def _students(session: Session, school_class: SchoolClass, found: Presences) -> Table:
    names = session.execute(
        select(Student.id, Student.family_name, Student.given_name)
        .where(Student.id.in_({student_id for _class_id, student_id in found.students}))
        .order_by(Student.sort_name, Student.id)
    ).all()
    rows = [[f"{family} {given}", *figures(found.students[school_class.id, number])] for number, family, given in names]
    return Table([Column(gettext("Student")), *columns()], rows, gettext("By student"), gettext("Class"))


def _periods(found: Presences, by_weeks: bool) -> Table:
    periods = found.of_periods()
    names = [period_name(day, by_weeks) for day in periods]
    head = gettext("Week of") if by_weeks else gettext("Month")
    chart = charts.lines(
        gettext("Attended, %"), names, {gettext("Attended, %"): [each.percent for each in periods.values()]},
        span=_span([each.percent for each in periods.values()]),
    ) if len(names) > 1 else None  # fmt: skip
    rows = [[name, *figures(each)] for name, each in zip(names, periods.values(), strict=True)]
    caption = gettext("By week") if by_weeks else gettext("By month")
    return Table([Column(head), *columns()], rows, caption, gettext("Total"), chart=chart)


def _span(percents: Sequence[float | None]) -> tuple[float, float]:
    """The upper part of the axis that holds all of them: what differs by a few percent is to be seen."""
    lowest = min((each for each in percents if each is not None), default=0)
    return max(0.0, lowest // 10 * 10 - (10 if lowest % 10 < 1 else 0)), 100.0


def period_name(day: date, by_weeks: bool) -> str:
    """«7 сент.» of a week, «сентябрь» of a month."""
    return str(format_date(day, "d MMM" if by_weeks else "LLLL"))


def _reasons(found: Presences, asked: Asked, by_weeks: bool | None) -> Table:
    """How much was missed for which reason; the chart by class, of one class by week or month."""
    whole = found.whole
    numbers = (whole.absent, whole.excused, whole.ill)
    rows = [
        [str(status), number, 100 * number / whole.missed if whole.missed else None,
         100 * number / whole.due if whole.due else None]
        for status, number in zip(LETTERS, numbers, strict=True)
    ]  # fmt: skip
    if by_weeks is not None:
        parts = {period_name(day, by_weeks): each for day, each in found.of_periods().items()}
    else:
        of_class = found.of_classes()
        parts = {str(each): of_class[each.id] for each in asked.classes if each.id in of_class}
    series = {
        str(status): [getattr(each, name) for each in parts.values()]
        for status, name in zip(LETTERS, ("absent", "excused", "ill"), strict=True)
    }
    heads = [
        Column(gettext("Reason")),
        Column(gettext("Lessons missed"), Kind.WHOLE, "number", total=Total.SUM),
        Column(gettext("of all missed, %"), Kind.PERCENT, "share", total=Total.SUM),
        Column(gettext("of all lessons, %"), Kind.PERCENT, "part", total=Total.SUM),
    ]
    chart = charts.stacked(gettext("Lessons missed by reason"), list(parts), series) if whole.missed else None
    return Table(heads, rows, gettext("By reason"), gettext("All"), chart=chart)


REPORTS = (
    Report(
        "attendance",
        lazy_gettext("Attendance"),
        lazy_gettext("Days and lessons missed by class and student, reasons, and how it changes from week to week."),
        Group.ATTENDANCE,
        make,
        (Filter.YEAR, Filter.PERIOD, Filter.GRADE, Filter.CLASS),
        reaches=(Reach.SCHOOL, Reach.LED),
        is_current=True,
    ),
)
