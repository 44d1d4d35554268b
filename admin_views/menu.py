"""The menu: what it holds follows from what a person is and the language they read, so that it is put together once for
all who are the same; only what waits there is asked for anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import select

from admin_views.base import acting
from app import policy
from app.extensions import db
from app.policy import Actor
from app.policy.kept import kept


@dataclass(frozen=True)
class Entry:
    """A line of the menu; ``view`` is the screen it leads to, None for one outside of the panel."""

    url: str
    name: str
    view: Any


@dataclass(frozen=True)
class Area:
    """Lines under a heading; without one they stand at the top."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class Menu:
    """The areas, the links out of the panel, whether the person may report a problem, and the statement that asks how
    much waits behind lines, in the order of ``counted``."""

    areas: list[Area]
    links: list[Entry]
    may_report: bool
    counted: tuple[str, ...]
    counting: Any

    def waiting(self) -> dict[str, int]:
        """How much waits for the person, by the address of the line."""
        if not self.counted:
            return {}
        return dict(zip(self.counted, db.session.execute(self.counting).one(), strict=True))


def menu() -> Menu:
    """The menu of whoever asks."""
    known = current_app.extensions.setdefault("panel_menus", {})
    key = (_kind(acting()), str(get_locale()))
    if key not in known:
        known[key] = _made()
    made: Menu = known[key]
    return made


def _kind(actor: Actor | None) -> Any:
    """What decides which screens a person may open: no view asks for more (tests/rights/test_screens.py)."""
    if actor is None:
        return None
    return (
        actor.is_deputy_director, actor.is_staff, actor.leads, actor.teaches, actor.is_guardian, actor.is_student
    )  # fmt: skip


def _made() -> Menu:
    panel = current_app.extensions["admin"][0]
    tops = [item for item in panel.menu() if not item.is_category() and item.is_accessible() and item.is_visible()]
    areas = [Area("", [_entry(item) for item in tops])]
    for item in panel.menu():
        if item.is_category() and (children := item.get_children()):
            areas.append(Area(str(item.name), [_entry(child) for child in children]))
    links = [_entry(item) for item in panel.menu_links() if item.is_accessible() and item.is_visible()]
    support = next(view for view in panel._views if view.endpoint == "support")
    counted, counting = _counting([entry for area in areas for entry in area.entries])
    return Menu(areas, links, support.may_report(), counted, counting)


def _entry(item: Any) -> Entry:
    return Entry(item.get_url(), str(item.name), getattr(item, "_view", None))


def _counting(entries: list[Entry]) -> tuple[tuple[str, ...], Any]:
    """The lines behind which something can wait, and the one question about all of them."""
    actor = policy.open_actor(db.session())
    asked = {entry.url: entry.view.waiting(actor) for entry in entries if entry.view is not None}
    asked = {url: question for url, question in asked.items() if question is not None}
    return tuple(asked), kept(select(*asked.values()))
