"""What is asked for: people with their sign-ins, and the numbers of a school's rows. The same for whoever answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import clock, create_app, policy
from app.auth import sessions, signed_in
from app.extensions import db
from bench.servers import ROOT

JOURNALS, PARENTS, COLUMN = 16, 200, 28
WORKS = 5
"""Works of a journal that are written in: a column for each contestant, and one for the single edits of all."""

CHILDREN = """
SELECT g.user_id, g.student_id FROM guardianship g JOIN enrollment e ON e.student_id = g.student_id
WHERE e.ends_on IS NULL ORDER BY g.user_id, g.student_id
"""
# Journals of whole classes with works in lessons of the present term, the fullest classes first.
WRITTEN = """
SELECT t.id, t.teacher_id, y.school_class_id, count(DISTINCT w.id) AS works,
 (SELECT count(*) FROM enrollment e WHERE e.school_class_id = y.school_class_id AND e.ends_on IS NULL
  AND e.starts_on <= :first) AS size
FROM teaching_assignment t JOIN study_group y ON y.id = t.study_group_id
JOIN lesson l ON l.teaching_assignment_id = t.id JOIN work w ON w.lesson_id = l.id
JOIN school_class c ON c.id = y.school_class_id JOIN "user" u ON u.id = t.teacher_id
WHERE y.is_whole_class AND c.grade BETWEEN 3 AND 9 AND l.date BETWEEN :first AND :today AND NOT l.is_cancelled
 AND l.substitute_id IS NULL AND t.ends_on IS NULL AND u.is_active
GROUP BY t.id, t.teacher_id, y.school_class_id HAVING count(DISTINCT w.id) >= :works
ORDER BY size DESC, works DESC, t.id
"""
WORKS_OF = """
SELECT w.id FROM work w JOIN lesson l ON l.id = w.lesson_id WHERE l.teaching_assignment_id = :journal
AND l.date BETWEEN :first AND :today AND NOT l.is_cancelled AND l.substitute_id IS NULL ORDER BY w.id LIMIT :works
"""
PUPILS = """
SELECT student_id FROM enrollment WHERE school_class_id = :school_class AND ends_on IS NULL AND starts_on <= :first
ORDER BY student_id LIMIT :most
"""
QUARTERS = """
SELECT id, starts_on, ends_on, is_locked FROM term WHERE kind = 'quarter' AND starts_on <= :today
ORDER BY starts_on DESC LIMIT 2
"""
# A journal of a class of 28, with the most lessons in the quarter.
FULLEST = """
SELECT t.id, t.teacher_id FROM teaching_assignment t JOIN study_group y ON y.id = t.study_group_id
JOIN school_class c ON c.id = y.school_class_id JOIN lesson l ON l.teaching_assignment_id = t.id
WHERE y.is_whole_class AND c.grade BETWEEN 3 AND 9 AND l.date BETWEEN :first AND :last
GROUP BY t.id, t.teacher_id, y.school_class_id
ORDER BY abs(28 - (SELECT count(*) FROM enrollment e WHERE e.school_class_id = y.school_class_id)), count(*) DESC, t.id
LIMIT 1
"""
OF_TWO = "SELECT student_id FROM guardianship GROUP BY student_id HAVING count(*) = 2 ORDER BY 1 LIMIT 1"
CLASS_OF = """
SELECT y.school_class_id FROM study_group y JOIN teaching_assignment t ON t.study_group_id = y.id WHERE t.id = :journal
"""


@dataclass(frozen=True)
class SignedIn:
    """A browser that has signed in to ours."""

    user_id: int
    cookie: str
    token: str


@dataclass(frozen=True)
class Journal:
    """A journal that its teacher writes in: works of the present term, students who are there all of it."""

    id: int
    teacher: SignedIn
    works: tuple[int, ...]
    students: tuple[int, ...]


@dataclass(frozen=True)
class Ground:
    """Whom and what the requests are about; ``monday`` is a day as it stands in an address."""

    database_url: str
    deputy: SignedIn
    teacher: SignedIn  # of ``journal``
    guardian: SignedIn
    child: int
    student: int
    journal: int
    term: int
    school_class: int
    monday: str
    marks: int
    newest_mark: int
    journals: tuple[Journal, ...]
    parents: tuple[tuple[SignedIn, int], ...]

    @cached_property
    def _engine(self) -> Any:
        return create_engine(self.database_url)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """The rows of a statement as they stand now."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def versions(self, works: set[int]) -> dict[tuple[int, int], int]:
        """The versions of marks by work and student."""
        numbers = ", ".join(map(str, works))
        found = self.rows(f"SELECT work_id, student_id, version FROM mark WHERE work_id IN ({numbers})")
        return {(work, student): version for work, student, version in found}

    def marks_in(self, works: set[int], most: int) -> list[int]:
        """Numbers of marks of these works."""
        numbers = ", ".join(map(str, works))
        return [n for (n,) in self.rows(f"SELECT id FROM mark WHERE work_id IN ({numbers}) ORDER BY id LIMIT {most}")]

    @staticmethod
    def stamp() -> str:
        """What no edit before had in its key."""
        return str(time.time_ns())


