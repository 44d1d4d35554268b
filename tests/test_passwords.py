"""Which new passwords are taken."""

from __future__ import annotations

import unicodedata

import pytest

from app.auth import passwords

PERSONAL = ("Семёнова", "Анна", "Ильинична", "semenova12", "semenova@example.org", "+79123456789", "Школа № 1234")


@pytest.mark.parametrize(
    "password", ["летний дождь идёт", "correct horse battery", "мама мыла синюю раму", "kX9#mQ2$vL7!"]
)
def test_words_that_do_not_belong_together_are_taken(password: str) -> None:
    assert passwords.faults(password, PERSONAL) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("короткий", "at least 12"),
        ("", "at least 12"),
        ("д" * 257, "at most 256"),
        ("123456789012", "easy to guess"),
        ("qwertyuiop12", "easy to guess"),
        ("йцукенгшщзхъ", "easy to guess"),
        ("пароль123456", "easy to guess"),
        ("passwordpassword", "easy to guess"),
        ("1q2w3e4r5t6y", "easy to guess"),
        ("aaaaaaaaaaaa", "easy to guess"),
        ("Семёнова2015", "your name"),
        ("семёнова анна", "your name"),
        ("semenova12!!", "your name"),
        ("semenova@example.org", "your name"),
        ("+79123456789", "your name"),
        ("школа № 1234", "your name"),
    ],
)
def test_a_password_others_guess_is_refused_with_the_reason(password: str, reason: str) -> None:
    faults = passwords.faults(password, PERSONAL)
    assert len(faults) == 1
    assert reason in faults[0]


def test_letters_are_counted_as_people_see_them() -> None:
    decomposed = unicodedata.normalize("NFD", "ёйёйёйёйёйё")
    assert len(decomposed) > passwords.SHORTEST
    assert "at least 12" in passwords.faults(decomposed, ())[0]


def test_both_ways_to_write_a_letter_are_one_password() -> None:
    stored = passwords.hashed("ёлка зелёная ёж")
    assert passwords.verified(stored, unicodedata.normalize("NFD", "ёлка зелёная ёж"))
    assert not passwords.verified(stored, "елка зелёная ёж")
    assert not passwords.verified(None, "the password of an account that does not exist")
    assert not passwords.verified("not a hash", "x")
