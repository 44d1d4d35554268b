"""The journal page for every role, on own and foreign journals: nothing is given away, nothing is written.

The page is no list of rows, so that ``test_screens`` does not drive it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Student, TeachingAssignment, Work
from tests.rights.screens import Screens, changed, snapshot
from tests.rights.table import Rights
from tests.rights.world import ACTORS, World

keys = (f"key-{number}" for number in count(1))
KEPT = "edit_receipt"  # of own edits, also of those that were refused


@pytest.mark.parametrize(
    ("database_url", "who"),
    [*(("sqlite", who) for who in ACTORS), ("postgresql", "t")],
    indirect=["database_url"],
)
def test_the_journal_page_gives_nothing_away_and_takes_nothing(
    world: World,
    bound: Callable[[str], Screens],
    who: str,
    record_property: Callable[[str, int], None],
) -> None:
    rights = Rights(world)
    foreign = set(lessons_not_written(rights, world, who))
    works = {work.id: work.lesson_id for work in of(world, Work)}
    assignments = {lesson.id: lesson.teaching_assignment_id for lesson in world.lessons.values()}
    held = {row.id for row in of(world, TeachingAssignment) if rights.holds(who, row)}
    screens = bound(who)
    before = snapshot()
    read(screens, works, assignments)
    write(screens, works, assignments, foreign, held)
    changes = [change for change in changed(before, snapshot()) if not change.startswith(KEPT)]
    record_property("rights on the journal page: cells", screens.cells)
    record_property("rights on the journal page: leaks", len(screens.leaks) + len(changes))
    assert screens.leaks == []
    assert changes == []


def of(world: World, model: Any) -> Iterator[Any]:
    """All rows of a model in the database of the world."""
    yield from db.session.scalars(select(model))


def lessons_not_written(rights: Rights, world: World, who: str) -> Iterator[int]:
    yield from (number for number, lesson in world.lessons.items() if not rights.writes(who, lesson))


def read(screens: Screens, works: dict[int, int], assignments: dict[int, int]) -> None:
    """The list, each page, its state, the history of every cell."""
    screens.get("/admin/journal/")
    for assignment in screens.ids[TeachingAssignment]:
        base = f"/admin/journal/{assignment}"
        for path in ("/", "/?term=year", "/state", "/state?term=year", "/state?day=2026-09-20"):
            screens.get(base + path)
    for student in screens.ids[Student]:
        for work, lesson in works.items():
            screens.get(f"/admin/journal/{assignments[lesson]}/history?student={student}&work={work}")
        for assignment in set(assignments.values()):
            screens.get(f"/admin/journal/{assignment}/history?student={student}&final=year")
    for lesson, assignment in assignments.items():
        screens.get(f"/admin/journal/{assignment}/history?lesson={lesson}")
        screens.get(f"/admin/journal/{assignment}/history?lesson={lesson}&student={screens.ids[Student][0]}")


def write(
    screens: Screens, works: dict[int, int], assignments: dict[int, int], foreign: set[int], held: set[int]
) -> None:
    """Edits, works and lessons where the person does not write."""
    for lesson in foreign:
        own_works = [work for work, of_lesson in works.items() if of_lesson == lesson]
        edits: list[dict[str, Any]] = [{"lesson": lesson, name: "взлом"} for name in ("topic", "homework")]
        for student in screens.ids[Student]:
            edits.append({"student": student, "lesson": lesson, "value": "Н"})
            edits += [{"student": student, "work": work, "value": "2"} for work in own_works]
            edits += [{"student": student, "work": work, "comment": "взлом", "note": "взлом"} for work in own_works]
        versions = [0, 1, 2**52]
        body = [{**edit, "key": next(keys), "version": version} for edit in edits for version in versions]
        base = f"/admin/journal/{assignments[lesson]}"
        send(screens, f"{base}/edits", {"edits": body})
        send(screens, f"{base}/works", {"lesson": lesson, "kind": "test"})
        for work in own_works:
            send(screens, f"{base}/works/{work}", {"weight": 9, "title": "взлом"})
            send(screens, f"{base}/works/{work}/delete", {"confirmed": True})
            send(screens, f"{base}/works/{work}/restore", {})
    for assignment in set(screens.ids[TeachingAssignment]) - held:
        base = f"/admin/journal/{assignment}"
        finals = [
            {"student": student, "final": "year", "value": "5", "key": next(keys), "version": 0}
            for student in screens.ids[Student]
        ]
        send(screens, f"{base}/edits", {"edits": finals})
        if screens.who != "dep":  # who keeps the timetable may add lessons everywhere
            send(screens, f"{base}/lessons", {"date": "2026-10-05", "number": 14})


def send(screens: Screens, path: str, body: Any) -> None:
    answer = screens.client.post(path, json=body)
    screens.check(path, answer, "взлом")
