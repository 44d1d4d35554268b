"""The references of the benchmark answer with the same rows as the journal: else it would compare nothing.

Each runs in a process of its own: in ours the policy would hold their sessions too.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from bench import contestants as works_of
from bench.contestants import WRITES, Ours, contestants
from bench.ground import Ground, sign_in_to_django, survey
from bench.measuring import counted, requests_of
from tests.demo import TODAY, reader

NAMES = "SELECT family_name || ' ' || given_name || ' ' || patronymic FROM student"


@dataclass(frozen=True)
class Answers:
    """What each reference said to each work, the newest marks when it was asked, the rows that its edits left."""

    ground: Ground
    searched: str
    of: dict[str, dict[str, str]]
    newest: dict[str, list[str]]
    written: dict[str, tuple[int, int]]

    def pages(self, work: str) -> Iterator[tuple[str, BeautifulSoup]]:
        for name, bodies in self.of.items():
            if work in bodies:
                yield name, BeautifulSoup(bodies[work], "html.parser")

    def names(self, sql: str) -> list[str]:
        return [row[0] for row in self.ground.rows(sql)]


@pytest.fixture(scope="module")
def answers(demo_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """All of them, asked once over a copy of the small demo."""
    folder = tmp_path_factory.mktemp("bench")
    file = folder / "copy.sqlite"
    source = demo_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(source)) as demo, closing(sqlite3.connect(file)) as copy:
        demo.backup(copy)
    url = f"sqlite:///{file}"
    ground = survey(url, folder, TODAY.date(), parents=2)
    with pytest.MonkeyPatch.context() as patch:
        [[searched]] = ground.rows("SELECT patronymic FROM student GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
        patch.setattr(works_of, "SEARCHED", searched)
        of, newest, written = {}, {}, {}
        for one in contestants(ground, sign_in_to_django(url)):
            if not isinstance(one, Ours):
                before, newest[one.name] = rows_of_edits(ground), newest_marks(ground)
                of[one.name] = counted(one.target, url, requests_of(one, works_of.WORKS), "--bodies")
                after = rows_of_edits(ground)
                written[one.name] = (after[0] - before[0], after[1] - before[1])
    return Answers(ground, searched, of, newest, written)


def newest_marks(ground: Ground) -> list[str]:
    """Names and marks, one after the other."""
    rows = ground.rows(
        "SELECT s.family_name || ' ' || s.given_name || ' ' || s.patronymic, m.value FROM mark m "
        "JOIN student s ON s.id = m.student_id ORDER BY m.id DESC LIMIT 50"
    )
    return [str(part) for row in rows for part in row]


def rows_of_edits(ground: Ground) -> tuple[int, int]:
    """Records of the audit, and receipts."""
    [row] = ground.rows("SELECT (SELECT count(*) FROM audit_record), (SELECT count(*) FROM edit_receipt)")
    return row[0], row[1]


@pytest.fixture
def ask(demo_app: Flask, clock: Any, answers: Answers) -> Any:
    """The journal's own pages, as its people read them."""
    clock.at = TODAY.astimezone()

    def page(work: str, login: str = "deputy") -> Any:
        address = Ours(answers.ground).reads()[work].path
        answer = reader(demo_app, login).get(address)
        assert answer.status_code == 200, address
        return answer

    return page


def words(page: BeautifulSoup | str) -> str:
    """What stands on the page, in one line."""
    soup = BeautifulSoup(page, "html.parser") if isinstance(page, str) else page
    return " ".join(soup.get_text(" ").split())


def in_order(parts: list[str], text: str) -> bool:
    """Whether all of them stand there, one after the other."""
    return re.search(".*?".join(map(re.escape, parts)), text, re.DOTALL) is not None


def test_students(answers: Answers, ask: Any) -> None:
    names = answers.names(f"{NAMES} ORDER BY sort_name, id LIMIT 50")
    assert in_order(names, words(ask("students").text))
    for name, page in answers.pages("students"):
        assert in_order(names, words(page)), name


def test_search(answers: Answers) -> None:
    where = f"WHERE family_name || given_name || patronymic LIKE '%{answers.searched}%'"
    names = answers.names(f"{NAMES} {where} ORDER BY sort_name, id")
    assert 1 < len(names) < 50
    for name, page in answers.pages("search"):
        shown = [each for each in answers.names(NAMES) if each in words(page)]
        assert sorted(shown) == sorted(names), name


def test_marks(answers: Answers, ask: Any) -> None:
    assert len(BeautifulSoup(ask("marks").text, "html.parser").select("tbody tr")) == 50
    for name, page in answers.pages("marks"):
        assert in_order(answers.newest[name], words(page)), name


def test_form_of_a_student(answers: Answers, ask: Any) -> None:
    [names] = answers.ground.rows(
        f"SELECT family_name, given_name, patronymic FROM student WHERE id = {answers.ground.student}"
    )
    pages = [*answers.pages("student"), ("ours", BeautifulSoup(ask("student").text, "html.parser"))]
    for name, page in pages:
        assert set(names) <= {str(box.get("value", "")) for box in page.select("input")}, name


def test_journal(answers: Answers, ask: Any) -> None:
    state = ask("state").get_json()
    marks = Counter(str(entry[2]) for entry in state["entries"])
    students = [student["name"] for student in state["students"]]
    assert marks
    for name, page in answers.pages("grid"):
        boxes = Counter(str(box.get("value", "")) for box in page.select("table input"))
        assert {value: boxes[value] for value in marks} == dict(marks), name
        assert in_order(students, words(page)), name


def test_week_of_a_child(answers: Answers, ask: Any) -> None:
    text = words(ask("week", "guardian").text)
    subjects = answers.names("SELECT name FROM subject")
    for name, page in answers.pages("week"):
        cells = [cell.get_text(" ", strip=True) for cell in page.select("td")]
        held = [cell for cell in cells if cell in subjects]
        assert len(held) > 10, name
        assert in_order(held, text), name


def test_edits_leave_mark_record_and_receipt(answers: Answers) -> None:
    for name in ("floor", "django"):
        results = [each for work in WRITES for each in json.loads(answers.of[name][work])["results"]]
        assert {each["status"] for each in results} == {"saved"}, name
        assert answers.written[name] == (len(results), len(results)), name
    assert answers.written["naive"] == (0, 0)
    assert "edit" in answers.of["naive"]
