"""Files of messages: judged by their content, given to the readers of the thread, gone with a message that failed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.messages import files
from app.models import Guardianship, MessageFile
from tests.correspondents import DIARY, STAFF, People, parent_asks, people, said, send
from tests.school import School
from tests.school_panel import Panel
from tests.test_homework_files import PDF


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def pdf(name: str = "справка.pdf", content: bytes = PDF) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def kept(app: Flask) -> list[Path]:
    folder = Path(app.instance_path) / "uploads" / "messages"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_a_file_reaches_the_members_and_nobody_else(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who, files=[pdf()])
    file = db.session.scalars(select(MessageFile)).one()
    assert "справка.pdf" in panel.page(who.leader, f"{STAFF}{thread}/")
    answer = panel.get(who.leader, f"{STAFF}file/{file.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert panel.get(who.anna, f"{DIARY}file/{file.id}").data == PDF
    for other, base in ((who.boris, DIARY), (who.clara, DIARY), (who.zavuch, STAFF), (who.stranger, STAFF)):
        assert panel.get(other, f"{base}file/{file.id}").status_code == 404


def test_what_cannot_be_taken_is_named_and_the_text_is_kept(app: Flask, panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    page = b"<html><script>alert(1)</script></html>"
    answer = send(panel, who.anna, f"{DIARY}{thread}/", body="С файлом", files=[pdf(), pdf("a.pdf", page)])
    assert answer.status_code == 422
    assert "«a.pdf» is not taken" in answer.text
    assert "Choose the files again" in answer.text
    assert "С файлом" in answer.text
    assert said(thread) == ["Здравствуйте"]
    assert kept(app) == []


def test_at_most_five_files_and_none_is_left_of_a_message_that_failed(app: Flask, panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    many = [pdf(f"{number}.pdf") for number in range(files.MOST + 1)]
    assert send(panel, who.anna, f"{DIARY}{thread}/", files=many).status_code == 422
    assert send(panel, who.anna, f"{DIARY}new", to=who.stranger.id, files=[pdf()]).status_code == 422
    assert send(panel, who.clara, f"{DIARY}{thread}/", files=[pdf()]).status_code in (404, 422)
    assert kept(app) == []
    several = [pdf(f"{number}.pdf") for number in range(files.MOST)]
    assert send(panel, who.anna, f"{DIARY}{thread}/", files=several).status_code == 302
    assert len(kept(app)) == files.MOST


def test_the_same_files_sent_again_are_kept_once(app: Flask, panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    for _ in range(2):
        send(panel, who.anna, f"{DIARY}{thread}/", key="key-of-a-file", files=[pdf()])
    assert len(kept(app)) == 1


def test_a_file_larger_than_the_school_takes_is_refused(app: Flask, panel: Panel, who: People) -> None:
    app.config["MESSAGE_FILE_MB"] = 1
    thread = parent_asks(panel, who)
    large = PDF.replace(b"trailer", b"x" * (1 << 20))
    answer = send(panel, who.anna, f"{DIARY}{thread}/", files=[pdf(content=large)])
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.text


def test_everybody_who_writes_can_send_a_file(panel: Panel, who: People) -> None:
    """Also a deputy director who leads a class, teaches and has a child there."""
    thread = parent_asks(panel, who)
    who.leader.is_deputy_director = True
    db.session.add(Guardianship(user=who.leader, student=who.inna))
    db.session.commit()
    assert send(panel, who.leader, f"{STAFF}{thread}/", files=[pdf()]).status_code == 302
    assert db.session.scalars(select(MessageFile)).one().name == "справка.pdf"
