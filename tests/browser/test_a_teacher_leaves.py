"""At a desk: a teacher leaves, the journals go on with a colleague, and the journal says who had it before."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from app import clock
from app.extensions import db
from app.models import User
from tests.browser.accessibility import violations_in_both_lights
from tests.browser.phone import LAPTOP
from tests.browser.test_access_reaches_parents import sign_in
from tests.school import small_school
from tests.visitor import person


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_journals_of_who_leaves_go_on(app: Flask, address: str, browser: Browser) -> None:
    person(login="volkova", is_deputy_director=True, is_staff=True)
    school, today = small_school(), clock.day_of(clock.now())
    school.year.starts_on, school.year.ends_on = today.replace(year=today.year - 1), today.replace(year=today.year + 1)
    school.assignment.starts_on = school.year.starts_on
    school.teacher.is_staff, school.school_class.class_teacher = True, school.teacher
    db.session.add(User(family_name="Быкова", given_name="Нина", is_staff=True))
    db.session.commit()
    desk = browser.new_context(locale="en", viewport=LAPTOP, reduced_motion="reduce").new_page()
    sign_in(desk, address, "volkova")
    desk.goto(f"{address}/admin/staff/")
    desk.get_by_role("link", name="Орлова Вера").click()
    desk.get_by_role("link", name="Leaves the school").click()
    expect(desk.get_by_role("heading", name="Орлова Вера leaves the school")).to_be_visible()
    assert violations_in_both_lights(desk) == []
    desk.get_by_label("The same teacher for all").select_option("Быкова Нина")
    desk.get_by_label("Class teacher of 5А").select_option("Быкова Нина")
    desk.get_by_role("button", name="Hand over and end the access").click()
    expect(desk.get_by_text("1 journal is handed over.")).to_be_visible()
    expect(desk.get_by_text("given to Быкова Н.")).to_be_visible()
    desk.get_by_role("link", name="Алгебра · 5А").click()
    expect(desk.get_by_text("before: Орлова В. until")).to_be_visible()
    desk.goto(f"{address}/admin/staff/?flt0_state=left")
    expect(desk.get_by_role("link", name="Орлова Вера")).to_be_visible()
