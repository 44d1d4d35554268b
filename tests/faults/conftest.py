"""What the tests of faults share: the web server, and how they tell what they tried."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.faults.small_disk import SmallDisk

Tell = Callable[..., None]


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """A disk of a few megabytes."""
    with SmallDisk() as disk:
        yield disk


@pytest.fixture
def tell(app: Flask, record_property: Callable[[str, Any], None]) -> Tell:
    """Note what was tried and what came of it: a line of docs/reliability.md.

    ``recovery`` is the longest time in seconds until somebody was served again, from the moment that could be.
    """
    database = app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0].partition("+")[0]

    def note(
        fault: str, *, tried: int, acknowledged: int, lost: int = 0, doubled: int = 0,
        recovery: float | None = None, remark: str = "",
    ) -> None:  # fmt: skip
        line = {
            "fault": fault, "database": database, "tried": tried, "acknowledged": acknowledged, "lost": lost,
            "doubled": doubled, "recovery": recovery, "remark": remark, "full": os.environ.get("FAULTS") == "full",
        }  # fmt: skip
        record_property("fault", json.dumps(line))
        record_property("faults: tried", tried)
        record_property("faults: acknowledged", acknowledged)
        record_property("faults: lost", lost)

    return note
