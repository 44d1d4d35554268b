"""The file of a backup: a zip of manifest.json, tables/NAME.jsonl and uploads/…, with a SHA-256 of each part.

A table is one JSON array a line, its values in the order of the columns that the manifest names. Everything is
streamed: of a table a few rows are in memory, of a file a block.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from app.backup.values import Kind, Row, Table

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20  # bytes
UPLOADS = "uploads"


class Damaged(Exception):
    """The file is no backup, or not what was written; ``part`` says where."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass
class Part:
    """One table or file of a backup: how many rows (bytes of a file), and the SHA-256 of its content."""

    count: int
    digest: str
    columns: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()


@dataclass
class Manifest:
    """What a backup says of itself.

    ``made_at`` is ISO and UTC, ``audit_head`` the last seal («NUMBER:HASH», empty without one), ``key`` a fingerprint
    of SECRET_KEY, ``missing`` the files that rows name and the folder of uploads did not have.
    """

    revision: str
    database: str
    made_at: str
    version: str
    audit_head: str = ""
    key: str = ""
    is_anonymous: bool = False
    missing: list[str] = field(default_factory=list)
    tables: dict[str, Part] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(part.count for part in self.tables.values())


class Writing:
    """A backup that is being written; the manifest comes last."""

    def __init__(self, stream: IO[bytes], manifest: Manifest) -> None:
        self.manifest = manifest
        self._zip = ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=1)
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def add_table(self, table: Table, rows: Iterable[Row]) -> None:
        """Write the rows of a table."""
        digest, count = sha256(), 0
        with self._zip.open(_table_name(table.name), "w", force_zip64=True) as part:
            for count, row in enumerate(rows, 1):  # noqa: B007  (the last number is the count)
                line = (self._encode(list(row)) + "\n").encode()
                digest.update(line)
                part.write(line)
        columns = {name: kind.value for name, kind in table.columns.items()}
        self.manifest.tables[table.name] = Part(count, digest.hexdigest(), columns, table.order)

    def add_file(self, name: str, source: IO[bytes]) -> None:
        """Write a file; ``name`` is its path below uploads/."""
        digest, size = sha256(), 0
        with self._zip.open(f"{UPLOADS}/{name}", "w", force_zip64=True) as part:
            while block := source.read(BLOCK):
                digest.update(block)
                size += len(block)
                part.write(block)
        self.manifest.files[name] = Part(size, digest.hexdigest())

    def finish(self) -> None:
        """Write the manifest and the directory of the zip."""
        self._zip.writestr(MANIFEST, json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1))
        self._zip.close()


class Archive:
    """A backup that is read. Raises Damaged where it is not what was written."""

    def __init__(self, stream: IO[bytes]) -> None:
        try:
            self._zip = ZipFile(stream)
            told = json.loads(self._zip.read(MANIFEST))
            tables, files = (_parts(told.pop(kind)) for kind in ("tables", "files"))
            self.manifest = Manifest(**told, tables=tables, files=files)
        except (BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Damaged(MANIFEST) from error
        if self.manifest.format != FORMAT:
            raise Damaged(MANIFEST)
        for name in self.manifest.files:
            _refuse_way_out(name)

    @property
    def tables(self) -> list[Table]:
        """The tables, those first that others refer to."""
        return [
            Table(name, {column: Kind(kind) for column, kind in part.columns.items()}, tuple(part.order))
            for name, part in self.manifest.tables.items()
        ]

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table."""
        with self._part(_table_name(table.name)) as lines:
            for line in lines:
                yield json.loads(line)

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """The content of a file; ``name`` is its path below uploads/."""
        with self._part(f"{UPLOADS}/{name}") as content:
            yield content

    def verify(self) -> None:
        """Read everything and compare it with the manifest. Raises Damaged for the first part that differs."""
        for name, part in self.manifest.tables.items():
            self._compare(_table_name(name), part.digest)
        for name, part in self.manifest.files.items():
            self._compare(f"{UPLOADS}/{name}", part.digest)

    def _compare(self, name: str, wanted: str) -> None:
        digest = sha256()
        try:
            with self._part(name) as content:
                while block := content.read(BLOCK):
                    digest.update(block)
        except (BadZipFile, EOFError, OSError, ValueError, zlib.error) as error:
            raise Damaged(name) from error
        if digest.hexdigest() != wanted:
            raise Damaged(name)

    @contextmanager
    def _part(self, name: str) -> Iterator[IO[bytes]]:
        try:
            opened = self._zip.open(name)
        except KeyError:
            raise Damaged(name) from None
        with opened as content:
            yield content


def _parts(told: dict[str, dict[str, Any]]) -> dict[str, Part]:
    return {name: Part(**part) for name, part in told.items()}


def _table_name(table: str) -> str:
    return f"tables/{table}.jsonl"


def _refuse_way_out(name: str) -> None:
    """A name that leads out of the folder of uploads is none that a backup was given."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise Damaged(name)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file."""
    digest = sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
