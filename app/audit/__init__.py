"""The audit: who changed what, from where, from what to what, in the transaction of the change; sealed afterwards.

``recording.py`` writes a record for every change, ``unrecorded.py`` says what has none and why, ``origin.py`` who it
was and which way it came. ``seal.py`` links the records into a chain, ``verify.py`` finds what was altered since, and
``guard.py`` refuses to alter a record; ``erasing.py`` is the one exception.
"""

from app.audit import guard  # noqa: F401  (its listeners register themselves on import)
from app.audit.erasing import erase
from app.audit.origin import Source, coming_from, on_behalf_of
from app.audit.recording import add, note_before, records, write_after
from app.audit.unrecorded import ONLY, UNRECORDED, UNSAID

__all__ = [
    "ONLY", "UNRECORDED", "UNSAID", "Source", "add", "coming_from", "erase", "note_before", "on_behalf_of", "records",
    "write_after",
]  # fmt: skip
