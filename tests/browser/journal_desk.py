"""A school with classes of 28, served over HTTP, and the journal page as a teacher works with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select
from werkzeug.serving import make_server

from app import clock, create_app, policy
from app.extensions import db
from app.models import (
    AcademicYear,
    Attendance,
    Enrollment,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    Work,
)
from app.models.people import TermKind
from tests.visitor import PASSWORD, person

DESK = {"width": 1366, "height": 768}
NUMBERS = 14  # lessons of a day
SAVED = "Everything is saved"


@dataclass
class Journal:
    """One journal: numbers of its rows, lessons from the first to today's."""

    id: int
    login: str  # of its teacher
    lessons: list[int]
    students: list[int]


@dataclass
class Desk:
    """The served school; each test opens a journal of its own."""

    app: Flask
    address: str
    year: int
    journals: int = 0
    teachers: list[int] = field(default_factory=list)
    classes: dict[tuple[int, int], tuple[int, list[int]]] = field(default_factory=dict)
    _signed_in: dict[str, Any] = field(default_factory=dict)
    windows: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def journal(self, subject: str, lessons: int, grade: int = 5, works: int = 0) -> Journal:
        """A new journal with that many lessons, the last of them today, and ``works`` works in each."""
        with self.rows():
            round_, number = divmod(self.journals, NUMBERS)  # nobody may be in two places at the same hour
            self.journals += 1
            teacher, login = self._teacher(round_)
            group, students = self._class(grade, round_)
            taught = Subject(name=subject)
            db.session.add(taught)
            db.session.flush()
            first = today() - timedelta(days=lessons - 1)
            assignment = TeachingAssignment(
                teacher_id=teacher, subject_id=taught.id, study_group_id=group, starts_on=first
            )
            held = [
                Lesson(assignment=assignment, date=first + timedelta(days=day), number=number) for day in range(lessons)
            ]
            db.session.add_all([assignment, *held])
            db.session.add_all(Work(lesson=lesson) for lesson in held for _ in range(works))
            db.session.commit()
            return Journal(assignment.id, login, [lesson.id for lesson in held], students)

    def _teacher(self, number: int) -> tuple[int, str]:
        """A teacher and the login, made once."""
        login = f"orlova{number or ''}"
        if number == len(self.teachers):
            self.teachers.append(person(login=login, family_name="Орлова", is_staff=True).id)
        return self.teachers[number], login

    def _class(self, grade: int, round_: int) -> tuple[int, list[int]]:
        """A class of 28 of the grade, made once: its group and its students by name."""
        key = grade, round_
        if key not in self.classes:
            school_class = SchoolClass(academic_year_id=self.year, grade=grade, letter="АБВГ"[round_])
            students = [
                Student(
                    family_name=f"Учеников{chr(1072 + number)}",
                    given_name=("Пётр", "Иван", "Олег", "Юрий")[round_],
                    birth_date=date(2020 - grade, 3, 2),
                )
                for number in range(28)
            ]
            db.session.add_all([school_class, *students])
            db.session.flush()
            db.session.add_all(
                Enrollment(student=student, school_class=school_class, starts_on=today() - timedelta(days=60))
                for student in students
            )
            group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == school_class.id)).one()
            self.classes[key] = group.id, [student.id for student in students]
        return self.classes[key]

    @contextmanager
    def rows(self) -> Iterator[None]:
        """The database, read anew."""
        with self.app.app_context():
            policy.act_as(db.session(), policy.SYSTEM)
            yield

    def marks(self, journal: Journal) -> dict[tuple[int, int], int]:
        """Marks of the journal: (lesson, student) -> value."""
        with self.rows():
            rows = db.session.execute(
                select(Work.lesson_id, Mark.student_id, Mark.value)
                .join(Work, Work.id == Mark.work_id)
                .where(Work.lesson_id.in_(journal.lessons))
            )
            return {(lesson, student): value for lesson, student, value in rows}

    def absences(self, journal: Journal) -> int:
        """How many absences stand in the journal."""
        with self.rows():
            return int(
                db.session.scalar(select(func.count(Attendance.id)).where(Attendance.lesson_id.in_(journal.lessons)))
                or 0
            )

    def context(self, browser: Browser, login: str, **options: Any) -> BrowserContext:
        """A browser window of its own in which the person has signed in by the form."""
        if login not in self._signed_in:
            first = browser.new_context(locale="en")
            sign_in(first.new_page(), self.address, login)
            self._signed_in[login] = first.storage_state()
            first.close()
        settings: dict[str, Any] = {"viewport": DESK, "locale": "en", "storage_state": self._signed_in[login]}
        self.windows.append(browser.new_context(**(settings | options)))
        self.windows[-1].on("weberror", lambda fault: self.faults.append(str(fault.error)))
        return self.windows[-1]

    def leave(self) -> None:
        """Close every window; a fault of a script in one of them is a fault of the test."""
        while self.windows:
            self.windows.pop().close()
        faults, self.faults = self.faults, []
        assert faults == []

    def open(self, browser: Browser, journal: Journal, login: str | None = None, **options: Any) -> Page:
        """The journal in a window of its own, ready for the first key; its teacher's, or of who is named."""
        return open_journal(self.context(browser, login or journal.login, **options).new_page(), self.address, journal)


def open_journal(page: Page, address: str, journal: Journal) -> Page:
    """Go there and wait until the first key is accepted."""
    page.goto(f"{address}/admin/journal/{journal.id}/")
    page.wait_for_selector("#grid.ready")
    return page


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/admin/**")


def keys(page: Page, *presses: str) -> None:
    for press in presses:
        page.keyboard.press(press)


def expect_saved(page: Page) -> None:
    """What is typed is on its way and arrives; a dialog that was sent hands on what it holds a moment later."""
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.wait_for_timeout(60)
    expect(page.locator("#save-state")).to_have_text(SAVED, timeout=20_000)


def cell(page: Page, row: int, column: int) -> Any:
    """A cell of the table, counted from 1."""
    return page.locator(f"#table tbody tr:nth-child({row}) td:nth-child({column + 1})")


def today() -> date:
    """The school's day."""
    return clock.day_of(clock.now())


def school_at(folder: Path) -> Flask:
    """The application on a database with a year around today, its first quarter, and two teachers."""
    settings = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'journal.sqlite'}",
        "TESTING": True,
        "LOCALE": "en",
        "SECRET_KEY": "test key",
    }
    app = create_app(settings, instance=folder / "instance")
    with app.app_context():
        upgrade()
    return app


def people_of(app: Flask) -> Desk:
    """Write who works there."""
    with app.app_context():
        policy.act_as(db.session(), policy.SYSTEM)
        begins = today() - timedelta(days=60)
        year = AcademicYear(name="2026/2027", starts_on=begins, ends_on=begins + timedelta(days=270))
        db.session.add(year)
        db.session.flush()
        db.session.add(
            Term(
                academic_year_id=year.id,
                kind=TermKind.QUARTER,
                number=1,
                starts_on=begins,
                ends_on=begins + timedelta(days=90),
            )
        )
        person(login="zavuch", family_name="Завучева", is_staff=True, is_deputy_director=True)
        return Desk(app, "", year.id)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Where the application answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
