"""How many parts an SMS is charged as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.credentials.texts import sms_parts

GSM = "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?ABCXYZÄÖÑÜ§¿abcxyzäöñüà"


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("", "GSM-7", 0),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),  # the escape and its sign stay together
        ("я" * 70, "UCS-2", 1),
        ("я" * 71, "UCS-2", 2),
        ("я" * 134, "UCS-2", 2),
        ("я" * 135, "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("№", "UCS-2", 1),
    ],
)
def test_the_bounds_of_the_standard(text: str, encoding: str, parts: int) -> None:
    assert sms_parts(text) == (encoding, parts)


@given(st.text(alphabet=GSM, min_size=161, max_size=1600))
def test_latin_is_charged_by_153(text: str) -> None:
    assert sms_parts(text) == ("GSM-7", -(-len(text) // 153))


@given(st.text(alphabet="яЯё№—", min_size=71, max_size=800))
def test_cyrillic_is_charged_by_67(text: str) -> None:
    assert sms_parts(text) == ("UCS-2", -(-len(text) // 67))


@given(st.text(max_size=300), st.text(max_size=50))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert sms_parts(text)[1] <= sms_parts(text + more)[1] or sms_parts(text)[0] == "UCS-2"


@given(st.text(min_size=1, max_size=300))
def test_what_is_charged_has_room_for_the_text(text: str) -> None:
    encoding, parts = sms_parts(text)
    units = len(text) if encoding == "GSM-7" else len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert units <= parts * (160 if encoding == "GSM-7" else 70)
