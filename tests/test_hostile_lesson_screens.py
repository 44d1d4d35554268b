"""Addresses and forms that nobody sends by a keyboard: a page may say no, it does not break."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.models import Lesson
from tests.school import School
from tests.school_panel import HOSTILE, Panel, deputy

GET = (
    "timetable/?class={0}&from={0}", "timetable/?class=1&from={0}", "schoolday/?date={0}&class={0}&grade={0}",
    "schoolday/?lesson={0}", "substitution/?teacher={0}&from={0}&until={0}", "substitution/day?date={0}",
)  # fmt: skip
POST = {
    "timetable/": {"class", "from", "do", "slot-1-1-0", "room-1-1-0", "slot-9-99-9", "saturday"},
    "schoolday/": {"date", "class", "scope", "ticked", "reason", "to", "number", "lesson"},
    "substitution/": {"teacher", "from", "until", "for_all", "to-1", "reason"},
    "substitution/back": {"lesson", "teacher", "from", "until"},
}
SOUND = {
    "class": "1",
    "from": "2026-10-12",
    "until": "2026-10-14",
    "teacher": "1",
    "date": "2026-10-01",
    "to": "2026-10-02",
}
DO = {"timetable/": "look", "schoolday/": "move", "substitution/": "assign", "substitution/back": ""}
OTHER = {"timetable/": ("save",), "schoolday/": ("cancel", "back"), "substitution/": ("fill",)}


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_breaks(school: School, panel: Panel, value: str) -> None:
    boss = deputy()
    school.teacher.is_staff = True
    db.session.commit()
    for address in GET:
        typed = address.format(value.replace("%", "%25").replace("#", "%23").replace("&", "%26"))
        assert panel.get(boss, f"/admin/{typed}").status_code < 500, address
    for address, names in POST.items():
        sound = {name: SOUND[name] for name in names if name in SOUND}
        sent = [sound | {"do": DO[address], name: value} for name in names]
        sent += [sound | dict.fromkeys(names - SOUND.keys(), value) | {"do": do} for do in OTHER.get(address, ())]
        for fields in sent:
            assert panel.post(boss, f"/admin/{address}", fields).status_code < 500, (address, fields)
    assert db.session.get_one(Lesson, school.lesson.id).topic == ""
