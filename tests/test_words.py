"""Every word of the product is there in Russian, and nothing else is in the catalogue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
RUSSIAN = ROOT / "app" / "translations" / "ru" / "LC_MESSAGES" / "messages.po"


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale="ru")


def test_every_word_is_translated(tmp_path: Path) -> None:
    template = tmp_path / "messages.pot"
    extract = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg"]
    subprocess.run([*extract, "-k", "lazy_gettext", "-o", str(template), "."], cwd=ROOT, check=True)
    asked = {message.id for message in catalogue(template) if message.id}
    translated = {
        message.id
        for message in catalogue(RUSSIAN)
        if message.id and (all(message.string) if isinstance(message.string, tuple) else message.string)
    }
    assert asked - translated == set()
    assert translated - asked == set()


def test_the_translations_keep_their_placeholders() -> None:
    russian = catalogue(RUSSIAN)
    broken = [message.id for message in russian if message.id and list(message.check(russian))]
    assert broken == []
