"""Numbers in addresses: ``<int:…>`` takes only what a row can have, so that all others are pages that there are not."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LAST_ID = 2**31 - 1
"""The largest number of a row, on both databases."""


class RowNumber(IntegerConverter):
    """A whole number from 0 to LAST_ID."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LAST_ID} | options)


def register(app: Flask) -> None:
    """Before the first route is added."""
    app.url_map.converters["int"] = RowNumber
