"""Who a session works for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

Standing = tuple[bool, bool, bool, bool, bool, bool]
"""What a person is: the facts of ``Actor``, in their order."""


@dataclass(frozen=True)
class Actor:
    """The person a session works for.

    ``today`` is the school's day, ``now`` an aware moment, ``address`` where the request came from.
    Class teacher, teacher, guardian and student follow from the data (see ``policy.load_actor``), so they end
    when the data changes.
    """

    user_id: int
    today: date
    now: datetime
    address: str = ""
    is_deputy_director: bool = False
    is_staff: bool = False
    leads: bool = False
    teaches: bool = False
    is_guardian: bool = False
    is_student: bool = False

    @property
    def standing(self) -> Standing:
        """What the person is, without who it is."""
        return (
            self.is_deputy_director, self.is_staff, self.leads, self.teaches, self.is_guardian, self.is_student
        )  # fmt: skip

    @property
    def reads_diary(self) -> bool:
        """A guardian of somebody, or a student with access of their own."""
        return self.is_guardian or self.is_student

    @property
    def only_reads(self) -> bool:
        """Reads a diary, and has nothing to do in the panel."""
        return self.reads_diary and not (self.is_staff or self.is_deputy_director or self.leads or self.teaches)


SYSTEM = object()
"""The actor of work without a person: worker, CLI, migrations."""
