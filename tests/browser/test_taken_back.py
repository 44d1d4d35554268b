"""At a desk: what was deleted comes back, and what a family wants gone goes, after the password was asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from app import clock
from app.extensions import db
from app.models import Enrollment, Student, UserSession
from tests.browser.accessibility import violations_in_both_lights
from tests.browser.phone import LAPTOP
from tests.browser.test_access_reaches_parents import sign_in
from tests.school import School, small_school
from tests.visitor import PASSWORD, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def school(app: Flask) -> School:
    person(login="volkova", is_deputy_director=True, is_staff=True)
    return small_school()


@pytest.fixture
def desk(school: School, address: str, browser: Browser) -> Iterator[Page]:
    """A deputy director before the list of students."""
    context = browser.new_context(locale="en", viewport=LAPTOP, reduced_motion="reduce", base_url=address)
    page = context.new_page()
    sign_in(page, address, "volkova")
    yield page
    context.close()


def test_a_student_deleted_by_mistake_comes_back_with_the_class(desk: Page, school: School) -> None:
    number = school.student.id
    desk.goto(f"/admin/student/details/?id={number}")
    desk.locator("summary", has_text="Delete").click()
    desk.get_by_role("button", name="Delete").click()
    desk.goto("/admin/deleted/")
    desk.get_by_role("link", name="Семёнов Пётр").first.click()
    expect(desk.get_by_role("heading", name="3 records will be written")).to_be_visible()
    assert violations_in_both_lights(desk) == []
    desk.get_by_role("button", name="Bring back").click()
    expect(desk.get_by_text("3 records are back.")).to_be_visible()
    expect(desk.get_by_role("heading", name="Семёнов Пётр")).to_be_visible()
    db.session.expire_all()
    assert [row.student_id for row in db.session.query(Enrollment)] == [number]


def test_erasing_asks_for_the_password_keeps_the_reason_and_leaves_no_name(desk: Page, school: School) -> None:
    number, given = school.student.id, "Asked by the mother, 28 November"
    db.session.execute(update(Enrollment).values(ends_on=Enrollment.starts_on))
    db.session.execute(update(UserSession).values(created_at=clock.now() - timedelta(hours=1)))
    db.session.commit()
    desk.goto(f"/admin/student/details/?id={number}")
    desk.get_by_role("link", name="Personal data").click()
    expect(desk.get_by_text("Семёнов").first).to_be_visible()
    desk.get_by_role("link", name="Erase", exact=True).click()
    assert violations_in_both_lights(desk) == []
    desk.get_by_label("Reason").fill(given)
    desk.get_by_label("I know that it cannot be undone.").check()
    desk.get_by_role("button", name="Erase for good").click()
    desk.get_by_label("Password").fill(PASSWORD)
    db.session.expire_all()
    assert db.session.get_one(Student, number).family_name == "Семёнов"  # nothing is done before
    db.session.rollback()
    desk.get_by_role("button", name="Go on").click()
    expect(desk.get_by_text("The data is erased.")).to_be_visible()
    expect(desk.get_by_text(given)).to_be_visible()
    desk.goto("/admin/student/")
    expect(desk.get_by_text("Семёнов")).to_have_count(0)
    db.session.expire_all()
    assert "Семёнов" not in db.session.get_one(Student, number).family_name
