"""flask import-students FILE: what an administrator sees, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Student
from tests.lists import HEADINGS, as_csv, cells
from tests.school import School

GOOD = ["5 б", "Ёлкина", "Анна", "Игоревна", "03.04.2015", "Ёлкина Вера Олеговна", "89123456789", None, None, None]
BAD = ["12Я", "Галкин", "Олег", None, "03.03.2015", *[None] * 5]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "список.csv"
    path.write_bytes(as_csv(HEADINGS, GOOD, BAD, encoding="cp1251"))
    return path


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.commit()  # SQLite has one writer
    result = app.test_cli_runner().invoke(args=["import-students", *arguments])
    return result.exit_code, result.output


def students() -> int:
    return db.session.scalar(select(func.count()).select_from(Student)) or 0


def test_the_list_is_imported_and_the_bad_row_told(app: Flask, school: School, file: Path, tmp_path: Path) -> None:
    code, output = run(app, str(file), "--corrections", str(tmp_path / "correct.xlsx"))
    assert code == 0
    assert "Students created: 1" in output
    assert "row 3, column «Класс»: «12Я» - there is no grade 12" in output
    assert students() == 2
    assert [line[1] for line in cells((tmp_path / "correct.xlsx").read_bytes())] == ["Фамилия", "Галкин"]


def test_a_dry_run_shows_the_same_and_writes_nothing(app: Flask, school: School, file: Path) -> None:
    code, output = run(app, str(file), "--dry-run")
    assert code == 0
    assert "Row 2, Ёлкина Анна Игоревна, 5Б: enrolled in 5Б" in output
    assert "Nothing was written." in output
    assert students() == 1


def test_a_file_that_is_no_list_ends_with_an_error(app: Flask, school: School, tmp_path: Path) -> None:
    (tmp_path / "photo.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    code, output = run(app, str(tmp_path / "photo.xlsx"))
    assert code == 1
    assert "neither a spreadsheet" in output
    assert run(app, str(tmp_path / "missing.xlsx"))[0] != 0
