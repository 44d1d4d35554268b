"""A page takes few statements, and no more of them for more rows; those that take more are named with the reason."""

from __future__ import annotations

from pathlib import Path

from app.extensions import db
from tests.demo import demo_school
from tests.grown_school import grow
from tests.statement_exceptions import ABOVE, MORE
from tests.statement_numbers import MOST, again, found, largest, on_the_day


def test_a_page_takes_few_statements_however_many_rows_there_are(tmp_path: Path) -> None:
    """A page that takes fewer than its entry gets a lower entry: ``python -m tests.statement_numbers``."""
    app = demo_school(tmp_path)
    with on_the_day(app):
        small = found(app)
        with app.app_context(), db.engine.begin() as connection:
            grow(connection)
        large = again(app, small)
    assert len(small) > 300
    assert {kind: number for kind, number in largest(small).items() if number > MOST} == ABOVE
    more = largest({page: number - small[page] for page, number in large.items()})
    assert {kind: number for kind, number in more.items() if number > 0} == MORE
