"""Parsers of what comes from outside: what fuzzing has found, and what hypothesis makes of it (see ``fuzz/``)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fuzz import corpus
from fuzz.targets import TARGETS

EXAMPLES = {"xlsx_list": 15, "picture": 20, "calendar": 15, "attachment": 40}
"""Of the slower targets; of the others 60."""


def like(known: list[bytes]) -> st.SearchStrategy[bytes]:
    """Anything, or something known with a piece taken out and another put in."""

    @st.composite
    def mended(draw: st.DrawFn) -> bytes:
        data, other = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        piece = draw(st.binary(max_size=8) | st.just(other[: first + 8]) | st.text(max_size=4).map(_encoded))
        return data[:first] + piece + data[last:]

    return st.binary(max_size=60) | mended()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_is_taken_or_refused(demo_app: Flask, name: str, record_property: Any) -> None:
    known, target = corpus.inputs(name), TARGETS[name]
    tried = len(known)
    with demo_app.test_request_context():
        for data in known:
            target(data)

        @settings(
            max_examples=EXAMPLES.get(name, 60), deadline=None, phases=(Phase.generate,), database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(like(known))
        def try_(data: bytes) -> None:
            nonlocal tried
            tried += 1
            target(data)

        try_()
    record_property(f"fuzz inputs: {name}", tried)
