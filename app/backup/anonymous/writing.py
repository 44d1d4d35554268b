"""Writes the anonymous copy, which is a backup like any other: a few of its people sign in as in a demo school."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask_babel import gettext as _

from app.backup import schema
from app.backup.anonymous import sign_ins
from app.backup.anonymous.columns import EMPTIED, WORDS, Fate, undeclared
from app.backup.anonymous.invention import Inventor, Person, neutral
from app.backup.archive import Manifest, Writing
from app.backup.making import manifest_of, new_file
from app.backup.snapshot import Snapshot, snapshot
from app.backup.values import Row, Table
from app.collation import search_key
from app.demo.sign_ins import demo_hash
from app.extensions import db

PICTURES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
REPLACED = b"This file was replaced in an anonymous copy.\n"
CONTACTS = {"account": ("login", "email", "phone"), "student_details": ("email", "phone", "address")}


class Made(NamedTuple):
    """What was written, and the words that people sign in with."""

    manifest: Manifest
    sign_ins: list[str]


def make(file: Path) -> Made:
    """Write the copy. Raises FileExistsError, and ClickException for a database of another revision."""
    with new_file(file) as stream, snapshot(db.engine) as standing:
        if standing.revision != schema.head():
            raise click.ClickException(_("The database is older than this version. Run flask upgrade first."))
        if unknown := undeclared(standing.tables):
            raise click.ClickException(_("Nobody has said what becomes of %(columns)s.", columns=", ".join(unknown)))
        manifest = manifest_of(standing, [])
        manifest.is_anonymous, manifest.key, manifest.audit_head = True, "", ""
        copying = Copying(standing)
        writing = Writing(stream, manifest)
        for table in standing.tables:
            writing.add_table(table, copying.rows(table))
        for name in copying.files:
            writing.add_file(name, BytesIO(content_like(name)))
        writing.finish()
        return Made(manifest, list(copying.words.values()))


def content_like(name: str) -> bytes:
    """A file of the same kind that shows nothing."""
    kind = PICTURES.get(Path(name).suffix.lower())
    if kind is None:
        return REPLACED
    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (320, 200), (208, 208, 208)).save(picture, kind)
    return picture.getvalue()


class Copying:
    """The rows of a snapshot on their way into the copy; a row is a dict of its columns here."""

    def __init__(self, standing: Snapshot) -> None:
        self.standing = standing
        self.tables = {table.name: table for table in standing.tables}
        self.inventor = Inventor(self._originals())
        self.words = sign_ins.chosen(standing.connection)
        self.names: dict[tuple[str, int], Person] = {}
        self.files: list[str] = []
        self._special: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "user": self._user,
            "student": self._student,
            "account": self._account,
            "student_details": self._details,
            "homework_file": self._file,
            "news_item": self._news,
        }

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table as they go into the copy."""
        if table.name in EMPTIED:
            return
        fates, special = WORDS.get(table.name, {}), self._special.get(table.name)
        for values in self.standing.rows(table):
            row = dict(zip(table.columns, values, strict=True))
            for column, fate in fates.items():
                if fate is Fate.NEUTRAL and row[column]:
                    row[column] = neutral(row[column])
                elif fate is Fate.GROUP and row[column]:
                    row[column] = f"{row['id']} группа"
            if special is not None:
                row |= special(row)
            yield list(row.values())

    def _originals(self) -> set[str]:
        """Every name and contact that exists."""
        known: set[str] = set()
        columns = {"user": ("family_name", "given_name", "patronymic"),
                   "student": ("family_name", "given_name", "patronymic"), **CONTACTS}  # fmt: skip
        for name, wanted in columns.items():
            table = self.tables[name]
            places = [list(table.columns).index(column) for column in wanted]
            for row in self.standing.rows(table):
                known.update(row[place] for place in places if row[place])
        return known

    def _user(self, row: dict[str, Any]) -> dict[str, Any]:
        person = self.inventor.name(f"user {row['id']}", row["patronymic"])
        self.names["user", row["id"]] = person
        return _named(person)

    def _student(self, row: dict[str, Any]) -> dict[str, Any]:
        own = self.names.get(("user", row["user_id"])) if row["user_id"] else None
        person = own or self.inventor.name(f"student {row['id']}", row["patronymic"])
        self.names["student", row["id"]] = person
        return _named(person)

    def _account(self, row: dict[str, Any]) -> dict[str, Any]:
        word = self.words.get(row["user_id"])
        return {
            "login": word,
            "password_hash": demo_hash(word) if word else None,
            "email": self.inventor.email() if row["email"] else row["email"],
            "phone": self.inventor.phone() if row["phone"] else row["phone"],
            "last_seen_at": None,
        }

    def _details(self, row: dict[str, Any]) -> dict[str, Any]:
        day, identity = row["birth_date"], row["identity"]
        if day:
            search_name = self.names["student", row["student_id"]].search_name
            moved, identity = self.inventor.birthday(
                date.fromisoformat(day), f"birthday {row['student_id']}", search_name
            )
            day = moved.isoformat()
        return {
            "birth_date": day,
            "identity": identity,
            "email": self.inventor.email() if row["email"] else row["email"],
            "phone": self.inventor.phone() if row["phone"] else row["phone"],
            "address": self.inventor.address() if row["address"] else row["address"],
        }

    def _file(self, row: dict[str, Any]) -> dict[str, Any]:
        name = f"homework/{row['stored']}"
        self.files.append(name)
        return {"name": f"Файл {row['id']}{Path(row['name']).suffix}", "size": len(content_like(name))}

    def _news(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["picture"]:
            self.files.append(f"news/{row['picture']}")
        title = neutral(row["title"])
        return {"title": title, "search_name": search_key(title)}


def _named(person: Person) -> dict[str, Any]:
    return {**person._asdict(), "search_name": person.search_name, "sort_name": person.sort_name}
