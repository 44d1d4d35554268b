"""A reported thread: the administration sees the report, opens the text on record, and its members see that."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditRecord, ThreadReport
from tests.correspondents import DIARY, STAFF, People, parent_asks, people, send
from tests.school import School
from tests.school_panel import Panel, deputy

REPORTS = f"{STAFF}reports/"


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def reported(panel: Panel, who: People) -> tuple[int, int]:
    """A thread that its teacher has reported, and the number of the report."""
    thread = parent_asks(panel, who, subject="Грубая тема", body="Грубое слово")
    assert panel.post(who.leader, f"{STAFF}{thread}/report", reason="Грубит мне").status_code == 302
    return thread, db.session.scalars(select(ThreadReport.id)).one()


def test_the_report_is_seen_without_the_text(panel: Panel, who: People) -> None:
    thread, _report = reported(panel, who)
    page = panel.page(who.zavuch, REPORTS)
    assert "Грубит мне" in page
    assert "Орлова" in page
    assert "Грубая тема" not in page
    assert "Грубое слово" not in page
    assert panel.get(who.zavuch, f"{STAFF}{thread}/").status_code == 404
    for base, member in ((DIARY, who.anna), (STAFF, who.leader)):
        said = panel.page(member, f"{base}{thread}/")
        assert "Nobody but its members has read it" in said
        assert "Грубит мне" not in said.replace("What is wrong", "") or member is who.leader


def test_who_opens_it_reads_until_closing_and_the_members_see_it(panel: Panel, who: People) -> None:
    thread, report = reported(panel, who)
    assert panel.get(who.zavuch, f"{REPORTS}{report}/open").status_code == 405
    assert panel.post(who.zavuch, f"{REPORTS}{report}/open").status_code == 302
    page = panel.page(who.zavuch, f"{STAFF}{thread}/")
    assert "Грубое слово" in page
    assert "You read this because it was reported" in page
    assert "Грубая тема" not in panel.page(who.zavuch, STAFF)  # it is not among their own
    assert send(panel, who.zavuch, f"{STAFF}{thread}/", body="Вмешаюсь").status_code == 422
    assert "The administration opened it on" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert panel.post(who.zavuch, f"{REPORTS}{report}/close", outcome=" ").status_code == 422
    assert panel.post(who.zavuch, f"{REPORTS}{report}/close", outcome="Поговорили").status_code == 302
    assert panel.get(who.zavuch, f"{STAFF}{thread}/").status_code == 404
    assert "no longer reads it" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert "Поговорили" in panel.page(who.zavuch, REPORTS)
    changes = [record.changes for record in db.session.scalars(select(AuditRecord).order_by(AuditRecord.id))
               if record.model == "ThreadReport"]  # fmt: skip
    assert [sorted(each) for each in changes[1:]] == [["opened_at", "opened_by_id"], ["closed_at", "outcome"]]


def test_another_deputy_reads_it_only_after_opening_it_too(panel: Panel, who: People) -> None:
    thread, report = reported(panel, who)
    second = deputy("Вторая")
    panel.post(who.zavuch, f"{REPORTS}{report}/open")
    assert panel.get(second, f"{STAFF}{thread}/").status_code == 404
    panel.post(second, f"{REPORTS}{report}/close", outcome="Чужое")
    assert db.session.get_one(ThreadReport, report).closed_at is None
    panel.post(second, f"{REPORTS}{report}/open")
    assert panel.get(second, f"{STAFF}{thread}/").status_code == 200
    assert panel.get(who.zavuch, f"{STAFF}{thread}/").status_code == 404


def test_a_closed_report_is_not_opened_again(panel: Panel, who: People) -> None:
    thread, report = reported(panel, who)
    panel.post(who.zavuch, f"{REPORTS}{report}/open")
    panel.post(who.zavuch, f"{REPORTS}{report}/close", outcome="Всё")
    panel.post(who.zavuch, f"{REPORTS}{report}/open")
    assert panel.get(who.zavuch, f"{STAFF}{thread}/").status_code == 404


def test_reporting_needs_a_reason_and_counts_once(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    for reason in ("", "  ", "я" * 501):
        answer = panel.post(who.anna, f"{DIARY}{thread}/report", reason=reason)
        assert answer.status_code == 422
    for _ in range(2):
        assert panel.post(who.anna, f"{DIARY}{thread}/report", reason="Плохо").status_code == 302
    assert len(db.session.scalars(select(ThreadReport)).all()) == 1


def test_nobody_reports_or_opens_what_is_not_theirs(panel: Panel, who: People) -> None:
    thread, report = reported(panel, who)
    for other, base in ((who.clara, DIARY), (who.stranger, STAFF)):
        assert panel.post(other, f"{base}{thread}/report", reason="Хочу").status_code in (404, 422)
    for other in (who.leader, who.stranger, who.anna):
        assert panel.get(other, REPORTS).status_code == 403
        assert panel.post(other, f"{REPORTS}{report}/open").status_code == 403
    row = db.session.get_one(ThreadReport, report)
    assert row.opened_by_id is None
    assert len(db.session.scalars(select(ThreadReport)).all()) == 1
