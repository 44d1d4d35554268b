"""A disk that can be filled: a tmpfs of a few megabytes, which only root may mount."""

from __future__ import annotations

import errno
import subprocess
import tempfile
from io import FileIO
from pathlib import Path

import pytest

MEGABYTES = 24


class SmallDisk:
    """``folder`` is where it is mounted; everybody may write there."""

    def __enter__(self) -> SmallDisk:
        self.folder = Path(tempfile.mkdtemp(prefix="disk", dir="/tmp"))
        self.filler = self.folder / "filler"
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=777", "journal-test", str(self.folder)]
        tried = subprocess.run(command, capture_output=True, text=True)
        if tried.returncode:
            pytest.skip(f"NOT TRIED: a full disk takes the right to mount one ({tried.stderr.strip()})")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self.folder.rmdir()

    def fill(self) -> None:
        """Take all the room there is."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (65536, 4096, 512):
                _fill(file, size)

    def clear(self) -> None:
        """Give it back."""
        self.filler.unlink()


def _fill(file: FileIO, size: int) -> None:
    try:
        while True:
            file.write(b"\1" * size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
