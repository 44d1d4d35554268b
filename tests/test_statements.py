"""A page takes few statements; those that take more are named, and take no more than they did."""

from __future__ import annotations

from pathlib import Path

from app.demo.sign_ins import DEPUTY
from tests.demo import demo_school
from tests.statement_exceptions import ABOVE
from tests.statement_numbers import MOST, largest, numbers


def test_a_page_takes_few_statements(tmp_path: Path) -> None:
    """A page that takes fewer than its entry gets a lower entry: ``python -m tests.statement_numbers``."""
    counted = largest(numbers(demo_school(tmp_path), (DEPUTY,)))
    assert len(counted) > 100
    assert {kind: number for kind, number in counted.items() if number > MOST} == ABOVE
