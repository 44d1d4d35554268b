"""Whatever several browsers send, in whatever order and how often: what stands is what was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import db
from app.journal.grid.edits import carry_out
from app.journal.grid.letters import LETTERS
from app.models import Attendance, EditReceipt, Mark, TeachingAssignment, User
from tests.journal_page import JournalPage, journal_page, lesson, work
from tests.school import School
from tests.school_panel import NOW, TODAY, Panel, day, written

Cell = tuple[str, int, int]
CLIENTS, CELLS = 3, 5
keys = count(1)

operation = st.tuples(
    st.integers(0, CLIENTS - 1),
    st.lists(
        st.tuples(st.integers(0, CELLS - 1), st.sampled_from(["", "2", "5", "9"])), min_size=1, max_size=4
    ),
    st.sampled_from(["send", "send", "send twice", "look first", "insist", "repeat an old one"]),
)  # fmt: skip


@dataclass
class Browser:
    """What a browser knows: the version of each cell it has seen, and the requests it has sent."""

    user_id: int
    seen: dict[Cell, int] = field(default_factory=dict)
    sent: list[tuple[list[dict[str, Any]], list[Cell], list[dict[str, Any]]]] = field(default_factory=list)


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def cells_of(page: JournalPage, substitute: User) -> list[Cell]:
    """Marks and attendance in a lesson of the teacher and in one that a substitute has."""
    first, second = page.students[0].id, page.students[1].id
    more = work(lesson(page, day(10, 2), substitute=substitute))
    return [
        ("work", page.school.work.id, first), ("work", page.school.work.id, second), ("work", more.id, first),
        ("lesson", page.school.lesson.id, first), ("lesson", more.lesson_id, second),
    ]  # fmt: skip


def test_what_stands_is_what_was_acknowledged(page: JournalPage) -> None:
    colleague = written(User(family_name="Вторая", given_name="Ия", is_staff=True))
    cells = cells_of(page, colleague)
    teacher_id, colleague_id, assignment_id = page.school.teacher.id, colleague.id, page.school.assignment.id
    db.session.commit()

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(operation, max_size=12))
    def run(operations: list[Any]) -> None:
        empty()
        # What teacher and substitute send for a lesson of the other is refused.
        browsers = [Browser(teacher_id), Browser(teacher_id), Browser(colleague_id)]
        acknowledged: dict[Cell, str] = {}
        for number, changes, way in operations:
            act(browsers[number], [(cells[cell], value) for cell, value in changes], way, assignment_id, acknowledged)
        assert standing(cells) == {cell: value for cell, value in acknowledged.items() if value}

    run()


def empty() -> None:
    for model in (Mark, Attendance, EditReceipt):
        db.session.execute(delete(model))
    db.session.commit()


def act(
    browser: Browser, changes: list[tuple[Cell, str]], way: str, assignment_id: int, acknowledged: dict[Cell, str]
) -> None:
    if way == "repeat an old one" and browser.sent:
        edits, _cells, answers = browser.sent[0]
        assert send(browser, edits, assignment_id) == answers
        return
    if way == "look first":
        browser.seen = {cell: version for cell, (version, _value) in rows().items()}
    edits = [an_edit(cell, value, browser.seen.get(cell, 0)) for cell, value in changes]
    before = rows()
    answers = send(browser, edits, assignment_id)
    note(browser, changes, edits, answers, before, acknowledged)
    browser.sent.append((edits, [cell for cell, _value in changes], answers))
    if way == "send twice":
        assert send(browser, edits, assignment_id) == answers
    elif way == "insist" and (lost := [i for i, answer in enumerate(answers) if answer["status"] == "conflict"]):
        again = [an_edit(*changes[i], answers[i]["version"]) for i in lost[:1]]
        before = rows()
        note(browser, [changes[lost[0]]], again, send(browser, again, assignment_id), before, acknowledged)


def an_edit(cell: Cell, value: str, version: int) -> dict[str, Any]:
    kind, number, student = cell
    if kind == "lesson":
        value = {"": "", "2": "Н", "5": "Б", "9": "9"}[value]
    return {"key": f"k{next(keys)}", "student": student, kind: number, "value": value, "version": version}


def send(browser: Browser, edits: list[dict[str, Any]], assignment_id: int) -> list[dict[str, Any]]:
    with policy.system() as facts:
        actor = policy.load_actor(facts, browser.user_id, TODAY, NOW)
    with Session(db.engine) as session:
        policy.act_as(session, actor)
        return carry_out(session, actor, session.get_one(TeachingAssignment, assignment_id), edits)


def note(
    browser: Browser,
    changes: list[tuple[Cell, str]],
    edits: list[dict[str, Any]],
    answers: list[dict[str, Any]],
    before: dict[Cell, tuple[int, str]],
    acknowledged: dict[Cell, str],
) -> None:
    for (cell, _value), edit, answer in zip(changes, edits, answers, strict=True):
        version, stood = before.get(cell, (0, ""))
        if answer["status"] == "saved":
            assert answer["value"] == edit["value"]
            assert edit["version"] == version or stood == edit["value"], "something unseen was overwritten"
            acknowledged[cell] = edit["value"]
            before[cell] = answer["version"], edit["value"]
        if answer["status"] != "refused":
            browser.seen[cell] = answer["version"]


def rows() -> dict[Cell, tuple[int, str]]:
    """Version and value of every cell that holds something."""
    found: dict[Cell, tuple[int, str]] = {}
    for mark in db.session.scalars(select(Mark).execution_options(populate_existing=True)):
        found["work", mark.work_id, mark.student_id] = mark.version, str(mark.value)
    for row in db.session.scalars(select(Attendance).execution_options(populate_existing=True)):
        found["lesson", row.lesson_id, row.student_id] = row.version, LETTERS[row.status]
    db.session.commit()
    return found


def standing(cells: list[Cell]) -> dict[Cell, str]:
    return {cell: value for cell, (_version, value) in rows().items() if cell in cells}
