"""The journal of a subject as printed pages: marks at the left, topics and homework at the right, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy.orm import Session

from app.journal.final_columns import Column as FinalColumn
from app.journal.final_columns import columns_of, terms_of
from app.journal.grid import state
from app.journal.grid.page import Page, journal
from app.journal.handovers import Held, held_before, told
from app.models import SchoolClass, TeachingAssignment, Term
from app.reports.document import Column, Document, Kind, Table
from app.reports.report import Asked, Filter, Group, NotThere, Report

LESSONS_ON_PAGE = 26
"""As many columns of dates as fit beside the names on A4 across, with room for the final marks of a term."""
LEGEND = lazy_gettext("Н absent without reason, У absent with good reason, Б ill, О late. Several marks of a lesson "
                      "stand together: 5/4.")  # fmt: skip


@dataclass(frozen=True)
class Lesson:
    """A lesson as it is printed; ``cancelled`` says why it was not held, ``substitute`` who stood in."""

    id: int
    day: date
    topic: str = ""
    homework: str = ""
    substitute: str = ""
    cancelled: str = ""


@dataclass(frozen=True)
class Sheet:
    """A pair of pages: lessons, and the final marks (their keys) that stand after the last of them."""

    number: int
    lessons: Sequence[Lesson]
    finals: Sequence[str] = ()

    @property
    def held(self) -> list[Lesson]:
        """Lessons that have a column of marks."""
        return [lesson for lesson in self.lessons if not lesson.cancelled]


@dataclass(frozen=True)
class Printed:
    """A journal to be printed. ``students``: number, name; ``cells`` by student and lesson, ``finals`` by student and
    key; ``titles`` of final marks by key."""

    students: Sequence[tuple[int, str]]
    sheets: Sequence[Sheet]
    cells: Mapping[tuple[int, int], str]
    finals: Mapping[tuple[int, str], str]
    titles: Mapping[str, str] = field(default_factory=dict)


def paged(parts: Iterable[tuple[Sequence[Lesson], Sequence[str]]], most: int = LESSONS_ON_PAGE) -> list[Sheet]:
    """Lessons of one term after the other, each with its final marks, on pages of ``most`` columns at the most.

    A term begins a new page; its final marks stand on its last one. A term without either has no page.
    """
    sheets: list[Sheet] = []
    for lessons, finals in parts:
        chunks = list(_chunks(lessons, most)) or ([[]] if finals else [])
        for index, chunk in enumerate(chunks):
            is_last = index == len(chunks) - 1
            sheets.append(Sheet(len(sheets) + 1, chunk, finals if is_last else ()))
    return sheets


def _chunks(lessons: Sequence[Lesson], most: int) -> Iterator[list[Lesson]]:
    """As equal parts as possible, so that the last page is not left with two dates."""
    number = -(-len(lessons) // most)
    for index in range(number):
        yield list(lessons[index * len(lessons) // number : (index + 1) * len(lessons) // number])


def joined(letter: str, marks: Sequence[int]) -> str:
    """What stands in a cell: «Н», «5/4», «Б/4»."""
    return "/".join([letter, *map(str, marks)] if letter else map(str, marks))


def own_period(asked: Asked, school_class: SchoolClass) -> Term | None:
    """The term of the class that the chosen period lies in; None: the whole year."""
    period = asked.period
    if period is None or not period.terms:
        return None
    own = [term for term in asked.terms if term.kind is school_class.term_kind]
    return period.term_of(school_class.term_kind) or next((term for term in own if term.ends_on >= period.last), None)


def make(session: Session, asked: Asked) -> Document:
    """Pairs of pages, each a document of its own. Raises NotThere."""
    assignment = journal(session, asked.held.id) if asked.held else None
    if assignment is None:
        raise NotThere
    school_class = assignment.study_group.school_class
    term = own_period(asked, school_class)
    held = held_before(session, [assignment.id]).get(assignment.id, [])
    page = Page(assignment, terms_of(session, school_class), term, is_whole=True, writes_final=False, before=held)
    printed = read(session, page, asked.today)
    heads = _heads(asked, page, assignment, held)
    pages = [
        each
        for sheet in printed.sheets
        for each in (_left(asked, printed, sheet, heads), _right(asked, assignment, held, sheet, heads))
    ]
    if not pages:
        empty = Table([Column(gettext("Student"))], [], note=gettext("No lesson was held in these days."))
        return Document(heads[0], [empty], asked.now, heads[1:], is_landscape=True)
    return Document(
        heads[0], pages[0].tables, asked.now, pages[0].lines, is_landscape=True, notes=pages[0].notes,
        following=pages[1:],
    )  # fmt: skip


def read(session: Session, page: Page, today: date) -> Printed:
    """The lessons up to ``today`` with what was entered in them; as many statements as the journal page takes."""
    first, last = page.days
    columns = _columns(page)
    shown = state.content(session, page, (first, min(last, today)), columns)
    return Printed(
        [(row["id"], _named(row)) for row in shown.students],
        paged(_parts(page, [_lesson(row) for row in shown.lessons], columns)),
        _cells(shown.works, shown.entries, shown.absences),
        {(student, column): value for student, column, value, *_rest in shown.finals},
        {key: column.name for key, column in columns.items()},
    )


def _columns(page: Page) -> dict[str, FinalColumn]:
    """Final marks by the key the journal page knows them by: those of the term, or all of the year."""
    return {
        f"term:{column.term.id}" if column.term else column.kind.value: column
        for column in columns_of(page.school_class, page.terms)
        if page.term in (None, column.term)
    }


def _parts(
    page: Page, lessons: Sequence[Lesson], columns: Mapping[str, FinalColumn]
) -> list[tuple[list[Lesson], list[str]]]:
    """Lessons by term with the final marks of each; those of the year with the last term that has lessons."""
    terms = [page.term] if page.term else list(page.terms)
    parts = []
    for index, term in enumerate(terms):
        # Days between terms belong to the one before, what lies before the first to the first.
        until = terms[index + 1].starts_on if index + 1 < len(terms) else date.max
        since = term.starts_on if index else date.min
        parts.append(([each for each in lessons if since <= each.day < until], [f"term:{term.id}"]))
    parts = [(those, [key for key in keys if key in columns]) for those, keys in parts if those]
    if parts and page.term is None:
        parts[-1][1].extend(key for key, column in columns.items() if not column.term)
    return parts


def _lesson(row: Mapping[str, Any]) -> Lesson:
    why = _why(row["reason"]) if row["cancelled"] else ""
    day = date.fromisoformat(row["date"])
    return Lesson(row["id"], day, row["topic"], row["homework"], row["substitute"] or "", why)


def _why(reason: str) -> str:
    """Why a lesson was not held; «→ 28.11.2026» is the day it was moved to."""
    if reason.startswith("→ "):
        return str(gettext("moved to %(day)s", day=reason.removeprefix("→ ")))
    return reason or str(gettext("cancelled"))


def _named(row: Mapping[str, Any]) -> str:
    """The name, and from or until when the student was in the group."""
    parts = []
    if row["from"]:
        parts.append(gettext("from %(day)s", day=f"{date.fromisoformat(row['from']):%d.%m}"))
    if row["until"]:
        parts.append(gettext("until %(day)s", day=f"{date.fromisoformat(row['until']):%d.%m}"))
    return f"{row['name']} ({', '.join(parts)})" if parts else str(row["name"])


def _cells(
    works: Sequence[Mapping[str, Any]], entries: Sequence[Sequence[Any]], absences: Sequence[Sequence[Any]]
) -> dict[tuple[int, int], str]:
    """By student and lesson, marks in the order of their works."""
    lesson_of = {work["id"]: work["lesson"] for work in works}
    marks: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for work, student, value, *_rest in entries:
        marks[student, lesson_of[work]].append(value)
    letters = {(student, lesson): letter for lesson, student, letter, *_rest in absences}
    return {place: joined(letters.get(place, ""), marks.get(place, ())) for place in letters | marks}


def _heads(asked: Asked, page: Page, assignment: TeachingAssignment, held: Sequence[Held]) -> list[str]:
    """Title, and the line under it."""
    title = gettext("Journal: %(subject)s, %(group)s", subject=assignment.subject, group=assignment.study_group)
    when = page.term.short_name if page.term else gettext("the whole year")
    year = gettext("%(year)s academic year", year=asked.year)
    teacher = gettext("teacher %(name)s", name=assignment.teacher.full_name)
    was = f" ({gettext('before:')} {told(held)})" if held else ""
    return [title, f"{asked.school.name}, {year}, {when}, {teacher}{was}"]


def _left(asked: Asked, printed: Printed, sheet: Sheet, heads: Sequence[str]) -> Document:
    columns = [
        Column(gettext("Student"), width=28),
        *(Column(str(lesson.day.day), Kind.MARK, group=_month(lesson.day), width=4) for lesson in sheet.held),
        *(Column(printed.titles[key], Kind.MARK, width=9) for key in sheet.finals),
    ]
    rows = [
        [f"{index}. {name}", *(printed.cells.get((number, lesson.id), "") for lesson in sheet.held),
         *(printed.finals.get((number, key), "") for key in sheet.finals)]
        for index, (number, name) in enumerate(printed.students, 1)
    ]  # fmt: skip
    table = Table(columns, rows, gettext("Page %(number)s, left", number=sheet.number))
    return Document(heads[0], [table], asked.now, heads[1:], is_landscape=True, notes=[str(LEGEND)])


def _month(day: date) -> str:
    return str(format_date(day, "LLLL"))


def _right(
    asked: Asked, assignment: TeachingAssignment, held: Sequence[Held], sheet: Sheet, heads: Sequence[str]
) -> Document:  # fmt: skip
    columns = [
        Column(gettext("Date"), Kind.DAY, width=11),
        Column(gettext("What was done in the lesson"), width=48),
        Column(gettext("Homework"), width=40),
        Column(gettext("Teacher"), width=24),
    ]
    rows = [
        [lesson.day, *_done(lesson), gettext("substitute %(name)s", name=lesson.substitute) if lesson.substitute
         else next((each.teacher for each in held if lesson.day <= each.last), assignment.teacher).short_name]
        for lesson in sheet.lessons
    ]  # fmt: skip
    table = Table(columns, rows, gettext("Page %(number)s, right", number=sheet.number))
    return Document(heads[0], [table], asked.now, heads[1:], is_landscape=True)


def _done(lesson: Lesson) -> tuple[str, str]:
    if lesson.cancelled:
        return gettext("The lesson was not held: %(reason)s", reason=lesson.cancelled), ""
    return lesson.topic, lesson.homework


REPORTS = (
    Report(
        "journal",
        lazy_gettext("Journal of a subject, printed"),
        lazy_gettext("Pages in the customary form: marks and absences at the left, topics and homework at the right."),
        Group.PAPERS,
        make,
        (Filter.YEAR, Filter.CLASS, Filter.ASSIGNMENT, Filter.PERIOD),
        required=(Filter.ASSIGNMENT,),
        is_current=True,
    ),
)