def survey(database_url: str, folder: Path, today: date | None = None, parents: int = PARENTS) -> Ground:
    """Read what there is in a demo school as it stands ``today``, and sign people in to ours."""
    settings = {"SQLALCHEMY_DATABASE_URI": database_url, "SECRET_KEY": "bench"}
    app = create_app(settings, instance=folder / "instance")
    with app.app_context(), policy.system() as system:
        try:
            day = today or clock.day_of(clock.now())
            return _Surveyor(app, system, database_url, day).ground(parents)
        finally:
            system.rollback()
            db.session.remove()
            db.engine.dispose()


class _Surveyor:
    """Reads in one session of the system."""

    def __init__(self, app: Flask, system: Session, database_url: str, today: date) -> None:
        self.app, self.system, self.database_url, self.today = app, system, database_url, today

    def rows(self, sql: str, **values: Any) -> list[Any]:
        return list(self.system.execute(text(sql), values))

    def one(self, sql: str, **values: Any) -> Any:
        return self.rows(sql, **values)[0][0]

    def ground(self, parents: int) -> Ground:
        (_now, first, _last, _), (term, begins, ends, _) = self.rows(QUARTERS, today=str(self.today))
        [(journal, teacher)] = self.rows(FULLEST, first=str(begins), last=str(ends))
        guardian = self._number_of("guardian")
        by_parent = dict(tuple(row) for row in self.rows(CHILDREN))
        others = [user for user in by_parent if user != guardian][:parents]
        teachers = self._written(str(first))
        deputy = self._number_of("deputy")
        writing = {each for _journal, each, _works, _students in teachers}
        people = {user: self._sign_in(user) for user in {deputy, teacher, guardian, *others, *writing}}
        self.system.commit()
        return Ground(
            database_url=self.database_url, deputy=people[deputy], teacher=people[teacher], guardian=people[guardian],
            child=by_parent[guardian], student=self.one(OF_TWO), journal=journal, term=term,
            school_class=self.one(CLASS_OF, journal=journal), monday=_monday_before(date.fromisoformat(str(ends))),
            marks=self.one("SELECT count(*) FROM mark"), newest_mark=self.one("SELECT max(id) FROM mark"),
            journals=tuple(Journal(number, people[each], *columns) for number, each, *columns in teachers),
            parents=tuple((people[user], by_parent[user]) for user in others),
        )  # fmt: skip

    def _written(self, first: str) -> list[tuple[int, int, tuple[int, ...], tuple[int, ...]]]:
        """Journals of different teachers: number, teacher, works, students."""
        found: dict[int, Any] = {}
        days = {"first": first, "today": str(self.today), "works": WORKS}
        for journal, teacher, school_class, _works, _size in self.rows(WRITTEN, **days):
            if teacher not in found and len(found) < JOURNALS:
                works = self.rows(WORKS_OF, journal=journal, **days)
                students = self.rows(PUPILS, school_class=school_class, first=first, most=COLUMN)
                found[teacher] = journal, teacher, tuple(w for (w,) in works), tuple(s for (s,) in students)
        return list(found.values())

    def _number_of(self, login: str) -> int:
        return int(self.one("SELECT user_id FROM account WHERE login = :login", login=login))

    def _sign_in(self, user_id: int) -> SignedIn:
        """A session as signing in makes it, with its cookie and its CSRF token."""
        with self.app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
            token = sessions.begin(self.system, user_id, "127.0.0.1", "bench", signed_in.now())
            session["_user_id"], session["_fresh"] = token, True
            g.pop("csrf_token", None)  # of whoever signed in before
            csrf = generate_csrf()
            answer = self.app.response_class()
            self.app.session_interface.save_session(self.app, session, answer)
        return SignedIn(user_id, answer.headers["Set-Cookie"].partition(";")[0], csrf)


def _monday_before(day: date) -> str:
    """The Monday of the last whole week before the day."""
    return str(day - timedelta(7 + day.weekday()))


def sign_in_to_django(database_url: str) -> dict[str, str]:
    """Django's tables in the database, and the cookie and token of a superuser."""
    command = [sys.executable, "-m", "bench.references.django_admin.prepare"]
    environment = os.environ | {"DATABASE_URL": database_url}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))
