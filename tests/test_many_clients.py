"""Forty browsers that save at once on two web processes: nothing is locked, nothing is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.models import (
    AcademicYear,
    Enrollment,
    Lesson,
    Mark,
    SchoolClass,
    Student,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Work,
)
from bench.browser import Browser
from bench.servers import Server
from tests.at_length import BOTH, FULL
from tests.visitor import PASSWORD, person

TEACHERS, BROWSERS, STUDENTS, REQUESTS = 10, 40, 6, 6
TODAY = date.today()  # noqa: DTZ011  the processes ask the clock

Cell = tuple[int, int]


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[Server]:
    settings = {"DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "SECRET_KEY": app.config["SECRET_KEY"]}
    with Server("wsgi:app", settings, tmp_path / "web.log") as running:
        yield running


def journals() -> list[tuple[int, int]]:
    """Assignment and work of each teacher, all in one class."""
    year = AcademicYear(name="Год", starts_on=date(TODAY.year, 1, 1), ends_on=date(TODAY.year, 12, 31))
    school_class = SchoolClass(academic_year=year, grade=5, letter="А")
    db.session.add(school_class)
    db.session.flush()
    group = db.session.scalars(select(StudyGroup)).one()
    for number in range(STUDENTS):
        student = Student(family_name=f"Ученик{number}", given_name="Анна")
        db.session.add(Enrollment(student=student, school_class=school_class, starts_on=year.starts_on))
    works = []
    for number in range(TEACHERS):
        teacher = person(f"teacher{number}", is_staff=True)
        assignment = TeachingAssignment(
            teacher=teacher, subject=Subject(name=f"Предмет {number}"), study_group=group, starts_on=year.starts_on
        )
        works.append(Work(lesson=Lesson(assignment=assignment, date=TODAY, number=number)))
    db.session.add_all(works)
    db.session.commit()
    return [(work.lesson.teaching_assignment_id, work.id) for work in works]


@pytest.mark.parametrize("database_url", BOTH if FULL else ["sqlite"], indirect=True)
def test_forty_browsers_lose_nothing(app: Flask, server: Server, record_property: Callable[[str, Any], None]) -> None:
    held = journals()
    students = list(db.session.scalars(select(Student.id)))
    db.session.commit()
    db.session.remove()
    acknowledged: list[tuple[Cell, int, str]] = []
    failures: list[BaseException] = []
    browsers = [Browser(server.address) for _ in range(BROWSERS)]
    start = threading.Barrier(BROWSERS)

    def work_on(number: int) -> None:
        try:
            browser, chance = browsers[number], random.Random(number)
            browser.sign_in(f"teacher{number % TEACHERS}", PASSWORD)
            assignment_id, work_id = held[number % TEACHERS]
            browser.state(assignment_id)
            seen: dict[int, int] = {}
            start.wait(60)
            for request in range(REQUESTS):
                edits = [
                    {"key": f"{number}-{request}-{one}", "student": one, "work": work_id,
                     "value": str(chance.randint(2, 5)), "version": seen.get(one, 0)}
                    for one in chance.sample(students, chance.randint(1, 3))
                ]  # fmt: skip
                for edit, answer in zip(edits, browser.edit(assignment_id, edits), strict=True):
                    assert answer["status"] in {"saved", "conflict"}, answer
                    seen[edit["student"]] = answer["version"]
                    if answer["status"] == "saved":
                        acknowledged.append(((work_id, edit["student"]), answer["version"], answer["value"]))
        except BaseException as error:
            failures.append(error)
            start.abort()

    threads = [threading.Thread(target=work_on, args=(number,)) for number in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert "locked" not in server.log.read_text()
    last: dict[Cell, tuple[int, str]] = {}
    for cell, version, value in acknowledged:
        last[cell] = max(last.get(cell, (0, "")), (version, value))
    with policy.system() as session:
        standing = {
            (row.work_id, row.student_id): (row.version, str(row.value)) for row in session.scalars(select(Mark))
        }
    assert standing == last
    record_property("40 browsers: acknowledged edits", len(acknowledged))
    record_property("40 browsers: lost", len(standing.items() ^ last.items()))
