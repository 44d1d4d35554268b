"""Class lists from spreadsheets: read a file, plan what it would change, apply it, hand back what to correct.

``read`` knows files and headings, ``plan`` compares rows with the journal and writes nothing,
``apply`` plans again and writes, ``corrections`` makes a spreadsheet of what was left out.
"""

from app.imports.applying import ApplyingError, Result, apply
from app.imports.corrections import corrections
from app.imports.outcome import Counts, Line, Outcome, Plan, Problem
from app.imports.planning import plan
from app.imports.reading import ReadingError, read
from app.imports.table import Column, Row, Table

__all__ = [
    "ApplyingError", "Column", "Counts", "Line", "Outcome", "Plan", "Problem", "ReadingError",
    "Result", "Row", "Table", "apply", "corrections", "plan", "read",
]  # fmt: skip
