"""Files of a homework: what is taken and what is not, whom they reach, and that none is left behind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from openpyxl import Workbook
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app, policy
from app.attachments import DAMAGED, EMPTY, OLD, WRONG, FileError
from app.extensions import db
from app.journal import homework_files, office_files
from app.models import Guardianship, HomeworkFile, Lesson, Term, User
from app.models.people import TermKind
from app.regulation import RegulationError
from tests.school import School
from tests.school_panel import Panel, deputy, led, written
from tests.test_news_pictures import chunk, saved

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = f'<Types><Override PartName="/word/document.xml" ContentType="{WORD}"/></Types>'


def archive(parts: dict[str, Any], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packed) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def docx(**more: Any) -> bytes:
    parts = {"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>"}
    return archive(parts | {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()})


def xlsx() -> bytes:
    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


def odt(kind: str = "text", **more: str) -> bytes:
    parts = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<office/>"}
    return archive(parts | {name.replace("__", "/"): part for name, part in more.items()})


def reason(content: bytes, name: str = "задание.docx") -> str:
    with pytest.raises(FileError) as refused:
        homework_files.read(name, content)
    return str(refused.value.message)


@pytest.fixture(scope="module")
def reading_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application without data: what a file is is seen without a database."""
    settings = {"TESTING": True, "LOCALE": "en", "SECRET_KEY": "test key"}
    return create_app(settings, instance=tmp_path_factory.mktemp("files"))


@pytest.fixture
def reading(reading_app: Flask) -> Iterator[Flask]:
    """The same, within its context."""
    reading_app.config["HOMEWORK_FILE_MB"] = 10
    with reading_app.app_context():
        yield reading_app


# ---- what is taken


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(PDF, ".pdf"), (saved(Image.new("RGB", (9, 9)), "JPEG"), ".jpg"), (saved(Image.new("RGB", (9, 9)), "PNG"), ".png"),
     (saved(Image.new("RGB", (9, 9)), "WEBP"), ".webp"), (docx(), ".docx"), (xlsx(), ".xlsx"), (odt(), ".odt"),
     (odt("spreadsheet"), ".ods"), (odt("presentation"), ".odp"), ("Привет, мир\n".encode(), ".txt"),
     ("\ufeffПривет".encode(), ".txt"), (b"a < b and b > c", ".txt")],
)  # fmt: skip
def test_documents_of_a_school_are_taken_by_what_they_are(reading: Flask, content: bytes, suffix: str) -> None:
    upload = homework_files.read("Задание № 5.exe", content)
    assert upload.suffix == suffix
    assert upload.name == f"Задание № 5.exe{suffix}"


def test_a_picture_is_made_anew_without_what_the_camera_wrote(reading: Flask) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Камера учителя"
    kept = homework_files.read("фото.JPG", saved(Image.new("RGB", (5000, 100)), "JPEG", exif=exif))
    assert kept.name == "фото.JPG"
    with Image.open(BytesIO(kept.content)) as shown:
        assert shown.size == (2400, 48)
        assert not shown.getexif()


# ---- what is not


def test_what_a_browser_or_an_office_would_run_is_refused(reading: Flask) -> None:
    for content in (b"<html><script>alert(1)</script>", b"  <!DOCTYPE html>", b'<svg onload="alert(1)">',
                    b"<?xml version='1.0'?><svg/>", "\ufeff<body onload=x>".encode()):  # fmt: skip
        assert reason(content, "задание.txt") == WRONG
    for content in (b"MZ\x90\x00", b"\x7fELF\x01", b"GIF89a\x01\x00", b"Rar!\x1a\x07", "привет".encode("cp1251"),
                    b"text\x00with zero", b"\x1b[31m"):  # fmt: skip
        assert reason(content, "рисунок.png") == WRONG
    assert reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "старый.doc") == OLD
    assert reason(b"%PDF-1.7 cut off", "задание.pdf") == DAMAGED
    for content in (b"", b"  \n", b"\0\0\0"):
        assert reason(content) == EMPTY


@pytest.mark.parametrize(
    "content",
    [docx(word__vbaProject_dot_bin=b"x"), docx(word__vbaData_dot_xml="<x/>"), docx(word__activeX__activeX1_dot_xml="x"),
     docx(xl__macrosheets__sheet1_dot_xml="x"),
     archive({"[Content_Types].xml": TYPES.replace("document.main", "document.macroEnabled.main"),
              "word/document.xml": ""}),
     archive({"[Content_Types].xml": TYPES.encode("utf-16"), "word/document.xml": ""}),
     docx(**{"word__WORD__VBAPROJECT_dot_BIN": b"x"}), odt(Basic__Standard__Module1="x"), odt(Scripts__python__a="x"),
     docx(**{"word___rels__settings_dot_xml_dot_rels": '<Relationship Type="x/attachedTemplate" '
             'Target="https://evil.example/t.dotm" TargetMode="External"/>'})],
)  # fmt: skip
def test_documents_with_macros_are_refused(reading: Flask, content: bytes) -> None:
    assert reason(content) == office_files.WITH_MACROS


