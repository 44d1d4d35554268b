"""Numbers in addresses: ``<int:…>`` takes only what a row can have, so that all others are pages that there are not.

What puts an address together is made when the first one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, Rule

LAST_ID = 2**31 - 1
"""The largest number of a row, on both databases."""


class RowNumber(IntegerConverter):
    """A whole number from 0 to LAST_ID."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LAST_ID} | options)


class Route(Rule):
    """A route. Werkzeug makes two functions out of syntax trees for each of 450: a seventh of the time that every
    command and every process takes to start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(route: Route, **values: Any) -> tuple[str, str]:
            made: Callable[..., tuple[str, str]] = make(append_unknown).__get__(route, None)
            setattr(route, name, made)
            return made(**values)

        return build


def register(app: Flask) -> None:
    """Before the first route is added."""
    app.url_map.converters["int"] = RowNumber
    app.url_rule_class = Route
