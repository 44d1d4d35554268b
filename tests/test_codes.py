"""Activation codes survive being typed by hand."""

from __future__ import annotations

import pytest

from app.credentials.codes import ALPHABET, LENGTH, code_hash, derive


def test_a_code_is_of_its_person_version_and_key() -> None:
    codes = {derive(key, person, version) for key in ("a", "b") for person in (1, 2, 11) for version in (1, 2)}
    assert len(codes) == 12
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)


@pytest.mark.parametrize("typed", ["ABEK-MH0P-CTX1", "abek mhop ctxl", "АВЕКМНОРСТХ1", "авек-мнор-стхI"])
def test_a_mistaken_letter_is_the_same_code(typed: str) -> None:
    assert code_hash(typed) == code_hash("ABEKMH0PCTX1")
