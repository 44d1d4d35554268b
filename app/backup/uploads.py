"""Uploaded files on their way back. Their names are random and never used twice, so old and new stand side by side
until the transaction has committed; a process that dies in between leaves files too many, and none too few."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from app.backup.archive import Archive, digest_of


class Uploads:
    """The folder of uploads, and the ``scratch`` folder where files wait."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.waiting = folder, scratch / "uploads"
        self.old = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        self.new: list[Path] = []
        self._put: list[Path] = []

    def unpack(self, backup: Archive) -> None:
        """Write the files of a backup into the scratch folder."""
        for name in backup.manifest.files:
            target = self.waiting / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with backup.file(name) as content, target.open("xb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            self.new.append(Path(name))

    def put(self) -> None:
        """Bring in what is not there yet."""
        for name in self.new:
            target = self.folder / name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _move(self.waiting / name, target)
                self._put.append(target)

    def take_back(self) -> None:
        """As it was before ``put``."""
        for target in self._put:
            target.unlink(missing_ok=True)

    def finish(self) -> None:
        """After the commit: mend files that differ, take away those that stood here before and are named no more."""
        for name in self.new:
            waiting = self.waiting / name
            if waiting.exists() and digest_of(waiting) != digest_of(self.folder / name):
                _move(waiting, self.folder / name)
        for name in self.old.difference(self.new):
            (self.folder / name).unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    """Put ``source`` in the place of ``target`` at one stroke, also from another disk."""
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f"{target.name}.part")
        with source.open("rb") as content, beside.open("wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
