"""Attendance is taken: by noting who is away, or by saying that all others were there; an empty column says neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import RollCall, User
from tests.journal_page import JournalPage, journal_page, lesson
from tests.school import School
from tests.school_panel import TODAY, Panel, deputy, written


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def taken() -> list[tuple[int, int | None]]:
    db.session.rollback()
    return [
        (row.lesson_id, row.taken_by_id) for row in db.session.scalars(select(RollCall).order_by(RollCall.lesson_id))
    ]


def roll(page: JournalPage, lesson_id: int, value: str = "1") -> dict[str, object]:
    return {"lesson": lesson_id, "roll": value}


def test_who_notes_who_is_away_has_taken_the_attendance(page: JournalPage) -> None:
    assert not page.state()["lessons"][0]["roll"]
    page.edit(page.presence("Н"), page.presence("Б", 1))
    assert taken() == [(page.school.lesson.id, page.school.teacher.id)]
    assert page.state()["lessons"][0]["roll"]


def test_it_is_said_that_nobody_is_away_and_taken_back(page: JournalPage) -> None:
    number = page.school.lesson.id
    both = page.edit(roll(page, number), roll(page, number))
    assert [one["status"] for one in both] == ["saved", "saved"]
    assert taken() == [(number, page.school.teacher.id)]
    assert page.edit(roll(page, number, ""))[0]["value"] == ""
    assert taken() == []


def test_saying_it_gives_the_words_of_the_lesson_no_new_version(page: JournalPage) -> None:
    version = page.state()["lessons"][0]["version"]
    page.edit(roll(page, page.school.lesson.id), page.presence("О"))
    words = {"lesson": page.school.lesson.id, "topic": "Дроби", "version": version}
    assert page.edit(words)[0]["status"] == "saved"


@pytest.mark.parametrize("value", [1, None, "да", "Н"])
def test_what_means_nothing_is_refused(page: JournalPage, value: object) -> None:
    assert page.edit({"lesson": page.school.lesson.id, "roll": value})[0]["status"] == "refused"
    assert taken() == []


def test_the_card_of_the_lesson_has_a_button_for_its_teacher(page: JournalPage) -> None:
    address, teacher = f"/admin/lessoncard/{page.school.lesson.id}/", page.school.teacher
    assert "All others were there" in page.panel.page(teacher, address)
    assert "All others were there" not in page.panel.page(deputy(), address)
    page.panel.post(teacher, f"{address}roll-call/")
    page.panel.post(teacher, f"{address}roll-call/")
    assert taken() == [(page.school.lesson.id, teacher.id)]
    assert "Taken " in page.panel.page(teacher, address)


def test_nobody_else_takes_it_nor_before_the_lesson_nor_in_a_locked_term(page: JournalPage) -> None:
    number, teacher = page.school.lesson.id, page.school.teacher
    stranger = written(User(family_name="Чужая", given_name="Анна", is_staff=True))
    assert page.panel.post(stranger, f"/admin/lessoncard/{number}/roll-call/").status_code in (403, 404)
    assert page.panel.post(deputy(), f"/admin/lessoncard/{number}/roll-call/").status_code == 403
    coming = lesson(page, TODAY + timedelta(2))
    page.panel.post(teacher, f"/admin/lessoncard/{coming.id}/roll-call/")
    page.term.is_locked = True
    db.session.commit()
    assert page.edit(roll(page, number))[0]["status"] == "refused"
    assert taken() == []
