"""A family reads the diary on a phone: today at a glance, weeks, ticks, marks, paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from app import clock, create_app, policy
from app.extensions import db
from app.models import (
    Attendance,
    Enrollment,
    Guardianship,
    HomeworkDone,
    Lesson,
    Mark,
    Student,
    Subject,
    TeachingAssignment,
    Work,
)
from app.models.journal import AttendanceStatus
from tests.browser.journal_desk import served
from tests.conftest import migrate
from tests.diary_family import terms
from tests.school import small_school
from tests.visitor import PASSWORD, person

PHONE = {"width": 390, "height": 844}
LESSONS = 7


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """A served school with lessons of three weeks around today, and a mother of two in its class."""
    folder = tmp_path_factory.mktemp("family")
    url = f"sqlite:///{folder / 'journal.sqlite'}"
    migrate(url, folder)
    settings = {"SQLALCHEMY_DATABASE_URI": url, "TESTING": True, "LOCALE": "en", "SECRET_KEY": "test key"}
    app = create_app(settings, instance=Path(folder) / "instance")
    with app.app_context():
        policy.act_as(db.session(), policy.SYSTEM)
        _fill()
        db.session.remove()
    with served(app) as address:
        yield app, address


def _fill() -> None:
    school, today = small_school(), clock.day_of(clock.now())
    monday = today - timedelta(today.weekday())
    school.year.starts_on, school.year.ends_on = today - timedelta(90), today + timedelta(90)
    term, *rest = terms(school)
    for row in rest:
        db.session.delete(row)
    db.session.flush()
    term.starts_on, term.ends_on = today - timedelta(60), today + timedelta(60)
    sister = Student(family_name="Семёнова", given_name="Ольга")
    db.session.delete(school.work)
    db.session.flush()
    db.session.delete(school.lesson)
    for row in (*school.student.enrollments, school.assignment):
        row.starts_on = today - timedelta(60)
    db.session.add(Enrollment(student=sister, school_class=school.school_class, starts_on=today - timedelta(60)))
    mother = person(login="mother", family_name="Семёнова", given_name="Анна")
    db.session.add_all(Guardianship(user=mother, student=each) for each in (school.student, sister))
    courses = [school.assignment]
    for number in range(2, LESSONS + 1):
        subject = Subject(name=f"Предмет {number}")
        courses.append(
            TeachingAssignment(
                teacher=school.teacher,
                subject=subject,
                study_group=school.assignment.study_group,
                starts_on=today - timedelta(60),
            )
        )
    db.session.add_all(courses)
    days = {monday + timedelta(number) for number in range(-7, 14) if number % 7 < 5}
    for day in sorted(days | {today - timedelta(1), today, today + timedelta(1)}):
        db.session.add_all(
            Lesson(
                assignment=course, date=day, number=number, room="204", topic=f"Тема {day:%d.%m}",
                homework=f"§ {day.day}, № {number}",
            )
            for number, course in enumerate(courses, 1)
        )  # fmt: skip
    db.session.flush()
    held = db.session.scalars(select(Lesson).where(Lesson.date == today).order_by(Lesson.number)).all()
    for value in (5, 4, 4):
        db.session.add(Mark(work=Work(lesson=held[0]), student=school.student, value=value, comment="Молодец"))
    db.session.add(Attendance(lesson=held[3], student=school.student, status=AttendanceStatus.LATE))
    db.session.commit()


@pytest.fixture(scope="module")
def signed_in(family: tuple[Flask, str], browser: Browser) -> dict[str, object]:
    """What the mother's phone keeps after she has signed in."""
    context = browser.new_context(viewport=PHONE, locale="en")
    page = context.new_page()
    page.goto(f"{family[1]}/login")
    page.fill("[name=username]", "mother")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile("/diary/"))
    state = context.storage_state()
    context.close()
    return dict(state)


Phone = Callable[..., Page]


