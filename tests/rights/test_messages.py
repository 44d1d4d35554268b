"""The pages of messages for every role, on own and foreign threads: nothing is given away, nothing is written.

They are no lists of rows, so that ``test_screens`` does not drive them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.models import MessageFile, Student, StudyGroup, Thread, ThreadReport, User
from tests.rights.screens import Screens, changed, snapshot
from tests.rights.table import Rights
from tests.rights.world import ACTORS, World

FRAMES = ("/diary/messages/", "/admin/messages/")
OWN = ("edit_receipt", "thread_member")  # a receipt, and that the person has read what is theirs


@pytest.mark.parametrize(
    ("database_url", "who"),
    [*(("sqlite", who) for who in ACTORS), ("postgresql", "ga1")],
    indirect=["database_url"],
)
def test_messages_give_nothing_away_and_take_nothing(
    world: World, bound: Callable[[str], Screens], who: str, record_property: Callable[[str, int], None]
) -> None:
    rights = Rights(world)
    screens = bound(who)
    foreign = [number for number in screens.ids[Thread] if not rights.reads(who, number)]
    before = snapshot()
    for frame in FRAMES:
        read(screens, frame)
        write(screens, frame, foreign)
    if who != "dep":
        for number in screens.ids[ThreadReport]:
            screens.post(f"/admin/messages/reports/{number}/open")
            screens.post(f"/admin/messages/reports/{number}/close", outcome="взлом")
    changes = [change for change in changed(before, snapshot()) if not change.startswith(OWN)]
    record_property("rights on messages: cells", screens.cells)
    record_property("rights on messages: leaks", len(screens.leaks) + len(changes))
    assert screens.leaks == []
    assert changes == []


def read(screens: Screens, frame: str) -> None:
    """Lists, searches, threads, files, whom one can write to, reports."""
    for path in ("", "?page=1", "new", "reports/", *(f"?q={word}" for word in screens.some_words(3))):
        screens.get(frame + path, path)
    for word in screens.some_words(3):
        screens.get(f"{frame}new?q={word}", word)
    for number in screens.ids[Thread]:
        screens.get(f"{frame}{number}/")
    for number in screens.ids[MessageFile]:
        screens.get(f"{frame}file/{number}")
    for student in screens.ids[Student]:
        screens.get(f"{frame}new?student={student}")
    for number, user in enumerate(screens.ids[User]):
        student = screens.ids[Student][number % len(screens.ids[Student])]
        screens.get(f"{frame}new?to={user}")
        screens.get(f"{frame}new?to={user}&student={student}")
    for group in screens.ids[StudyGroup]:
        screens.get(f"{frame}announce/{group}")


def write(screens: Screens, frame: str, foreign: list[int]) -> None:
    """Messages into foreign threads and reports of them."""
    for number in foreign:
        screens.post(f"{frame}{number}/", body="взлом", key="key-of-a-thief")
        screens.post(f"{frame}{number}/report", reason="взлом")
