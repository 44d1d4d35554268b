"""An encrypted backup: a zip of two age files, which any age program opens with the passphrase.

``key.age`` is an age identity encrypted with the passphrase, ``backup.zip.age`` the backup encrypted for that identity:
a passphrase alone encrypts in memory only, an identity encrypts a stream.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import pyrage

KEY, CONTENT, SECRET, HOW = "key.age", "backup.zip.age", "secret_key.age", "READ-ME.txt"
TEXT = """A backup of a school journal, encrypted in the age format (https://age-encryption.org). Without the journal:
  age --decrypt --output key.txt key.age                  (asks for the passphrase)
  age --decrypt --identity key.txt --output backup.zip backup.zip.age
  age --decrypt --identity key.txt --output secret_key secret_key.age       (where there is one)
"""


class WrongPassphrase(Exception):
    """The passphrase does not open the file, or the file was changed."""


def seal(plain: IO[bytes], target: IO[bytes], passphrase: str, secret_key: str | None) -> None:
    """Encrypt ``plain`` from its beginning into ``target``; with the installation's key, where it is to go along."""
    identity = pyrage.x25519.Identity.generate()
    plain.seek(0)
    with ZipFile(target, "w", ZIP_STORED) as outer:
        outer.writestr(HOW, TEXT)
        outer.writestr(KEY, pyrage.passphrase.encrypt(f"{identity}\n".encode(), passphrase))
        if secret_key is not None:
            outer.writestr(SECRET, pyrage.encrypt(secret_key.encode(), [identity.to_public()]))
        with outer.open(CONTENT, "w", force_zip64=True) as part:
            pyrage.encrypt_io(plain, part, [identity.to_public()])


def is_sealed(stream: IO[bytes]) -> bool:
    """Whether it is an encrypted backup; leaves the stream at its beginning."""
    try:
        with ZipFile(stream) as outer:
            return CONTENT in outer.namelist()
    except BadZipFile:
        return False
    finally:
        stream.seek(0)


def unseal(sealed: IO[bytes], passphrase: str, folder: Path) -> tuple[IO[bytes], str | None]:
    """The backup within, as a nameless file in ``folder`` that is gone when closed, and the key that came along.

    Raises WrongPassphrase.
    """
    plain = TemporaryFile(dir=folder)  # noqa: SIM115  (the caller closes it)
    try:
        with ZipFile(sealed) as outer:
            told = pyrage.passphrase.decrypt(outer.read(KEY), passphrase)
            identity = pyrage.x25519.Identity.from_str(told.decode().strip())
            with outer.open(CONTENT) as part:
                pyrage.decrypt_io(part, plain, [identity])
            key = pyrage.decrypt(outer.read(SECRET), [identity]).decode() if SECRET in outer.namelist() else None
    except (pyrage.DecryptError, pyrage.IdentityError, BadZipFile, KeyError, OSError, ValueError) as error:
        plain.close()
        raise WrongPassphrase from error
    plain.seek(0)
    return plain, key
