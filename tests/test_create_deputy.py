"""``flask create-deputy``: how the first person gets in."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app import clock, create_app, policy
from app.credentials.activation import find
from app.extensions import db
from app.models import Account, User


def run(app: Flask, *words: str) -> tuple[int, str]:
    db.session.commit()  # the command has a session of its own
    result = app.test_cli_runner().invoke(args=["create-deputy", *words])
    return result.exit_code, result.output


def test_it_prints_a_link_that_opens_the_installation(app: Flask) -> None:
    code, output = run(app, "Zavuch", "--name", "Орлова Вера Ильинична")
    found = re.search(r"/a/(\w+)", output)
    assert (code, found is not None) == (0, True)
    person = db.session.scalars(select(User)).one()
    assert (person.full_name, person.login, person.is_deputy_director) == ("Орлова Вера Ильинична", "zavuch", True)
    db.session.commit()
    with policy.system() as session:
        credential = find(session, found.group(1) if found else "", clock.now())
        assert credential is not None
        assert credential.user_id == person.id


def test_a_second_call_gives_a_new_link_and_no_second_person(app: Flask) -> None:
    _code, first = run(app, "zavuch")
    _code, second = run(app, "zavuch")
    links = {re.findall(r"/a/\w+", text)[0] for text in (first, second)}
    assert len(links) == 2
    assert len(db.session.scalars(select(User)).all()) == 1


def test_somebody_elses_login_is_not_taken(app: Flask) -> None:
    db.session.add(User(family_name="Иванова", given_name="Анна", login="ivanova"))
    db.session.commit()
    code, output = run(app, "ivanova")
    assert code == 1
    assert "somebody else" in output
    assert not db.session.scalars(select(User)).one().is_deputy_director
    assert db.session.scalars(select(Account)).one().login == "ivanova"


def test_a_database_without_tables_is_told_what_makes_them(tmp_path: Path) -> None:
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'new.sqlite'}"}, instance=tmp_path)
    for words in (["create-deputy", "zavuch"], ["demo"], ["backup", str(tmp_path / "file")]):
        with app.app_context():
            result = app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 1
        assert "flask --app wsgi upgrade" in result.output
