"""Files that are cut short, of another kind, or bombs, on every path a file can come in.

Each is refused with a sentence, or taken for the plain text it is; nothing half read is kept.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.extensions import db
from app.models import HomeworkFile, MessageFile, NewsItem, SupportFile, User
from tests.at_length import FULL
from tests.correspondents import DIARY, STAFF, People, keys, people
from tests.faults.conftest import Tell
from tests.school import School
from tests.school_panel import Panel
from tests.test_homework_files import PDF, docx, xlsx

Send = Callable[[bytes, str], Any]


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.effect_noise((200, 150), 80).save(content, kind)
    return content.getvalue()


def bomb(name: str, megabytes: int = 160) -> bytes:
    """A spreadsheet or document of that many megabytes in some hundred kilobytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as good, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part in good.infolist():
            if part.filename != name:
                package.writestr(part.filename, good.read(part))
        with package.open(name, "w", force_zip64=True) as part_of_it:
            for _megabyte in range(megabytes):
                part_of_it.write(b" " * (1 << 20))
    return stream.getvalue()


def corrupt() -> dict[str, bytes]:
    """Names and contents, none of which is what its name says."""
    good = {"list.xlsx": xlsx(), "page.pdf": PDF * 20, "text.docx": docx(), "photo.jpg": picture("JPEG"),
            "drawing.png": picture("PNG"), "photo.webp": picture("WEBP")}  # fmt: skip
    found = {f"cut {name}": content[: len(content) * 2 // 3] for name, content in good.items()}
    chance = random.Random(7)
    for name, content in good.items() if FULL else ():
        noise = bytearray(content)
        for place in chance.sample(range(4, len(noise)), len(noise) // 20):
            noise[place] = chance.randrange(256)
        found[f"spoilt {name}"] = bytes(noise)
    if FULL:
        found["bomb in a part.xlsx"] = bomb("xl/media/a.bin")
    return found | {
        "picture that is a program.png": b"MZ\x90\0" + chance.randbytes(500), "empty.xlsx": b"",
        "bomb.xlsx": bomb("xl/worksheets/sheet1.xml"), "noise.csv": chance.randbytes(5000), "nul.csv": b"\0" * 5000,
        "page.csv": b"<html><script>1</script>",
    }  # fmt: skip


def paths(panel: Panel, school: School, who: People) -> dict[str, Send]:
    """Every way a file can come in."""

    def send(user: User, path: str, field: str, **more: Any) -> Send:
        return lambda content, name: panel.post(user, path, {field: (io.BytesIO(content), name)} | more)

    def message(user: User, path: str, **more: Any) -> Send:
        return lambda content, name: panel.post(
            user, path, {"files": (io.BytesIO(content), name), "key": next(keys), "subject": "А", "body": "Б"} | more
        )

    news = {"title": "А", "body": "Б", "audience": "all"}
    return {
        "class list": send(who.zavuch, "/admin/imports/students/", "file"),
        "lesson plan": send(who.leader, f"/admin/plan/{school.assignment.id}/import/", "file"),
        "picture of news": send(who.zavuch, "/admin/newsitem/new/", "picture_file", **news),
        "homework": send(who.leader, f"/admin/lessoncard/{school.lesson.id}/files/", "files"),
        "message of a parent": message(who.anna, f"{DIARY}new", to=who.leader.id, student=who.pyotr.id),
        "message of staff": message(who.leader, f"{STAFF}new", to=who.zavuch.id),
        "screenshot": message(who.leader, "/admin/support/new"),
    }


def kept(app: Flask) -> set[str]:
    """Names of the files on the disk."""
    return {file.name for file in (Path(app.instance_path) / "uploads").rglob("*") if file.is_file()}


def named() -> set[str]:
    """Names of the files that rows know."""
    columns = (HomeworkFile.stored, MessageFile.stored, SupportFile.stored, NewsItem.picture)
    return {name for column in columns for name in db.session.scalars(select(column)) if name}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_good_file_is_refused_with_a_sentence(app: Flask, panel: Panel, school: School, tell: Tell) -> None:
    files = corrupt()
    ways = paths(panel, school, people(school))
    tried, broken = 0, []
    for way, send in ways.items():
        for name, content in files.items():
            answer = send(content, name)
            tried += 1
            if answer.status_code not in {200, 302, 400, 413, 422}:
                broken.append((way, name, answer.status_code))
    assert broken == []
    assert kept(app) == named()
    tell(f"a corrupt upload, {len(files)} files on {len(ways)} paths", tried=tried, acknowledged=0)
