"""What every application of a test would work out anew, and comes out the same: kept for the test process.

Each test has an application of its own, so that none meets what another has left in it. Only what follows from the
code alone is shared: the builders that werkzeug compiles of the addresses, and the SQL that SQLAlchemy compiles of
statements. Both were a third of the time of the tests.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Engine
from werkzeug.routing import Rule

_builders: dict[Any, Any] = {}
_compile_builder = Rule._compile_builder


def _kept_builder(rule: Rule, append_unknown: bool = True) -> Any:
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


def keep_addresses() -> None:
    """Addresses are compiled once."""
    Rule._compile_builder = _kept_builder  # type: ignore[method-assign]


class Statements:
    """Compiled statements of one kind of database; SQLAlchemy looks them up by the engine's dialect, all alike here."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        """The compiled statement, or None."""
        return self.known.get(key[1:])

    def __setitem__(self, key: Any, compiled: Any) -> None:
        self.known[key[1:]] = compiled

    def __len__(self) -> int:
        return len(self.known)


_statements: defaultdict[str, Statements] = defaultdict(Statements)


def keep_statements(engine: Engine) -> None:
    """Statements are compiled once for all engines of the same kind."""
    engine._compiled_cache = _statements[engine.dialect.name]  # type: ignore[assignment]
