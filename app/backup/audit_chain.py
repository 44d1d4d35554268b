"""The audit of a restored database, held to the seals that came with it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import Connection

VERIFY = "app.audit.verify"


def faults(connection: Connection) -> list[str]:
    """A sentence for each record or link that is not as it was sealed."""
    if find_spec("app.audit").submodule_search_locations is None or find_spec(VERIFY) is None:  # type: ignore[union-attr]
        return []
    return list(import_module(VERIFY).faults(connection))