@pytest.mark.parametrize(
    "content",
    [archive({"a.exe": b"MZ"}), archive({"[Content_Types].xml": TYPES}), archive({"mimetype": "text/plain"}),
     archive({"[Content_Types].xml": "<Types/>", "word/document.xml": ""}), b"PK\x03\x04broken", docx()[:-30],
     archive({"[Content_Types].xml": TYPES, "word/document.xml": "", "Word/Document.xml": ""}),
     archive({"mimetype": "application/vnd.oasis.opendocument.text-template", "content.xml": ""}),
     archive({"mimetype": b"\xff\xfe", "content.xml": ""})],
)  # fmt: skip
def test_an_archive_is_no_document(reading: Flask, content: bytes) -> None:
    assert reason(content) == office_files.NO_DOCUMENT


def test_bombs_are_refused_before_they_are_unpacked(reading: Flask) -> None:
    assert reason(docx(word__a_dot_xml=bytes(160 << 20))) == office_files.TOO_LARGE
    assert reason(docx(**{f"word__{n}": b"" for n in range(5_001)})) == office_files.TOO_LARGE
    lying = bytearray(docx(word__a_dot_xml=bytes(3_000_000)))
    place = lying.rindex(b"word/a.xml") - 46 + 24
    lying[place : place + 4] = (10).to_bytes(4, "little")
    assert reason(bytes(lying)) == office_files.NO_DOCUMENT
    head = chunk(b"IHDR", (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0")
    assert "too many pixels" in reason(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IEND", b""))


def test_a_file_that_is_too_large_is_refused_with_the_limit(reading: Flask) -> None:
    reading.config["HOMEWORK_FILE_MB"] = 1
    assert "larger than 1 MB" in reason(PDF + bytes(1 << 20))


@pytest.mark.parametrize(
    ("given", "shown"),
    [("../../etc/passwd", "passwd.pdf"), ("C:\\Users\\Учитель\\Домашнее задание.pdf", "Домашнее задание.pdf"),
     ("Й и Ё.pdf", "Й и Ё.pdf"), ("счёт\u202efdp.exe", "счётfdp.exe.pdf"), ('a"b<c>|?*.pdf', "a_b_c____.pdf"),
     ("", "file.pdf"), ("...", "file.pdf"), (".pdf", "pdf.pdf"), ("a\r\nX: y.pdf", "aX_ y.pdf"),
     ("я" * 300 + ".pdf", "я" * 196 + ".pdf"), ("отчёт.PDF", "отчёт.PDF"), ("  два   слова .pdf", "два слова.pdf")],
)  # fmt: skip
def test_names_are_kept_as_people_read_them_and_lead_nowhere(reading: Flask, given: str, shown: str) -> None:
    assert homework_files.read(given, PDF).name == shown


# ---- files and their rows


def stored() -> set[str]:
    return {each.name for each in homework_files._shelf.folder().glob("*")}


def kept(school: School, session: Session | None = None) -> HomeworkFile:
    return homework_files.keep(session or db.session(), school.lesson, homework_files.read("a.pdf", PDF))


def test_a_file_goes_with_its_row_and_with_a_transaction_that_failed(app: Flask, school: School) -> None:
    row = kept(school)
    db.session.commit()
    assert stored() == {row.stored}
    assert homework_files.path(row).read_bytes() == PDF
    db.session.delete(row)
    db.session.flush()
    assert stored() == {row.stored}
    db.session.rollback()
    assert stored() == {row.stored}
    kept(school)
    assert len(stored()) == 2
    db.session.rollback()
    assert stored() == {row.stored}
    lesson_id, stays = school.lesson.id, {row.stored}
    db.session.commit()  # SQLite has one writer: give its lock back
    with Session(db.engine) as closed:  # as after a fault that nobody has caught
        policy.act_as(closed, policy.SYSTEM)
        homework_files.keep(closed, closed.get_one(Lesson, lesson_id), homework_files.read("b.pdf", PDF))
        assert len(stored()) == 2
    assert stored() == stays
    db.session.delete(row)
    db.session.commit()
    assert stored() == set()


def test_a_lesson_with_files_stays(school: School) -> None:
    row = kept(school)
    db.session.delete(school.work)
    db.session.commit()
    db.session.delete(school.lesson)
    with pytest.raises(RegulationError, match="Delete these first"):
        db.session.flush()
    db.session.rollback()
    db.session.delete(row)
    db.session.commit()
    db.session.delete(school.lesson)
    db.session.commit()
    assert db.session.scalars(select(Lesson)).all() == []


@pytest.mark.parametrize("grade", [1, 2])
def test_without_homework_there_are_no_files(school: School, grade: int) -> None:
    db.session.add(Term(academic_year_id=school.year.id, kind=TermKind.QUARTER, number=1,
                        starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 25)))  # fmt: skip
    school.school_class.grade = grade
    db.session.commit()
    with pytest.raises(RegulationError, match="2.2"):
        kept(school)
    db.session.rollback()
    assert stored() == set()
    school.lesson.date = date(2026, 11, 9)
    db.session.commit()
    if grade == 2:
        kept(school)
        school.lesson.date = date(2026, 10, 1)
        with pytest.raises(RegulationError, match="2.2"):
            db.session.flush()


# ---- the panel


def send(panel: Panel, user: User, lesson: Lesson, *files: tuple[bytes, str]) -> TestResponse:
    data = {"files": [(BytesIO(content), name) for content, name in files]}
    return panel.post(user, f"/admin/lessoncard/{lesson.id}/files/", data)


def test_a_teacher_adds_files_and_families_get_them(panel: Panel, school: School) -> None:
    teacher = led(school)
    answer = send(panel, teacher, school.lesson, (PDF, "Домашнее задание.pdf"), (b"MZ\x90\0", "игра.exe"),
                  (saved(Image.new("RGB", (9, 9)), "PNG"), "доска.png"))  # fmt: skip
    page = panel.page(teacher, answer.location.partition("#")[0])
    for words in ("2 files are added", "«игра.exe» is not added. Files of this", "Домашнее задание.pdf", "доска.png"):
        assert words in page
    pdf, picture = db.session.scalars(select(HomeworkFile).order_by(HomeworkFile.id))
    assert (pdf.name, pdf.size, pdf.uploaded_by_id) == ("Домашнее задание.pdf", len(PDF), teacher.id)
    parent = written(User(family_name="Семёнова", given_name="Анна"))
    written(Guardianship(user=parent, student=school.student))
    assert "доска.png" in panel.page(parent, f"/admin/lessoncard/{school.lesson.id}/")
    got = panel.get(parent, f"/admin/lessoncard/file/{pdf.id}")
    assert got.data == PDF
    assert got.mimetype == "application/pdf"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "UTF-8''%D0%94%D0%BE%D0%BC" in got.headers["Content-Disposition"]
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in got.headers["Cache-Control"]
    shown = panel.get(parent, f"/admin/lessoncard/file/{picture.id}")
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_a_file_is_nobodys_who_does_not_see_the_lesson(panel: Panel, school: School) -> None:
    row = kept(school)
    db.session.commit()
    teacher = led(school)
    stranger = written(User(family_name="Чужая", given_name="Зоя", is_staff=True))
    colleague = written(User(family_name="Белов", given_name="Ян", is_staff=True))
    written(Lesson(assignment=school.assignment, date=school.lesson.date, number=2, substitute=colleague))
    path = f"/admin/lessoncard/file/{row.id}"
    assert panel.get(teacher, path).status_code == 200
    assert panel.get(stranger, path).status_code == 403
    assert panel.get(colleague, path).status_code == 404
    for number in ("0", "999999", "99999999999999999999"):
        assert panel.get(teacher, f"/admin/lessoncard/file/{number}").status_code == 404
    homework_files.path(row).unlink()
    assert panel.get(teacher, path).status_code == 404


def test_only_who_writes_in_the_lesson_adds_and_deletes(panel: Panel, school: School) -> None:
    row = kept(school)
    db.session.commit()
    boss, teacher = deputy(), led(school)
    assert send(panel, boss, school.lesson, (PDF, "a.pdf")).status_code == 403
    delete = f"/admin/lessoncard/{school.lesson.id}/files/{row.id}/delete/"
    assert panel.post(boss, delete).status_code == 403
    assert "/delete/" not in panel.get(boss, f"/admin/lessoncard/{school.lesson.id}/").text
    assert panel.post(teacher, f"/admin/lessoncard/999/files/{row.id}/delete/").status_code == 404
    assert "is deleted" in panel.page(teacher, panel.post(teacher, delete).location.partition("#")[0])
    assert stored() == set()


def test_a_lesson_has_so_many_files_and_no_more(panel: Panel, school: School) -> None:
    for _ in range(homework_files.MOST):
        kept(school)
    db.session.commit()
    teacher = led(school)
    answer = send(panel, teacher, school.lesson, (PDF, "a.pdf"))
    assert "at most 20 files" in panel.page(teacher, answer.location.partition("#")[0])
    assert len(stored()) == homework_files.MOST
    assert "Choose a file" in panel.page(teacher, send(panel, teacher, school.lesson).location.partition("#")[0])


def test_uploads_stay_inside_the_installation(app: Flask, school: School) -> None:
    row = kept(school)
    db.session.commit()
    folder = Path(current_app.instance_path) / "uploads" / "homework"
    assert homework_files.path(row).parent == folder
