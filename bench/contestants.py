"""Who is measured: what serves, and the requests of each work. ``None`` where a reference does not do a work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from bench.ground import COLUMN, Ground, Journal
from bench.load import Asked, Writer

SEARCHED = "Иванов"  # with its capital: Flask-Admin's own search on SQLite finds nobody in lower case
JSON = "application/json"

AGAIN = "state again"
"""Asked with the validator of the answer before: nothing has changed."""

READS = {
    "students": "Students, 50 a page",
    "search": "Search «Иванов»",
    "marks": "Marks, newest first",
    "marks deep": "Marks, a page in the middle",
    "student": "Form of a student",
    "grid": "Journal, 28 x quarter",
    "state": "Journal, its data alone",
    AGAIN: "Journal, nothing has changed",
    "week": "Diary, a week",
    "control": "Control page",
    "class report": "Report of a class",
    "home": "Home page of the deputy director",
}
WRITES = {"edit": "One edit, durable", "edits": f"{COLUMN} edits in a request, durable"}
WORKS = READS | WRITES


class Contestant(Protocol):
    """``target`` is what Gunicorn serves; ``reads`` and ``writes`` give the requests of a work."""

    name: str
    target: str
    number: int

    def reads(self) -> Mapping[str, Asked]: ...

    def writers(self, work: str, connections: int) -> Sequence[Writer] | None: ...


@dataclass(frozen=True)
class _Known:
    ground: Ground

    def _cells(self, journal: Journal, work: str, number: int) -> list[dict[str, int]]:
        """Cells that only this contestant writes, with the versions that stand there now."""
        column, students = journal.works[-1], journal.students[number : number + 1]
        if work == "edits":
            column, students = journal.works[number], journal.students[:COLUMN]
        versions = self.ground.versions({column})
        return [{"work": column, "student": each, "version": versions.get((column, each), 0)} for each in students]

    def _key(self, number: int) -> str:
        return f"{number}-{self.ground.stamp()}"


@dataclass(frozen=True)
class Ours(_Known):
    """The journal: signed in, with every right, rule, audit and receipt."""

    name = "ours"
    target = "wsgi:app"
    number = 0

    def reads(self) -> Mapping[str, Asked]:
        ground = self.ground
        deputy, teacher, guardian = ({"Cookie": who.cookie} for who in (ground.deputy, ground.teacher, ground.guardian))
        journal = f"/admin/journal/{ground.journal}/"
        return {
            "students": Asked("/admin/student/", deputy),
            "search": Asked(f"/admin/student/?search={quote(SEARCHED)}", deputy),
            "marks": Asked("/admin/mark/", deputy),
            "marks deep": Asked(f"/admin/mark/?below={ground.newest_mark // 2}", deputy),
            "student": Asked(f"/admin/student/edit/?id={ground.student}", deputy),
            "grid": Asked(f"{journal}?term={ground.term}", teacher),
            "state": Asked(f"{journal}state?term={ground.term}", teacher),
            AGAIN: Asked(f"{journal}state?term={ground.term}", teacher),
            "week": Asked(f"/diary/{ground.child}/week/{ground.monday}/", guardian),
            "control": Asked("/admin/control/", deputy),
            "class report": Asked(f"/admin/reports/summary/?class={ground.school_class}&period={ground.term}", deputy),
            "home": Asked("/admin/", deputy),
        }

    def writers(self, work: str, connections: int) -> Sequence[Writer]:
        return [
            Writer(
                f"/admin/journal/{journal.id}/edits",
                {"Cookie": journal.teacher.cookie, "X-CSRFToken": journal.teacher.token, "Content-Type": JSON},
                self._cells(journal, work, self.number), self._key(place),
            )
            for place, journal in enumerate(self.ground.journals[:connections])
        ]  # fmt: skip


@dataclass(frozen=True)
class Floor(_Known):
    """Bare WSGI and raw SQL: no sign-in, no rights, no rules."""

    name = "floor"
    target = "bench.references.floor.wsgi:application"
    number = 1

    def reads(self) -> Mapping[str, Asked]:
        ground = self.ground
        return {
            "students": Asked("/students"),
            "search": Asked(f"/students?search={quote(SEARCHED)}"),
            "marks": Asked("/marks"),
            "marks deep": Asked(f"/marks?before={ground.newest_mark // 2}"),
            "student": Asked(f"/student/{ground.student}"),
            "grid": Asked(f"/grid/{ground.journal}/{ground.term}"),
            "week": Asked(f"/week/{ground.child}/{ground.monday}"),
        }

    def writers(self, work: str, connections: int) -> Sequence[Writer]:
        return [
            Writer(f"/edits/{journal.teacher.user_id}", {"Content-Type": JSON},
                   self._cells(journal, work, self.number), self._key(place))
            for place, journal in enumerate(self.ground.journals[:connections])
        ]  # fmt: skip


@dataclass(frozen=True)
class Django(_Known):
    """Django's admin, signed in as a superuser; the journal page and the diary written by hand."""

    cookie: str
    token: str
    name = "django"
    target = "bench.references.django_admin.wsgi:application"
    number = 2

    def reads(self) -> Mapping[str, Asked]:
        ground, signed_in = self.ground, {"Cookie": self.cookie}
        return {
            "students": Asked("/admin/journal/student/", signed_in),
            "search": Asked(f"/admin/journal/student/?q={quote(SEARCHED)}", signed_in),
            "marks": Asked("/admin/journal/mark/", signed_in),
            "marks deep": Asked(f"/admin/journal/mark/?p={ground.marks // 100}", signed_in),
            "student": Asked(f"/admin/journal/student/{ground.student}/change/", signed_in),
            "grid": Asked(f"/grid/{ground.journal}/{ground.term}", signed_in),
            "week": Asked(f"/week/{ground.child}/{ground.monday}", signed_in),
        }

    def writers(self, work: str, connections: int) -> Sequence[Writer]:
        head = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Content-Type": JSON}
        return [
            Writer(f"/edits/{journal.teacher.user_id}", head, self._cells(journal, work, self.number), self._key(place))
            for place, journal in enumerate(self.ground.journals[:connections])
        ]


@dataclass(frozen=True)
class Naive(_Known):
    """Flask-Admin's own model views, open to all."""

    name = "naive"
    target = "bench.references.naive.wsgi:application"
    number = 3

    def reads(self) -> Mapping[str, Asked]:
        ground = self.ground
        return {
            "students": Asked("/admin/student/"),
            "search": Asked(f"/admin/student/?search={quote(SEARCHED)}"),
            "marks": Asked("/admin/mark/"),
            "marks deep": Asked(f"/admin/mark/?page={ground.marks // 100}"),
            "student": Asked(f"/admin/student/edit/?id={ground.student}"),
            "grid": Asked(f"/admin/grid/?assignment={ground.journal}&term={ground.term}"),
        }

    def writers(self, work: str, connections: int) -> Sequence[Writer] | None:
        """A mark changed in the list: Flask-Admin's own way, without audit or receipt."""
        if work != "edit":
            return None
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        numbers = self.ground.marks_in({journal.works[self.number] for journal in self.ground.journals}, connections)
        return [Writer("/admin/mark/ajax/update/", head, form=f"list_form_pk={one}&value=%d") for one in numbers]


def contestants(ground: Ground, django: Mapping[str, str]) -> list[Contestant]:
    """All four, each with columns of its own to write in."""
    return [Ours(ground), Floor(ground), Django(ground, django["cookie"], django["token"]), Naive(ground)]
