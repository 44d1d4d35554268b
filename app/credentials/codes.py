"""Activation codes: derived when they are sent, kept nowhere, found again by their hash.

A code is 12 letters and digits of Crockford's Base32 (60 bits), which has no I, L, O and U. What a
person types is forgiven: small letters, spaces and dashes, O for 0, and Cyrillic letters that look
the same.
"""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_LOOKALIKE = str.maketrans("OILАВЕКМНОРСТХУ", "011ABEKMH0PCTXY", "- ")


def derive(secret_key: str, user_id: int, version: int) -> str:
    """The code of the ``version``-th credential of a person under the installation's key."""
    digest = hmac.digest(secret_key.encode(), f"activation:{user_id}:{version}".encode(), "sha256")
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))


def code_hash(code: str) -> str:
    """What is stored of a code, 64 hexadecimal digits; the same for every way to type the code."""
    return hashlib.sha256(code.upper().translate(_LOOKALIKE).encode()).hexdigest()