@pytest.fixture
def phone(family: tuple[Flask, str], signed_in: dict[str, object], browser: Browser) -> Iterator[Phone]:
    """Opens an address on the mother's phone; a fault of a script there is a fault of the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(path: str, **options: object) -> Page:
        settings = {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "en", "storage_state": signed_in}
        contexts.append(browser.new_context(**(settings | options)))  # type: ignore[arg-type]
        contexts[-1].on("weberror", lambda fault: faults.append(str(fault.error)))
        page = contexts[-1].new_page()
        page.set_default_timeout(8_000)
        page.goto(family[1] + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def ticks(app: Flask) -> int:
    with app.app_context():
        policy.act_as(db.session(), policy.SYSTEM)
        return len(db.session.scalars(select(HomeworkDone)).all())


def monday_of(page: Page) -> str:
    return str(page.locator("section.day").first.get_attribute("id"))


def swipe(page: Page, across: int) -> None:
    page.evaluate(
        """across => {
            const at = (x) => [new Touch({identifier: 1, target: document.body, clientX: x, clientY: 400})];
            document.body.dispatchEvent(new TouchEvent("touchstart", {touches: at(200), bubbles: true}));
            document.body.dispatchEvent(
                new TouchEvent("touchend", {touches: [], changedTouches: at(200 + across), bubbles: true}));
        }""",
        across,
    )


def test_today_is_seen_at_a_glance_and_the_other_child_is_one_tap_away(phone: Phone) -> None:
    page = phone("/diary/1/")
    today = page.locator("section.day").first
    expect(today.locator(".lesson")).to_have_count(LESSONS)
    for part in (".mark", "text=Late", "text=room 204"):
        box = today.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"]  # without scrolling
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.tap("text=Week")
    shown = monday_of(page)
    page.tap("[rel=next]")
    page.wait_for_url(re.compile("/diary/1/week/2"))
    coming = monday_of(page)
    assert coming > shown
    page.tap("nav.who >> text=Ольга")
    page.wait_for_url(re.compile("/diary/2/week/2"))
    assert monday_of(page) == coming


def test_weeks_are_leafed_through_by_arrows_and_by_swiping(phone: Phone) -> None:
    page = phone("/diary/1/week/")
    this = monday_of(page)
    swipe(page, -150)
    page.wait_for_url(re.compile("/week/2"))
    assert monday_of(page) > this
    swipe(page, 150)
    page.wait_for_url(re.compile("/week/" + this.removeprefix("d-")))
    swipe(page, 30)  # not a swipe
    page.tap("[rel=prev]")
    page.wait_for_function("shown => document.querySelector('section.day').id < shown", arg=this)
    page.tap("text=This week")
    page.wait_for_url(re.compile("/week/$"))
    assert monday_of(page) == this


@pytest.mark.parametrize("has_scripts", [True, False])
def test_homework_is_ticked_off_with_and_without_scripts(
    family: tuple[Flask, str], phone: Phone, has_scripts: bool
) -> None:  # fmt: skip
    page, before = phone("/diary/1/", java_script_enabled=has_scripts), ticks(family[0])
    button = page.locator("button.tick").first
    name = re.compile("Homework is done")
    expect(button).to_have_accessible_name(name)
    size = button.bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 44
    for wanted, count in (("true", before + 1), ("false", before)):
        button.focus()
        if has_scripts:
            with page.expect_response(re.compile("/homework/")) as answer:
                page.keyboard.press("Enter")
            assert answer.value.status == 200
        else:
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile("#homework-"))
        expect(button).to_have_attribute("aria-pressed", wanted)
        assert ticks(family[0]) == count


def test_a_tick_that_does_not_arrive_is_taken_back_and_said(phone: Phone) -> None:
    page = phone("/diary/1/")
    page.context.set_offline(True)
    button = page.locator("button.tick").first
    button.tap()
    expect(page.locator("#tick-state")).to_contain_text("The tick is not saved")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_subject_tells_what_the_next_mark_would_do_by_keyboard_and_without_scripts(phone: Phone) -> None:
    page = phone("/diary/1/marks/", java_script_enabled=False)
    expect(page.get_by_text("Молодец").first).to_be_hidden()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Молодец").first).to_be_visible()
    expect(page.locator("details[open] table")).to_contain_text("4.50")  # 5, 4, 4 and a 5
    expect(page.locator("details[open] table")).to_contain_text("3.75")  # and a 2


def test_a_week_is_one_page_of_paper_and_nothing_else(phone: Phone) -> None:
    # The week before: in that of today there are lessons on a Sunday, when it is one.
    week = f"/diary/1/week/{datetime.now(UTC).date() - timedelta(7)}/"
    without = phone(week, java_script_enabled=False)
    expect(without.locator("#print")).to_be_hidden()
    page = phone(week)
    expect(page.locator("#print")).to_be_visible()
    page.emulate_media(media="print")
    for part in (".tabs", "header.top", "#print", "nav.days", "button.tick >> nth=0"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".print-only")).to_have_text("Семёнов Пётр, 5А")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
