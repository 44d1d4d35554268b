"""The menu: what it holds follows from what a person is and the language they read, so that it is put together once for
all who are the same; only what waits there is asked for anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import get_locale

from admin_views.base import SchoolView, acting
from app.policy import Actor


@dataclass(frozen=True)
class Entry:
    """A line of the menu; ``view`` is the screen it leads to, None for one outside of the panel."""

    url: str
    name: str
    view: Any
    counts: bool

    @property
    def waiting(self) -> int:
        """How much waits there for the person."""
        return int(self.view.menu_count()) if self.counts else 0


@dataclass(frozen=True)
class Area:
    """Lines under a heading; without one they stand at the top."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class Menu:
    """The areas, the links out of the panel, and whether the person may report a problem."""

    areas: list[Area]
    links: list[Entry]
    may_report: bool


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
    return Menu(areas, links, support.may_report())


def _entry(item: Any) -> Entry:
    view = getattr(item, "_view", None)
    counts = view is not None and type(view).menu_count is not SchoolView.menu_count
    return Entry(item.get_url(), str(item.name), view, counts)
