"""The school's own terms of the rules, and days that do not count: recorded, and the figures follow."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from app.extensions import db
from app.models import AcademicYear, AuditRecord, ExcusedPeriod, RuleSetting, SchoolClass, User
from tests.school import School
from tests.school_panel import HOSTILE, Panel, day, deputy, errors, led, written

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/admin/rulesetting/"


def entered(panel: Panel, who: User, **changed: str | None) -> dict[str, str]:
    """The page's form with something else in it; None takes a tick away."""
    soup = BeautifulSoup(panel.get(who, PATH).text, "html.parser")
    fields = {str(field["name"]): str(field.get("value", "")) for field in soup.select("main input[name]")}
    unticked = [
        str(field["name"]) for field in soup.select("input[type=checkbox]:not([checked])") if "name" in field.attrs
    ]
    new = {name.replace("__", "-"): value for name, value in changed.items()}
    return {name: value for name, value in (fields | new).items() if value is not None and name not in unticked}


def setting(rule: str) -> RuleSetting | None:
    return db.session.scalars(select(RuleSetting).where(RuleSetting.rule == rule)).one_or_none()


def test_terms_of_the_school_change_the_figures_and_are_recorded(school: School, panel: Panel) -> None:
    boss = deputy()
    assert "All of it is done" not in panel.page(boss, "/admin/control/topics/")
    answer = panel.post(boss, PATH, entered(panel, boss, topics__days="30", marks__is_on=None))
    assert answer.status_code == 302
    topics, marks = setting("topics"), setting("marks")
    assert topics is not None
    assert (topics.is_on, topics.days, topics.remind_days) == (True, 30, None)
    assert marks is not None
    assert not marks.is_on
    assert set(db.session.scalars(select(RuleSetting.rule))) == {"topics", "marks"}
    assert "Nothing was due" in panel.page(boss, "/admin/control/topics/")
    assert "switched this rule off" in panel.page(boss, "/admin/control/marks/")
    assert "Marks within a week" not in panel.page(boss, "/admin/control/")
    panel.post(boss, PATH, entered(panel, boss, topics__days=""))
    assert setting("topics").days is None  # type: ignore[union-attr]
    records = db.session.scalars(
        select(AuditRecord).where(AuditRecord.model == "RuleSetting").order_by(AuditRecord.id)
    ).all()  # fmt: skip
    assert [(row.action, row.actor_id) for row in records] == [
        ("create", boss.id), ("create", boss.id), ("change", boss.id),
    ]  # fmt: skip
    assert records[-1].changes["days"] == [30, None]
    shown = panel.page(boss, "/admin/auditrecord/?model=RuleSetting")
    assert "Days: 30 → —" in shown
    assert "Rules of the control Topics of lessons are filled" in shown


def test_a_wrong_number_saves_nothing_and_keeps_what_was_typed(school: School, panel: Panel) -> None:
    boss = deputy()
    answer = panel.post(boss, PATH, entered(panel, boss, topics__days="61", marks__days="3", data__remind_days="х"))
    assert "A whole number from 0 to 60" in answer.text
    assert "A whole number from 1 to 60" in answer.text
    assert 'value="61"' in answer.text
    assert 'name="marks-days" value="3"' in answer.text
    assert db.session.scalars(select(RuleSetting)).all() == []


def test_what_somebody_else_changed_meanwhile_is_not_undone(school: School, panel: Panel) -> None:
    boss = deputy()
    stale = entered(panel, boss)
    panel.post(boss, PATH, entered(panel, boss, topics__days="5"))
    panel.post(boss, PATH, stale | {"marks-days": "10"})
    assert (setting("topics").days, setting("marks").days) == (5, 10)  # type: ignore[union-attr]
    answer = panel.post(boss, PATH, stale | {"topics-days": "9", "homework-days": "1"})
    assert "Somebody changed this rule meanwhile" in answer.text
    assert setting("topics").days == 5  # type: ignore[union-attr]
    assert setting("homework") is None


@ONE
def test_hostile_forms_change_nothing(school: School, panel: Panel) -> None:
    boss = deputy()
    for value in HOSTILE:
        if value:
            fields = entered(panel, boss, topics__days=value, marks__was=value)
            assert panel.post(boss, PATH, fields).status_code in (200, 400)
    assert panel.post(boss, PATH).status_code == 200
    assert db.session.scalars(select(RuleSetting)).all() == []
    assert panel.get(led(school), PATH).status_code == 403


def excuse(panel: Panel, who: User, **fields: Any) -> dict[str, str]:
    """What is wrong at which field of a new period."""
    given = {"starts_on": "2026-10-01", "ends_on": "2026-10-09", "reason": "Грипп"} | fields
    return errors(panel.post(who, "/admin/excusedperiod/new/", given))


def test_days_that_do_not_count_take_the_breach_away(school: School, panel: Panel) -> None:
    boss, teacher = deputy(), led(school)
    assert excuse(panel, boss, teacher=teacher.id) == {}
    period = db.session.scalars(select(ExcusedPeriod)).one()
    assert (period.teacher_id, period.school_class_id) == (teacher.id, None)
    assert "Nothing was due" in panel.page(boss, "/admin/control/topics/")
    assert "Орлова Вера" in panel.page(boss, "/admin/excusedperiod/")
    db.session.delete(period)
    assert excuse(panel, boss, school_class=school.school_class.id) == {}
    assert "Nothing was due" in panel.page(boss, "/admin/control/homework/")
    assert "5А" in panel.page(boss, "/admin/excusedperiod/")
    assert db.session.scalars(select(AuditRecord).where(AuditRecord.model == "ExcusedPeriod")).all()


def test_a_wrong_period_is_told_what_to_do(school: School, panel: Panel) -> None:
    boss, teacher, a_class = deputy(), led(school), school.school_class.id
    parent = written(User(family_name="Родителева", given_name="Анна"))
    old = written(AcademicYear(name="2025/2026", starts_on=day(9, 1).replace(year=2025), ends_on=day(5, 31)))
    left = written(SchoolClass(academic_year_id=old.id, grade=4, letter="А"))
    assert "before the first" in excuse(panel, boss, ends_on="2026-09-30")["ends_on"]
    assert "not of both" in excuse(panel, boss, teacher=teacher.id, school_class=a_class)["school_class"]
    assert "not in one school year" in excuse(panel, boss, ends_on="2027-09-30")["starts_on"]
    assert "class of the year 2026/2027" in excuse(
        panel, boss, school_class=a_class, starts_on="2026-02-01", ends_on="2026-02-02"
    )["school_class"]  # fmt: skip
    assert "teacher" in excuse(panel, boss, teacher=parent.id)
    assert "school_class" in excuse(panel, boss, school_class=left.id)
    assert "teacher" in excuse(panel, boss, teacher="99")
    assert db.session.scalars(select(ExcusedPeriod)).all() == []
