"""The step into a new academic year: proposed, changed, looked at, written; taken back, or confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel import lazy_gettext as _

from admin_views import asked, formats
from admin_views.base import SchoolPage, acting_person
from app.auth.asked_again import asks_again
from app.extensions import db
from app.imports.values import ValueProblem, class_name
from app.models import SchoolClass, YearChange
from app.newyear import review, undoing, writing
from app.newyear.ground import Ground, ground, last_step, latest_year
from app.newyear.layout import lay_out
from app.newyear.proposal import LAST_BASIC, LAST_GRADE, ClassWish, Days, Wish, class_wish, proposal
from app.people.refusal import Refusal
from app.policy import Action

MOST_FIRST = 20
STEPS = {"preview", "change", "write", "undo", "confirm"}


class NewYearView(SchoolPage):
    """One step for the whole school."""

    of = YearChange
    needs = Action.CREATE
    in_menu = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("New academic year"), category, endpoint="newyear", url="/admin/newyear")

    @expose("/", methods=("GET", "POST"))
    @asks_again(lambda: request.form.get("do") == "undo")
    def index(self) -> Any:
        """The form, what it will write, or the year that was written and is not confirmed yet."""
        session, today = db.session(), acting_person().today
        year, change = last_step(session)
        if year is None:
            return self.render("admin/newyear/none.html")
        step = request.form.get("do", "") if request.method == "POST" else ""
        if request.method == "POST" and step not in STEPS:
            abort(400)
        if change is not None and (change.confirmed_at is None or year.starts_on > today):
            return self._standing(change, step)
        if year.starts_on > today:  # somebody has begun it by hand
            return self.render("admin/newyear/by_hand.html", year=year)
        if step in ("undo", "confirm"):
            flash(gettext("There is nothing to confirm or take back."), "error")
            return redirect(self.get_url(".index"))
        return self._guide(ground(session, year), step)

    def _guide(self, old: Ground, step: str) -> Any:
        """From the form to what is written."""
        if step not in ("preview", "write"):
            return self._form(old)
        session = db.session()
        try:
            wish = _wish(old)
            review.check(session, old, wish)
        except Refusal as problem:
            flash(str(problem), "error")
            return self._form(old, problem.field)
        if step == "write":
            if self.carry_out(lambda: _written(writing.write(session, acting_person(), old, wish))):
                return redirect(self.get_url(".index"))
            year = latest_year(session)
            return self._form(ground(session, year)) if year else redirect(self.get_url(".index"))
        layout = lay_out(old, wish)
        return self.render(
            "admin/newyear/preview.html", ground=old, wish=wish, result=layout, terms=review.spans(wish),
            warnings=review.warnings(session, old, wish, layout, acting_person().today), posted=_posted(),
            day=formats.day,
        )  # fmt: skip

    def _form(self, old: Ground, field: str | None = None) -> Any:
        return self.render(
            "admin/newyear/form.html", ground=old, proposed=proposal(old), wishes={
                each.id: class_wish(each) for each in old.classes
            }, said=_said, ticked=_ticked, wrong=field, LAST_GRADE=LAST_GRADE, LAST_BASIC=LAST_BASIC,
        )  # fmt: skip

    def _standing(self, change: YearChange, step: str) -> Any:
        """The year that was written: take it back, or confirm it."""
        session = db.session()
        if step == "undo":
            self.carry_out(lambda: _undone(change))
            return redirect(self.get_url(".index"))
        if step == "confirm":
            self.carry_out(lambda: _confirmed(change))
            return redirect(self.get_url(".index"))
        if step:
            flash(gettext("The year is written already."), "error")
            return redirect(self.get_url(".index"))
        built = undoing.built_on(session, change) if change.confirmed_at is None else {}
        counts = {table: len(ids) for table, ids in change.made.items()}
        return self.render(
            "admin/newyear/standing.html", change=change, built=undoing.told(built), counts=counts,
            moment=formats.moment, day=formats.day,
        )  # fmt: skip


def _written(change: YearChange) -> str:
    number = len(change.made.get("enrollment", []))
    return ngettext(
        "The year %(name)s is written: %(num)d student goes on. Look at it, then confirm it.",
        "The year %(name)s is written: %(num)d students go on. Look at it, then confirm it.",
        number, name=change.to_year.name,
    )  # fmt: skip


def _undone(change: YearChange) -> str:
    name = change.to_year.name
    undoing.undo(db.session(), change)
    return gettext("The year %(name)s is taken back: everything is as it was before.", name=name)


def _confirmed(change: YearChange) -> str:
    undoing.confirm(change, acting_person().now)
    return gettext("The year %(name)s is confirmed.", name=change.to_year.name)


def _posted() -> list[tuple[str, str]]:
    """What was sent, to be sent once more."""
    sent = [(name, value) for name, values in request.form.lists() for value in values]
    return [(name, value) for name, value in sent if name not in ("csrf_token", "do")]


def _said(name: str, proposed: object) -> str:
    """What a field shows: what was sent, or what is proposed."""
    value = request.form.get(name) if request.method == "POST" else None
    return str(proposed) if value is None else value


def _ticked(name: str, proposed: bool) -> bool:
    return name in request.form if request.method == "POST" else proposed


def _wish(old: Ground) -> Wish:
    """What the form asks for. Raises Refusal, naming the field."""
    terms = {(term.kind, term.number): f"term-{term.kind.value}-{term.number}" for term in old.terms}
    return Wish(
        asked.line("name", review.NAME + 1),
        Days(_day("starts_on"), _day("ends_on")),
        {key: Days(_day(f"{field}-starts"), _day(f"{field}-ends")) for key, field in terms.items()},
        tuple(_class_wish(old, each) for each in old.classes),
        _first_letters(),
        with_groups="groups" in request.form,
        with_holidays="holidays" in request.form,
    )


def _class_wish(old: Ground, school_class: SchoolClass) -> ClassWish:
    number = school_class.id
    goes_on = request.form.get(f"go-{number}", "on" if school_class.grade < LAST_GRADE else "end") == "on"
    letter = request.form.get(f"letter-{number}", school_class.letter)
    behind: set[int] = set()
    if f"choose-{number}" in request.form:
        behind = {each.id for each in old.students(number)} - set(asked.numbers(f"stay-{number}"))
    return ClassWish(
        number, goes_on, _letter(letter, f"letter-{number}") if goes_on and school_class.grade < LAST_GRADE else letter,
        f"teacher-{number}" in request.form, f"copy-{number}" in request.form, frozenset(behind),
    )  # fmt: skip


def _first_letters() -> tuple[str, ...]:
    typed = request.form.get("first", "")[:200].replace(",", " ").split()
    if len(typed) > MOST_FIRST:
        raise Refusal(lazy_gettext("At most 20 new first classes at once."), "first")
    return tuple(_letter(each, "first") for each in typed)


def _letter(text: str, field: str) -> str:
    try:
        letter = class_name(f"1{text}").letter
    except ValueProblem:
        letter = ""
    if not letter:
        raise Refusal(lazy_gettext("The letter of a class is a Russian letter, as in 5А."), field)
    return letter


def _day(field: str) -> date:
    day = asked.day(field)
    if day is None:
        raise Refusal(lazy_gettext("Fill in every day of the year and of its terms."), field)
    return day
