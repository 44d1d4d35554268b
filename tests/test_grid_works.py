"""Works of the journal page: added, changed, moved, deleted with their marks, and brought back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Mark, User, Work
from tests.journal_page import JournalPage, journal_page, lesson
from tests.school import School
from tests.school_panel import Panel, day, deputy, written


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def send(page: JournalPage, path: str, who: User | None = None, **body: Any) -> TestResponse:
    return page.panel.send(who or page.school.teacher, page.address + path, body)


def test_a_work_is_added_to_a_lesson(page: JournalPage) -> None:
    answer = send(page, "/works", lesson=page.school.lesson.id, kind="test", title="Дроби", weight=3)
    made = db.session.scalars(select(Work).order_by(Work.id.desc())).first()
    assert made is not None
    assert answer.json == {
        "work": {"id": made.id, "lesson": page.school.lesson.id, "kind": "test", "title": "Дроби", "weight": 3}
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "dance"}, {"kind": None}, {"weight": 0}, {"weight": 11}, {"weight": "3"}, {"weight": True},
        {"title": "т" * 121}, {"title": 5}, {"title": "a\nb"}, {"lesson": 999}, {"lesson": "1"}, {"lesson": None},
    ],
)  # fmt: skip
def test_what_is_no_work_is_refused_with_a_reason(page: JournalPage, wrong: dict[str, Any]) -> None:
    answer = send(page, "/works", **({"lesson": page.school.lesson.id, "kind": "test"} | wrong))
    assert answer.status_code == 422
    assert answer.json["message"]
    assert db.session.scalar(select(func.count(Work.id))) == 1


def test_a_work_is_changed_and_moved_to_another_lesson(page: JournalPage) -> None:
    other = lesson(page, day(10, 2))
    number = page.school.work.id
    assert send(page, f"/works/{number}", title="Дроби", weight=2).json["work"]["weight"] == 2
    assert send(page, f"/works/{number}", lesson=other.id).json["work"]["lesson"] == other.id
    row = db.session.get_one(Work, number)
    assert (row.title, row.weight, row.lesson_id) == ("Дроби", 2, other.id)


def test_a_work_without_marks_is_deleted(page: JournalPage) -> None:
    assert send(page, f"/works/{page.school.work.id}/delete").json == {"deleted": 1}
    assert db.session.scalar(select(func.count(Work.id))) == 0


def test_a_work_with_marks_goes_only_when_confirmed_and_comes_back_whole(page: JournalPage) -> None:
    number = page.school.work.id
    (saved, _other) = page.edit(page.mark("5"), page.mark("3", 1))
    where = {"student": page.students[0].id, "work": number, "version": saved["version"]}
    page.edit({**where, "comment": "Молодец", "note": "списал?"})
    before = [entry[1:3] + entry[5:] for entry in page.state()["entries"]]
    asked = send(page, f"/works/{number}/delete")
    assert (asked.status_code, asked.json["marks"]) == (409, 2)
    assert send(page, f"/works/{number}/delete", confirmed=True).status_code == 200
    assert db.session.scalar(select(func.count(Mark.id))) == 0
    back = send(page, f"/works/{number}/restore")
    assert back.status_code == 200
    assert [entry[1:3] + entry[5:] for entry in back.json["entries"]] == before
    assert [entry[1:3] + entry[5:] for entry in page.state()["entries"]] == before
    again = send(page, f"/works/{number}/restore")
    assert (again.status_code, again.json["message"]) == (422, "There is no deleted work to bring back.")


def test_what_was_never_deleted_cannot_be_brought_back(page: JournalPage) -> None:
    assert send(page, f"/works/{page.school.work.id}/restore").status_code == 422
    assert send(page, "/works/999/restore").status_code == 422


def test_who_only_looks_changes_no_work(page: JournalPage) -> None:
    who = deputy()
    number = page.school.work.id
    assert send(page, "/works", who, lesson=page.school.lesson.id, kind="test").status_code == 422
    assert send(page, f"/works/{number}", who, weight=5).status_code == 422
    assert send(page, f"/works/{number}/delete", who, confirmed=True).status_code == 422
    assert db.session.get_one(Work, number).weight == 1


def test_a_locked_term_keeps_its_works(page: JournalPage) -> None:
    page.term.is_locked = True
    db.session.commit()
    answer = send(page, f"/works/{page.school.work.id}/delete", confirmed=True)
    assert answer.status_code == 422
    assert "locked" in answer.json["message"]


def test_a_lesson_that_is_not_in_the_timetable_is_added(page: JournalPage) -> None:
    answer = send(page, "/lessons", date="2026-10-03", number=2, room="12")
    assert answer.status_code == 200, answer.json
    assert (answer.json["lesson"]["date"], answer.json["lesson"]["writable"]) == ("2026-10-03", True)


@pytest.mark.parametrize(
    "wrong",
    [{"date": ""}, {"date": "2030-01-01"}, {"number": 15}, {"number": "2"}, {"room": "к" * 21}, {"room": 5}],
)
def test_what_is_no_lesson_is_refused_with_a_reason(page: JournalPage, wrong: dict[str, Any]) -> None:
    answer = send(page, "/lessons", **({"date": "2026-10-03", "number": 2} | wrong))
    assert answer.status_code == 422
    assert answer.json["message"]


def test_history_of_a_cell_says_who_when_and_from_what_to_what(page: JournalPage) -> None:
    (first,) = page.edit(page.mark("5"))
    (second,) = page.edit(page.mark("4", version=first["version"]))
    page.edit(page.mark("", version=second["version"]))
    page.edit(page.mark("3"))
    page.edit(page.mark("2", 1))
    query = f"student={page.students[0].id}&work={page.school.work.id}"
    changes = page.panel.get(page.school.teacher, f"{page.address}/history?{query}").json["changes"]
    assert [(one["old"], one["new"]) for one in changes] == [("", "3"), ("4", ""), ("5", "4"), ("", "5")]
    assert {one["by"] for one in changes} == {"Орлова В."}
    assert all(one["at"] and one["what"] == "mark" for one in changes)


def test_history_of_attendance_lesson_and_final_mark(page: JournalPage) -> None:
    (first,) = page.edit(page.presence("Н"))
    page.edit(page.presence("У", version=first["version"]))
    version = page.state()["lessons"][0]["version"]
    page.edit({"lesson": page.school.lesson.id, "topic": "Дроби", "version": version})
    column = f"term:{page.term.id}"
    (final,) = page.edit({"student": page.students[0].id, "final": column, "value": "4"})
    page.edit({"student": page.students[0].id, "final": column, "value": "", "version": final["version"]})

    def changes(query: str) -> list[tuple[str, str]]:
        answer = page.panel.get(page.school.teacher, f"{page.address}/history?{query}")
        return [(one["old"], one["new"]) for one in answer.json["changes"]]

    student = page.students[0].id
    assert changes(f"student={student}&lesson={page.school.lesson.id}") == [("Н", "У"), ("", "Н")]
    assert changes(f"lesson={page.school.lesson.id}") == [("", "Дроби")]
    assert changes(f"student={student}&final={column}") == [("4", ""), ("", "4")]


@pytest.mark.parametrize("query", ["", "student=1", "student=x&work=1", "final=year"])
def test_a_question_about_nothing_is_answered_with_400(page: JournalPage, query: str) -> None:
    assert page.panel.get(page.school.teacher, f"{page.address}/history?{query}").status_code == 400


@pytest.mark.parametrize("query", ["lesson=999", "student=1&work=999", "student=1&final=dance"])
def test_history_of_what_is_not_there_is_answered_with_404(page: JournalPage, query: str) -> None:
    assert page.panel.get(page.school.teacher, f"{page.address}/history?{query}").status_code == 404


def test_the_substitute_sees_the_history_of_their_lesson(page: JournalPage) -> None:
    page.edit(page.mark("5"))
    other = written(User(family_name="Сменная", given_name="Ия", is_staff=True))
    page.school.lesson.substitute = other
    db.session.commit()
    query = f"student={page.students[0].id}&work={page.school.work.id}"
    answer = page.panel.get(other, f"{page.address}/history?{query}")
    assert [(one["old"], one["new"]) for one in answer.json["changes"]] == [("", "5")]
