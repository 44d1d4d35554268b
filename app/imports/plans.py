"""A lesson plan (КТП) out of a spreadsheet: topics in the order of lessons, by the many headings schools use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flask_babel import gettext, lazy_gettext

from app.collation import search_key
from app.imports.files import Grid, ReadingError, grids_of
from app.imports.table import Cell, Row, text_of
from app.journal.planning import LONGEST, MOST

HEADING_ROWS = 30  # the heading row is looked for among so many
MOST_LETTERS = 200_000  # of a whole plan
NUMBER, TOPIC, HOMEWORK, HOURS = "number", "topic", "homework", "hours"
HEADINGS = {
    NUMBER: lazy_gettext("No."),
    TOPIC: lazy_gettext("Topic"),
    HOMEWORK: lazy_gettext("Homework"),
    HOURS: lazy_gettext("Hours"),
}
"""What the columns are called in a template; the reader's language does not matter for reading."""
TOTALS = ("всего", "итого", "total")
RANGE = re.compile(r"(\d{1,3})\s*[-\u2013\u2014]\s*(\d{1,3})\.?")
HOURS_CELL = re.compile(r"(\d{1,2})(?:[.,]0+)?\s*(?:ч(?:ас(?:а|ов)?)?\.?|h)?", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken; ``row`` is the number that a spreadsheet program shows."""

    row: int
    value: str
    reason: str


@dataclass(frozen=True)
class PlanFile:
    """``topics`` and their homework, each as often as it has hours; ``skipped`` are rows that name no lesson."""

    topics: list[tuple[str, str]]
    problems: list[Problem] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


def read_plan(content: bytes) -> PlanFile:
    """The plan in ``content``: xlsx, or csv in UTF-8, UTF-16 or Windows-1251. Raises ReadingError."""
    grids = grids_of(content)
    found = [(grid, *place) for grid in grids if (place := _heading_row(grid))]
    if not found:
        raise ReadingError(
            gettext("No heading «Topic» was found in the first %(count)s rows. Name the columns: No., Topic, Homework, "
                    "Hours. The template shows how.", count=HEADING_ROWS)
        )  # fmt: skip
    grid, at, columns = max(found, key=lambda each: len(each[2]))
    if grid.broken_at:
        raise ReadingError(
            lazy_gettext(
                "The file cannot be divided into cells near line %(line)s; a quotation mark may not be closed there.",
                line=grid.broken_at,
            )
        )
    plan = _plan(grid.rows[at + 1 :], columns)
    headings = [text_of(grid.rows[at].cells[index]) for index in sorted(columns.values())]
    _check_size(plan)
    return PlanFile(plan.topics, plan.problems, plan.skipped, headings)


def _heading_row(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """The row that names most columns, the first of these: a title may speak of topics too."""
    best: tuple[int, dict[str, int]] | None = None
    for at, row in enumerate(grid.rows[:HEADING_ROWS]):
        columns: dict[str, int] = {}
        for index, cell in enumerate(row.cells):
            meaning = _meaning(text_of(cell))
            if meaning and meaning not in columns:
                columns[meaning] = index
        if TOPIC in columns and (best is None or len(columns) > len(best[1])):
            best = at, columns
    return best


def _meaning(heading: str) -> str | None:
    if len(heading) > 80:
        return None
    key = search_key(heading)
    words = re.findall(r"[a-zа-я]+", key)
    if any(word.startswith(("домашн", "homework")) for word in words) or "".join(words) in {"дз", "задание"}:
        return HOMEWORK
    if not {"тема", "темы", "тем", "topic", "topics"}.isdisjoint(words) or key in {"содержание", "содержание урока"}:
        return TOPIC
    if any(word in {"час", "часы", "часов", "ч", "hours"} for word in words) or key.startswith("количество час"):
        return HOURS
    if key.startswith(("№", "no.")) or key in {"п/п", "n", "номер", "номер урока", "урок", "number"}:
        return NUMBER
    return None


def _plan(rows: list[Row], columns: dict[str, int]) -> PlanFile:
    plan = PlanFile([])
    for row in rows:
        values = {name: _cell(row, index) for name, index in columns.items()}
        if _is_no_lesson(row, values):
            plan.skipped.append((row.number, " ".join(filter(None, map(text_of, row.cells)))[:120]))
            continue
        reason, hours = _faults(values), _hours(values)
        if reason or hours is None:
            value = values[TOPIC][:80] if reason else values.get(HOURS, "")
            reason = reason or gettext("Hours are a whole number from 1 to 99.")
            plan.problems.append(Problem(row.number, value, reason))
            continue
        plan.topics.extend([(values[TOPIC], values.get(HOMEWORK, ""))] * hours)
    return plan


def _cell(row: Row, index: int) -> str:
    cell: Cell = row.cells[index] if index < len(row.cells) else None
    return text_of(cell)


def _is_no_lesson(row: Row, values: dict[str, str]) -> bool:
    """A heading of a section, a total, a line without a topic."""
    filled = [text for cell in row.cells if (text := text_of(cell))]
    is_total = filled[0].casefold().startswith(TOTALS) or values[TOPIC].casefold().startswith(TOTALS)
    return not values[TOPIC] or is_total or (NUMBER in values and not values[NUMBER])


def _faults(values: dict[str, str]) -> str:
    """What is too long."""
    for name, label in ((TOPIC, HEADINGS[TOPIC]), (HOMEWORK, HEADINGS[HOMEWORK])):
        if len(values.get(name, "")) > LONGEST[name]:
            return str(gettext("%(column)s: at most %(longest)s characters.", column=label, longest=LONGEST[name]))
    return ""


def _hours(values: dict[str, str]) -> int | None:
    """For how many lessons the topic is: by its hours, or by «5-6» as its number; None for what is no number."""
    said = values.get(HOURS, "")
    if not said:
        between = RANGE.fullmatch(values.get(NUMBER, ""))
        count = int(between[2]) - int(between[1]) + 1 if between else 1
        return count if 1 <= count <= 99 else None
    whole = HOURS_CELL.fullmatch(said)
    return int(whole[1]) if whole and int(whole[1]) else None


def _check_size(plan: PlanFile) -> None:
    if not plan.topics and not plan.problems:
        raise ReadingError(gettext("There is no topic below the headings."))
    if len(plan.topics) > MOST:
        raise ReadingError(
            gettext("The plan has %(count)s lessons; at most %(most)s are taken.", count=len(plan.topics), most=MOST)
        )
    if sum(len(topic) + len(homework) for topic, homework in plan.topics) > MOST_LETTERS:
        raise ReadingError(gettext("The plan is too long. Leave out what is neither topic nor homework."))
