"""What people and programs read when something does not work."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.auth import sessions
from app.extensions import csrf, db
from app.models import Student, User
from app.regulation import RegulationError
from tests.visitor import Visitor, person, text

SECRET = "the secret in the exception"


@pytest.fixture
def failing(app: Flask) -> Flask:
    """The application with views that fail."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(how: str) -> str:
        if how == "bug":
            raise RuntimeError(SECRET)
        if how == "rule":
            raise RegulationError("Marks are not given in grade 1.")  # type: ignore[arg-type]
        if how == "database":
            raise OperationalError(SECRET, {}, Exception(SECRET))
        if how == "right":
            db.session.add(Student(family_name="Чужой", given_name="Иван"))
            db.session.commit()
        if how == "file":
            return str(len(request.get_data()))
        return abort(int(how))

    app.add_url_rule("/fail/<how>", "fail", csrf.exempt(fail), methods=["GET", "POST"])
    return app


def test_a_person_reads_what_happened_and_a_program_gets_json(failing: Flask) -> None:
    for how, status, says in [
        ("400", 400, "This request is not understood"),
        ("403", 403, "This is not open to you"),
        ("right", 403, "Nothing was changed"),
        ("404", 404, "There is no such page"),
        ("429", 429, "Wait a little"),
        ("418", 418, "This request is not understood"),
        ("bug", 500, "was not saved"),
        ("502", 502, "was not saved"),
        ("database", 503, "The journal is busy"),
        ("rule", 422, "Marks are not given in grade 1."),
    ]:
        page = failing.test_client().get(f"/fail/{how}")
        assert page.status_code == status
        assert says in text(page)
        assert SECRET not in page.text
        assert "Traceback" not in page.text
        data = failing.test_client().get(f"/fail/{how}", headers={"Accept": "application/json"})
        assert data.status_code == status
        assert data.json["error"]
        assert says in data.json["message"]
        assert SECRET not in data.text


def test_other_errors_of_a_browser(failing: Flask) -> None:
    visitor = failing.test_client()
    assert "There is no such page" in text(visitor.get("/нет такой/страницы"))
    wrong = visitor.delete("/login")
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["Allow"]
    failing.config["MAX_CONTENT_LENGTH"] = 10
    assert "The file is too large" in text(visitor.post("/fail/file", data="x" * 11))


def test_an_expired_form_says_what_to_do(failing: Flask) -> None:
    answer = failing.test_client().post("/login", data={"username": "petrova"})
    assert answer.status_code == 400
    assert "Go back, copy what you typed" in text(answer)
    data = failing.test_client().post("/login", json={})
    assert (data.status_code, data.json["error"]) == (400, "form_expired")


def test_a_program_that_is_signed_out_is_told_so_whatever_its_token(failing: Flask) -> None:
    for page in ("/admin/journal/1/edits", "/diary/push/unsubscribe"):
        data = failing.test_client().post(page, json={})
        assert (data.status_code, data.json["error"]) == (401, "unauthorized")


def test_the_page_is_in_the_readers_language(failing: Flask) -> None:
    user = person()
    assert user.account
    user.account.locale = "ru"
    db.session.commit()
    visitor = failing.test_client()
    visitor.sign_in("petrova")
    assert '<html lang="ru">' in visitor.get("/fail/bug").text
    assert '<html lang="ru">' in visitor.get("/nowhere").text


def test_it_is_drawn_even_when_the_reader_cannot_be_looked_up(failing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    visitor = failing.test_client()
    visitor.sign_in("petrova")

    def fail(*_: object) -> None:
        raise OperationalError(SECRET, {}, Exception(SECRET))

    monkeypatch.setattr(sessions, "look_up", fail)
    answer = visitor.get("/account/")
    assert answer.status_code == 503
    assert "The journal is busy" in text(answer)


def test_a_nul_is_refused_wherever_it_stands(failing: Flask) -> None:
    visitor: Visitor = failing.test_client()  # type: ignore[assignment]
    for page in ("/a/x%00y", "/login?next=%00", "/login?%00=1"):
        assert visitor.get(page).status_code == 400
    assert visitor.post("/fail/404", data={"x": "a\0b"}).status_code == 400


def test_a_refused_write_leaves_nothing_behind(failing: Flask) -> None:
    person()
    visitor = failing.test_client()
    visitor.sign_in("petrova")
    assert visitor.get("/fail/right").status_code == 403
    assert db.session.scalars(select(Student)).all() == []
    assert len(db.session.scalars(select(User)).all()) == 1
