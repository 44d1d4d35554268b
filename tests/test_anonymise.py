"""Nothing of what a person is known by is in an anonymous copy, and it is a school that can be used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import select

from app.backup.anonymous.columns import EMPTIED, WORDS, Fate, undeclared
from app.backup.snapshot import snapshot
from app.extensions import db
from app.models import Student, User
from tests.rights.world import build
from tests.test_backup import command, rows_of, uploaded
from tests.visitor import Visitor

INVENTED = {Fate.NEUTRAL, Fate.TITLE, Fate.PERSON, Fate.GROUP, Fate.FILE}


def originals(app: Flask) -> set[str]:
    """Every value of every column that is not to be recognised, and of the tables that stay behind."""
    found = set()
    with snapshot(db.engine) as standing:
        assert undeclared(standing.tables) == []
        for table in standing.tables:
            for row in standing.rows(table):
                for column, value in zip(table.columns, row, strict=True):
                    fate = WORDS.get(table.name, {}).get(column)
                    if isinstance(value, str) and value and (fate in INVENTED):
                        found.add(value)
    return found


def test_no_original_value_is_in_the_file_and_its_people_sign_in(app: Flask, tmp_path: Path) -> None:
    build(db.session)
    uploaded(app, "homework/plan.txt", "Иванову принести".encode())
    db.session.commit()
    before, known, file = rows_of(app), originals(app), tmp_path / "copy.zip"
    code, output = command(app, "anonymise", file)
    assert code == 0, output
    with ZipFile(file) as copy:
        text = "\n".join(copy.read(name).decode("utf-8", "replace") for name in copy.namelist())
        told = json.loads(copy.read("manifest.json"))
    assert len(known) > 50
    left = {value for value in known if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)}
    assert left == set()
    assert "Иванову" not in text
    assert {name for name, table in told["tables"].items() if not table["count"]} == set(EMPTIED)
    assert {name: part["count"] for name, part in told["tables"].items() if name not in EMPTIED} == {
        name: len(rows) for name, rows in before.items() if name not in EMPTIED
    }

    assert command(app, "restore", file, "--yes")[0] == 0
    assert Visitor(app).sign_in("deputy", "deputy").status_code == 302
    db.session.expunge_all()
    people = {user.id: user.full_name for user in db.session.scalars(select(User))}
    students = db.session.scalars(select(Student).where(Student.user_id.is_not(None))).all()
    assert students
    assert all(people[student.user_id] == student.full_name for student in students), "one person, one name"
