"""Class lists are read as schools have them; what cannot be read is refused with a reason."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
from flask import Flask
from openpyxl import Workbook

from app.imports import ReadingError, files, read
from app.imports.files import MAX_BYTES, MAX_ROWS
from app.imports.headings import columns_of
from tests.lists import as_csv, xlsx

ROWS = [["Класс", "ФИО", "Дата рождения"], ["5А", "Семёнов Пётр", "02.03.2015"], ["5Б", "Ёлкина Анна", "03.04.2015"]]


@pytest.fixture
def words(tmp_path: object) -> Flask:
    """A context for translated texts, without a database."""
    from flask_babel import Babel

    application = Flask(__name__)
    Babel(application)
    return application


def refusal(words: Flask, content: bytes) -> str:
    with words.app_context(), pytest.raises(ReadingError) as refused:
        read(content, "list.xlsx")
    with words.app_context():
        return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_of_every_program_is_read(encoding: str, delimiter: str) -> None:
    table = read(as_csv(*ROWS, delimiter=delimiter, encoding=encoding), "list.csv")
    assert [row.cells for row in table.rows] == [tuple(row) for row in ROWS[1:]]
    assert [row.number for row in table.rows] == [2, 3]


def test_the_content_decides_what_a_file_is_not_its_name() -> None:
    assert len(read(xlsx(*ROWS), "list.csv").rows) == 2
    assert len(read(as_csv(*ROWS), "list.xlsx").rows) == 2


def test_titles_blank_rows_totals_and_section_lines_are_no_students() -> None:
    content = xlsx(["Список школы на 2026/2027"], [], *ROWS[:2], [], ["5Б класс"], ROWS[2], ["Всего:", 2])
    table = read(content, "list.xlsx")
    assert [row.number for row in table.rows] == [4, 7]
    assert [row.number for row in table.skipped] == [6, 8]
    assert table.titles == ("Список школы на 2026/2027",)


def test_columns_that_mean_nothing_and_other_sheets_are_named() -> None:
    content = xlsx(["№ п/п", *ROWS[0], "Пол"], [1, *ROWS[1], "м"], more={"Учителя": [["Орлова"]], "Пустой": []})
    table = read(content, "list.xlsx")
    assert [column.heading for column in table.ignored] == ["№ п/п", "Пол"]
    assert table.other_sheets == ("Учителя",)


@pytest.mark.parametrize(
    ("headings", "meant"),
    [
        (["ФИО ребёнка", "КЛАСС", "Д.Р.", "Телефон ребенка"], ["full_name", "class", "birth_date", "phone"]),
        (["Фамилия, имя, отчество учащегося", "Дата (число, месяц, год) рождения"], ["full_name", "birth_date"]),
        (["Имя", "Фамилия", "Отчество", "Литера"], ["given_name", "family_name", "patronymic", "letter"]),
        (["Мать", "Тел.", "Отец", "Моб. телефон"], ["full_name mother", "phone mother", "full_name father",
                                                    "phone father"]),
        (["ФИО родителя", "Телефон", "Эл. почта", "ФИО родителя", "Телефон"],
         ["full_name 1", "phone 1", "email 1", "full_name 2", "phone 2"]),
        (["ФИО законного представителя 2", "E-mail 2", "Степень родства 2"],
         ["full_name 2", "email 2", "relation 2"]),
        (["Фамилия матери", "Имя матери", "Электронная почта матери"],
         ["family_name mother", "given_name mother", "email mother"]),
        (["Телефон", "ФИО матери"], ["phone", "full_name mother"]),
        (["Классный руководитель", "Место рождения", "Почтовый адрес", "Телефон учителя", "Причина", "СНИЛС"],
         [None, None, "address", None, None, None]),
        (["Класс", "Класс"], ["class", None]),
    ],
)  # fmt: skip
def test_headings_are_understood_as_people_write_them(headings: Sequence[str], meant: list[str | None]) -> None:
    found = [f"{field.kind} {field.owner}".strip() if field else None for field in columns_of(headings)]
    assert found == meant


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 ...", "neither a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither a spreadsheet"),
        (b"<html><table></table></html>", "neither a spreadsheet"),
        (b"a;b\0c", "neither a spreadsheet"),
        (b"PK\x03\x04 damaged", "neither a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"a" * (MAX_BYTES + 1), "larger than 5 MB"),
        ("Имя;Возраст\nАнна;7".encode(), "no column for: the student's family name and given name"),
        ("Фамилия;Имя\nЁлкина;Анна".encode(), "no column for: the class"),
        (b"one;two\n1;2", "No row of headings"),
        ('Класс;ФИО\n5А;"Семёнов Пётр\n5Б;Ёлкина Анна\n'.encode(), "quotation mark"),
        (as_csv(ROWS[0], *[["5А", "Семёнов Пётр"]] * MAX_ROWS), "more than 12000 rows"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_a_reason(words: Flask, content: bytes, reason: str) -> None:
    assert reason in refusal(words, content)


def repacked(content: bytes, **changes: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, changes[key] if key in changes else old.read(name))
        if "bomb" in changes:
            new.writestr("xl/media/bomb.bin", changes["bomb"])
    return stream.getvalue()


def test_files_made_to_harm_are_refused(words: Flask) -> None:
    good = xlsx(*ROWS)
    with zipfile.ZipFile(io.BytesIO(good)) as package:
        sheet, book = package.read("xl/worksheets/sheet1.xml"), package.read("xl/workbook.xml")
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    row = b'<row r="9999999999"><c t="n"><v>1</v></c></row></sheetData>'
    many = b"<row><c/></row>" * 210_000 + b"</sheetData>"
    assert "too large unpacked" in refusal(words, repacked(good, bomb=b"\0" * (30 << 20)))
    assert "too large unpacked" in refusal(words, repacked(good, sheet1=sheet.replace(b"</sheetData>", many)))
    assert "neither" in refusal(words, repacked(good, workbook=entity + book))
    assert "damaged" in refusal(words, repacked(good, sheet1=sheet[: len(sheet) // 2]))
    assert "damaged" in refusal(words, repacked(good, sheet1=sheet.replace(b"</sheetData>", row)))


def test_sheets_that_only_claim_many_rows_are_counted_together(words: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row takes time, whether it is there or not: a hundred small sheets must not claim a million each."""
    monkeypatch.setattr(files, "LAST_ROW", 100)
    book = Workbook()
    book.active["A60"] = "x"
    assert "No row of headings" in refusal(words, saved(book))
    book.create_sheet()["A60"] = "x"
    assert "damaged" in refusal(words, saved(book))


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
