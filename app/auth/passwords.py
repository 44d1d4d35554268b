"""Passwords: argon2 hashes, and the rules for a new one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

SHORTEST, LONGEST = 12, 256
# OWASP's first choice for argon2id: 46 MiB, one pass, one lane; a rush of parents at 8:30 fits in memory.
_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)

_GUESSES = 1e8  # Below this, lists and patterns find the password (zxcvbn's score of 3).
_GUESSES_OF_WORD = 1e6  # The same without the digits and signs at its ends, which everybody puts there.
_AT_THE_ENDS = "0123456789!?.,@#$%*-_+= "
_JUDGED = 72  # zxcvbn reads no more.
_OTHER_LETTERS = 8  # How much must remain when personal words are taken out.
_WORDS = 4  # From so many words on, what parts them counts.
_PERSONAL = 4  # Shorter words («Ли») may stand in any password.
_RUSSIAN, _LATIN = "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_TO_LATIN, _TO_RUSSIAN = str.maketrans(_RUSSIAN, _LATIN), str.maketrans(_LATIN, _RUSSIAN)
_LOOKALIKE = str.maketrans("aceopxyk0@$36", "асеорхук" "оасзб")
"""Latin letters and signs that stand for a Russian letter in «пар0ль» and «н@т@ша»."""
_SOUNDS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h",
    "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip


def hashed(password: str) -> str:
    """The argon2 hash to store."""
    return _hasher.hash(_normal(password))


def verified(stored: str | None, password: str) -> bool:
    """Whether the password is the one hashed; without a hash it takes as long and is False."""
    usable = len(password) <= LONGEST
    try:
        matches = _hasher.verify(stored or _hash_of_nobody(), _normal(password) if usable else "")
    except (VerificationError, InvalidHashError):
        return False
    return matches and usable and stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def faults(password: str, personal: Iterable[str | None]) -> list[str]:
    """What is wrong with a new password, as sentences for the person; empty when it is good.

    ``personal`` are texts everybody can guess of the person: names, login, phone, e-mail, the school's name.
    """
    password = _normal(password)
    if len(password) < SHORTEST:
        return [_("The password needs at least %(number)s characters. Several words are easy to remember.",
                  number=SHORTEST)]  # fmt: skip
    if len(password) > LONGEST:
        return [_("The password may have at most %(number)s characters.", number=LONGEST)]
    words = _words(personal)
    if _is_made_of(password, words):
        return [_("The password must not be made of your name, login, phone, e-mail or the school's name.")]
    if _is_common(password, words):
        return [_("This password is easy to guess. Take several words that do not belong together.")]
    return []


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _words(personal: Iterable[str | None]) -> list[str]:
    """Each text, and each of its words, in lower case."""
    texts = [_normal(text).casefold() for text in personal if text]
    pieces = {piece for text in texts for piece in (text, *_spaced(text).split())}
    return sorted((piece for piece in pieces if len(piece) >= _PERSONAL), key=len, reverse=True)


def _spaced(text: str) -> str:
    return "".join(letter if letter.isalnum() else " " for letter in text)


def _is_made_of(password: str, words: list[str]) -> bool:
    rest = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return len(rest) < len(password) and len(rest) < _OTHER_LETTERS


def _is_common(password: str, words: list[str]) -> bool:
    """Common as typed, as the letters on the same keys of the other layout («пароль» is gfhjkm), without what parts
    the words, or with the letters that its signs stand for."""
    low = password.casefold().replace("ё", "е")
    run = "".join(letter for letter in low if letter.isalnum())
    spellings = {password, low, low.translate(_TO_LATIN), low.translate(_TO_RUSSIAN), _with_letters(low)}
    spellings |= {run} if run and len(_spaced(low).split()) < _WORDS else set()
    known = [*words, *common_words()]
    word = low.strip(_AT_THE_ENDS)
    return (3 * len(word) >= len(low) and _guesses(word, known) < _GUESSES_OF_WORD) or any(
        _guesses(text, known) < _GUESSES for text in spellings
    )


def _guesses(text: str, known: list[str]) -> float:
    from zxcvbn import zxcvbn  # its lists take 12 MB: only where somebody chooses a password

    return float(zxcvbn(text[:_JUDGED], user_inputs=known)["guesses"])


def _with_letters(low: str) -> str:
    """Signs within a word as the letters they stand for; digits and signs at its ends are none."""
    word = low.strip(_AT_THE_ENDS)
    return low.replace(word, word.translate(_LOOKALIKE), 1)


@cache
def common_words() -> tuple[str, ...]:
    """What people here make passwords of, the commonest first: in Russian letters, and as they are written in Latin."""
    words = Path(__file__).with_name("common_words.txt").read_text("utf-8").split()
    return tuple(spelling for word in words for spelling in dict.fromkeys((word, _in_latin(word))))


def _in_latin(word: str) -> str:
    return "".join(_SOUNDS.get(letter, letter) for letter in word)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("the password of an account that does not exist")
