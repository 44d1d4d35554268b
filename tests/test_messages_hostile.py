"""Messages asked for with nonsense: an answer that says so, no error of ours, nothing written."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Message, ThreadReport
from tests.correspondents import DIARY, STAFF, People, parent_asks, people
from tests.school import School
from tests.school_panel import HOSTILE, Panel

EXPECTED = {200, 302, 400, 403, 404, 405, 413, 422}


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def test_no_address_breaks_a_page(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    for reader, base in ((who.anna, DIARY), (who.leader, STAFF)):
        for word in HOSTILE:
            for path, asked in (
                ("", {"q": word, "page": word}), (f"{thread}/", {"before": word}), ("new", {"to": word}),
                ("new", {"student": word, "q": word}),
                ("new", {"to": who.leader.id, "student": word, "subject": word}),
            ):  # fmt: skip
                answer = panel.get(reader, f"{base}{path}?{urlencode(asked)}")
                assert answer.status_code in EXPECTED, (base, path, word)
        for number in ("0", "99999999999", "999999"):
            for path in (f"{number}/", f"file/{number}", f"announce/{number}", f"reports/{number}/open"):
                assert panel.get(reader, base + path).status_code in {404, 405}, path


def test_no_form_breaks_a_page_or_writes_what_is_not_meant(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    before = db.session.scalar(select(func.count(Message.id)))
    for word in HOSTILE:
        for reader, base in ((who.anna, DIARY), (who.leader, STAFF)):
            for fields in (
                {"to": word, "subject": "с", "body": "т"}, {"to": who.leader.id, "student": word, "body": "т"},
                {"subject": word, "to": who.dora.id, "body": word},
            ):  # fmt: skip
                assert panel.post(reader, f"{base}new", data=fields).status_code in EXPECTED, (base, fields)
            assert panel.post(reader, f"{base}999/", data={"body": word, "key": word}).status_code in EXPECTED
            assert panel.post(reader, f"{base}999/report", data={"reason": word}).status_code in EXPECTED
    assert db.session.scalar(select(func.count(Message.id))) == before
    assert db.session.scalar(select(func.count(ThreadReport.id))) == 0
    for word in HOSTILE:
        answer = panel.post(who.anna, f"{DIARY}{thread}/", data={"body": word, "key": word})
        assert answer.status_code in EXPECTED
        assert panel.get(who.leader, f"{STAFF}{thread}/").status_code == 200
