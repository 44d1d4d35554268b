"""The class list in the panel: nothing is written before it is confirmed, and what is confirmed is written once."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Enrollment, Guardianship, SchoolClass, Student, StudentDetails, StudentImport, User
from tests.lists import HEADINGS, as_csv, cells, xlsx
from tests.school import School
from tests.school_panel import NOW, Panel, deputy, errors, led, written
from tests.visitor import text

ROOT = "/admin/imports/students/"
ROWS = (
    ("5А", "Новиков", "Лев", "Ильич", "04.05.2015", "Новикова Ия", "8 (912) 345-67-89", "", "", ""),
    ("5 б", "Алёхина", "=1+1", "", "05.05.2015", "", "", "", "", ""),
    ("5Б", "Алёхина", "Ева", "", "05.05.2015", "Алёхин Ян", "12", "", "", ""),
    ("5А", "Семёнов", "Пётр", "", "02.03.2015", "", "", "", "", ""),
)
WRITTEN = (Student, StudentDetails, User, Guardianship, Enrollment, SchoolClass)


def upload(panel: Panel, user: User, content: bytes, name: str = "list.xlsx") -> TestResponse:
    return panel.post(user, ROOT, {"file": (io.BytesIO(content), name)})


def state() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in WRITTEN]


def test_the_preview_writes_nothing_and_the_confirmation_writes_once(panel: Panel, school: School) -> None:
    boss, before = deputy(), state()
    preview = upload(panel, boss, xlsx(HEADINGS, *ROWS))
    assert preview.status_code == 302
    page = panel.page(boss, preview.location)
    for seen in ("2 will be created", "0 will be changed", "1 stay as they are", "1 are refused", "2 new parents",
                 "New class: 5Б", "3 Фамилия Алёхина not a name", "Телефон 1 12"):  # fmt: skip
        assert seen in page
    assert state() == before
    confirm = preview.location + "confirm/"
    result = panel.post(boss, confirm)
    assert result.location == preview.location + "result/"
    page = panel.page(boss, result.location)
    assert "2 students created" in page
    assert "1 refused" in page
    after = state()
    assert after[0] == before[0] + 2
    assert panel.post(boss, confirm).location == result.location
    assert "2 students created" in panel.page(boss, result.location)
    assert panel.get(boss, preview.location).location == result.location
    assert state() == after
    kept = db.session.scalars(select(StudentImport)).one()
    assert kept.applied_at == NOW


def test_rows_to_correct_come_back_as_a_spreadsheet_before_and_after(panel: Panel, school: School) -> None:
    boss = deputy()
    preview = upload(panel, boss, as_csv(HEADINGS, *ROWS, encoding="cp1251"), "список.csv").location
    before = panel.get(boss, preview + "corrections/")
    panel.post(boss, preview + "confirm/")
    after = panel.get(boss, preview + "corrections/")
    assert "Rows to correct" in panel.page(boss, preview + "result/")
    for answer in (before, after):
        sheet = cells(answer.data)
        assert [row[:3] for row in sheet[1:]] == [["5 б", "Алёхина", "=1+1"], ["5Б", "Алёхина", "Ева"]]
        assert "not a name" in sheet[1][-1]


def test_the_same_list_twice_changes_nothing(panel: Panel, school: School) -> None:
    boss, good = deputy(), xlsx(HEADINGS, ROWS[0])
    first = upload(panel, boss, good).location
    panel.post(boss, first + "confirm/")
    assert panel.get(boss, first + "corrections/").status_code == 404
    after = state()
    page = panel.page(boss, upload(panel, boss, good).location)
    assert "There is nothing to write" in page
    assert state() == after


def test_a_file_that_is_no_class_list_gets_a_message(panel: Panel, school: School) -> None:
    boss = deputy()
    wrong: dict[str, tuple[bytes, str]] = {
        "The file is empty.": (b"", "a.xlsx"),
        "neither a spreadsheet": (b"%PDF-1.7 ...", "a.xlsx"),
        "old format": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls"),
        "larger than 5 MB": (b"a" * (6 << 20), "a.csv"),
        "": (xlsx(["Курс", "Блюдо"], ["1", "Борщ"]), "a.xlsx"),
    }
    for message, (content, name) in wrong.items():
        answer = upload(panel, boss, content, name)
        assert answer.status_code == 200
        assert message in errors(answer)["file"], message
    assert "Choose a file" in errors(panel.post(boss, ROOT, {}))["file"]
    assert "Choose a file" in errors(panel.post(boss, ROOT, {"file": "text"}))["file"]
    assert db.session.scalars(select(StudentImport)).all() == []


def test_an_odd_file_name_is_kept_harmless(panel: Panel, school: School) -> None:
    boss = deputy()
    for name in ("../../etc/<script>.xlsx", "я" * 500 + ".xlsx", 'a"b\x01.xlsx'):
        answer = upload(panel, boss, xlsx(HEADINGS, ROWS[0]), name)
        assert answer.status_code == 302
        assert "<script>" not in panel.get(boss, answer.location).text
    assert all("/" not in each and len(each) <= 200 for each in db.session.scalars(select(StudentImport.file_name)))


def test_another_persons_import_is_not_there(panel: Panel, school: School) -> None:
    boss, other, leader = deputy(), deputy("Вторая"), led(school)
    mine = upload(panel, boss, xlsx(HEADINGS, *ROWS)).location
    before = state()
    for who, status in ((other, 404), (leader, 403)):
        for page in ("", "result/", "corrections/"):
            assert panel.get(who, mine + page).status_code == status
        assert panel.post(who, mine + "confirm/").status_code == status
    for number in ("0", "999999", "99999999999999999999"):
        assert panel.get(boss, f"{ROOT}{number}/").status_code == 404
    assert panel.get(leader, ROOT).status_code == 403
    assert upload(panel, leader, xlsx(HEADINGS, *ROWS)).status_code == 403
    assert panel.get(boss, mine + "confirm/").status_code == 405
    assert state() == before


def test_a_file_nobody_confirmed_is_forgotten_by_the_next_upload_after_a_day(panel: Panel, school: School) -> None:
    boss = deputy()
    row: dict[str, Any] = {"author_id": boss.id, "file_name": "a.xlsx", "content": xlsx(HEADINGS, ROWS[0])}
    old = written(StudentImport(**row, created_at=NOW - timedelta(days=1, minutes=1)))
    fresh = written(StudentImport(**row, created_at=NOW - timedelta(hours=23)))
    assert "will be created" in panel.page(boss, f"{ROOT}{old.id}/")
    upload(panel, boss, xlsx(HEADINGS, ROWS[0]))
    assert (old.content, fresh.content is None) == (None, False)
    before = state()
    answer = panel.post(boss, f"{ROOT}{old.id}/confirm/")
    gone = panel.get(boss, panel.get(boss, answer.location).location)
    assert "is forgotten" in text(panel.get(boss, gone.location)) if gone.location else "is forgotten" in text(gone)
    assert state() == before


def test_the_journal_that_changed_meanwhile_is_planned_anew(panel: Panel, school: School) -> None:
    boss = deputy()
    preview = upload(panel, boss, xlsx(HEADINGS, ROWS[0])).location
    assert "1 will be created" in panel.page(boss, preview)
    panel.post(
        boss, "/admin/student/new/",
        {"family_name": "Новиков", "given_name": "Лев", "patronymic": "Ильич", "birth_date": "2015-05-04",
         "school_class": str(school.school_class.id), "starts_on": "2026-10-12"},
    )  # fmt: skip
    panel.post(boss, preview + "confirm/")
    page = panel.page(boss, preview + "result/")
    assert "0 students created 1 changed" in page
    assert len(db.session.scalars(select(Student).where(Student.family_name == "Новиков")).all()) == 1
