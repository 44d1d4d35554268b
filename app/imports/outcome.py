"""What an import would do, row by row, in words for the person who decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.imports.table import Text


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Problem:
    """Something wrong in a row: its number in the file, the column's heading, the value as written, and why.

    ``left_out`` tells that a value of the file is not taken, so that the row belongs into the file of corrections.
    """

    row: int
    column: str
    value: str
    reason: Text
    left_out: bool = False


@dataclass(frozen=True)
class Line:
    """What becomes of one row: the student, the class, and each thing done, ready to be shown."""

    row: int
    outcome: Outcome
    student: str
    school_class: str
    details: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Counts:
    """How many rows and people; ``warned`` counts rows with a warning that are taken nevertheless."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    warned: int = 0
    guardians: int = 0
    guardianships: int = 0
    classes: int = 0
    moved: int = 0


@dataclass(frozen=True)
class Plan:
    """What an import on ``today`` would write.

    ``lines`` has one entry for each row that names somebody; ``problems`` say why rows are refused; ``warnings``
    do not stop a row; ``notes`` are about the list as a whole (classes to be made, columns not read, rows skipped,
    students of these classes who are not in the list).
    """

    today: date
    academic_year: str
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Text, ...]
    counts: Counts = field(default_factory=Counts)

    @property
    def created(self) -> tuple[Line, ...]:
        """Rows that bring a new student."""
        return self._of(Outcome.CREATE)

    @property
    def changed(self) -> tuple[Line, ...]:
        """Rows of a known student that change something."""
        return self._of(Outcome.CHANGE)

    @property
    def unchanged(self) -> tuple[Line, ...]:
        """Rows the journal already agrees with."""
        return self._of(Outcome.UNCHANGED)

    @property
    def refused(self) -> tuple[Line, ...]:
        """Rows that are not taken; ``problems`` say why."""
        return self._of(Outcome.REFUSED)

    @property
    def writes_nothing(self) -> bool:
        """Whether applying it would change nothing."""
        return not (self.counts.created or self.counts.changed)

    def to_correct(self) -> Iterable[Problem]:
        """Everything of the file that is not taken, for the file of corrections."""
        return (problem for problem in (*self.problems, *self.warnings) if problem.left_out)

    def _of(self, outcome: Outcome) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.outcome is outcome)
