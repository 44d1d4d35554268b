"""Why something about people cannot be done, in words for whoever tried."""

from __future__ import annotations

from flask_babel import LazyString


class Refusal(Exception):
    """What was asked for makes no sense as the records stand; nothing was written.

    ``field`` names the entry that is to be corrected, where there is one.
    """

    def __init__(self, message: LazyString | str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field

    def __str__(self) -> str:
        return str(self.message)
