"""Reading and writing: what is new, who has read it, what is found, and that a form sent twice writes once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.messages import inbox
from app.models import Message, QuietHours, Thread
from tests.correspondents import DIARY, STAFF, People, begun, guardian, parent_asks, people, said, send, threads
from tests.school import School
from tests.school_panel import NOW, Panel, counted, deputy, written


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def test_a_message_is_new_until_it_is_read_and_its_author_sees_that_it_was(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    assert "not read yet" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert "Messages 1 waiting for you" in panel.page(who.leader, STAFF)
    assert " new " in panel.page(who.leader, f"{STAFF}{thread}/")
    assert "waiting for you" not in panel.page(who.leader, STAFF)
    assert " new " not in panel.page(who.leader, f"{STAFF}{thread}/")
    assert "✓ read" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert send(panel, who.leader, f"{STAFF}{thread}/", body="Ответ").status_code == 302
    assert "Messages 1 unread" in panel.page(who.anna, DIARY)
    assert "Messages 1 unread" not in panel.page(who.anna, f"{DIARY}{thread}/")  # the page itself counts it as read


def test_the_list_says_with_whom_about_whom_and_begins_with_the_newest(panel: Panel, who: People) -> None:
    parent_asks(panel, who, subject="Старое")
    begun(panel, who.anna, DIARY, to="administration", subject="Новое")
    page = panel.page(who.anna, DIARY)
    assert page.index("Новое") < page.index("Старое")
    assert "Орлова Вера" in page
    assert "About: Семёнов Пётр" in page


def test_many_threads_are_paged_in_a_constant_number_of_statements(panel: Panel, who: People) -> None:
    numbers = []
    for number in range(inbox.PAGE + 1):
        parent_asks(panel, who, subject=f"Тема-{number}")
        if number in (1, inbox.PAGE):
            with counted() as statements:
                page = panel.page(who.anna, DIARY)
            numbers.append(len(statements))
    assert "Older" in page
    assert "Тема-0 " not in page
    assert "Тема-0 " in panel.page(who.anna, f"{DIARY}?page=1")
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 12


def test_a_long_thread_is_paged_in_a_constant_number_of_statements(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who, body="сообщение-первое")
    with counted() as few:
        panel.page(who.leader, f"{STAFF}{thread}/")
    db.session.add_all(Message(thread_id=thread, author_id=who.anna.id, body=f"номер-{n}-") for n in range(60))
    db.session.commit()
    with counted() as many:
        page = panel.get(who.leader, f"{STAFF}{thread}/").text
    assert "номер-59-" in page
    assert "сообщение-первое" not in page
    assert len(many) <= len(few) + 1
    earlier = BeautifulSoup(page, "html.parser").find("a", string="Earlier messages")
    assert earlier is not None
    assert "сообщение-первое" in panel.get(who.leader, str(earlier["href"])).text  # type: ignore[index]


def test_subjects_and_messages_are_found_in_any_case_and_with_e_for_yo(panel: Panel, who: People) -> None:
    parent_asks(panel, who, subject="Праздник", body="Будет ли Ёлка в школе? 100%_")
    parent_asks(panel, who, subject="Другое", body="Столовая")
    for typed in ("ёлка", "ЕЛКА", "Ёлка в", "Праздник", "ПРАЗДНИК ёлка", "100%25_"):
        page = panel.page(who.anna, f"{DIARY}?q={typed}")
        assert "Праздник" in page, typed
        assert "Столовая" not in page, typed


def test_the_search_finds_nothing_in_the_threads_of_others(panel: Panel, who: People) -> None:
    parent_asks(panel, who, subject="Секрет", body="тайна")
    for other, base in ((who.boris, DIARY), (who.zavuch, STAFF), (who.stranger, STAFF)):
        for word in ("секрет", "тайна"):
            page = panel.page(other, f"{base}?q={word}")
            assert "Nothing found" in page
            assert "Секрет" not in page


def test_the_same_form_sent_again_writes_one_message(panel: Panel, who: People) -> None:
    typed = {"key": "key-of-the-form", "subject": "Вопрос", "body": "Здравствуйте"}
    first = panel.post(who.anna, f"{DIARY}new", data=typed | {"to": who.leader.id, "student": who.pyotr.id})
    again = panel.post(who.anna, f"{DIARY}new", data=typed | {"to": who.leader.id, "student": who.pyotr.id})
    assert first.headers["Location"] == again.headers["Location"]
    assert threads() == 1
    thread = db.session.scalars(select(Thread.id)).one()
    for _ in range(3):
        assert panel.post(who.leader, f"{STAFF}{thread}/", data=typed).status_code == 302
    assert said(thread) == ["Здравствуйте", "Здравствуйте"]
    panel.post(who.leader, f"{STAFF}{thread}/", data=typed | {"body": "Исправлено"})  # gone back and changed
    assert said(thread)[2:] == ["Исправлено"]


def test_two_taps_at_the_same_moment_write_one_message(app: Flask, panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    typed = {"key": "key-of-two-taps", "body": "Один раз"}
    header = {"X-Person": str(who.anna.id)}
    db.session.commit()
    db.session.remove()

    def tap(_number: int) -> int:
        return app.test_client().post(f"{DIARY}{thread}/", data=typed, headers=header).status_code

    with ThreadPoolExecutor(4) as hands:
        assert set(hands.map(tap, range(4))) == {302}
    db.session.remove()
    policy.act_as(db.session(), policy.SYSTEM)
    assert said(thread).count("Один раз") == 1


def test_what_could_not_be_sent_stays_in_the_form(panel: Panel, who: People) -> None:
    for fields, says in (
        ({"subject": "  "}, "Write in a few words"),
        ({"body": " \n "}, "Write the message"),
        ({"subject": "я" * 201}, "The subject is too long"),
        ({"body": "я" * 5001}, "The message is too long"),
    ):
        typed = {"subject": "Тема моя", "body": "Текст мой"} | fields
        answer = send(panel, who.anna, f"{DIARY}new", to=who.leader.id, student=who.pyotr.id, **typed)
        page = BeautifulSoup(answer.text, "html.parser")
        assert answer.status_code == 422
        assert says in page.get_text(" ")
        assert page.select_one("#subject")["value"] == typed["subject"]  # type: ignore[index]
        assert page.select_one("#body").get_text().strip() == typed["body"].strip()  # type: ignore[union-attr]
    assert threads() == 0


def test_addresses_become_links_and_nothing_else_becomes_html(panel: Panel, who: People) -> None:
    text = "<b>Смотрите</b> https://school.example/" + "a" * 300 + "\nи ещё"
    thread = parent_asks(panel, who, body=text, subject="<script>alert(1)</script>")
    page = BeautifulSoup(panel.get(who.leader, f"{STAFF}{thread}/").text, "html.parser")
    body = page.select_one(".said-body")
    assert body is not None
    assert body.get_text() == text
    assert [link["rel"] for link in body.select("a")] == [["nofollow", "noopener", "noreferrer"]]
    assert not body.select("b")
    assert not [script for script in page.select("script") if script.get_text()]


def test_a_parent_is_told_of_the_quiet_hours_of_the_teacher(panel: Panel, who: People) -> None:
    written(QuietHours(user=who.leader, starts_at=time(10), ends_at=time(18, 30), weekends=True))
    to = f"{DIARY}new?to={who.leader.id}&student={who.pyotr.id}"
    assert "an answer will probably come after" in panel.page(who.anna, to)
    assert "18:30" in panel.page(who.anna, to)
    thread = parent_asks(panel, who)
    assert "18:30" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert "an answer will probably" not in panel.page(who.leader, f"{STAFF}{thread}/")


def test_an_answer_of_the_administration_is_read_by_the_other_deputies_too(panel: Panel, who: People) -> None:
    """Who was never in a thread to the administration is called to it while it waits for an answer."""
    second = deputy("Вторая")
    thread = begun(panel, who.anna, DIARY, to="administration")
    assert "waiting for you" in panel.page(second, STAFF)
    send(panel, who.zavuch, f"{STAFF}{thread}/", body="Отвечаю")
    assert "waiting for you" not in panel.page(second, STAFF)
    assert "Отвечаю" in panel.page(second, f"{STAFF}{thread}/")


def test_clocks_that_differ_hide_no_message(panel: Panel, who: People) -> None:
    """A message is later than the one before it, though the server's clock was set back meanwhile."""
    thread = parent_asks(panel, who)
    first = db.session.scalars(select(Message)).one()
    first.created_at = NOW.replace(hour=23)
    db.session.commit()
    panel.page(who.leader, f"{STAFF}{thread}/")
    send(panel, who.anna, f"{DIARY}{thread}/", body="Позже")
    assert "waiting for you" in panel.page(who.leader, STAFF)


def test_a_guardian_of_two_children_sees_whom_to_write_to_for_each(panel: Panel, who: People) -> None:
    both = guardian("Обоих", who.pyotr, who.inna)
    page = panel.page(both, f"{DIARY}new")
    assert "Пётр 5А" in page
    assert "Яна 5А" in page
    assert "Яна 5А" not in panel.page(both, f"{DIARY}new?student={who.pyotr.id}")
