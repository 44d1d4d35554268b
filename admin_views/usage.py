"""How parents use the diary, by class and in the whole school; from its lists to giving access anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from admin_views import asked, formats
from admin_views.base import SchoolPage, acting_person
from admin_views.forms import phone_text
from admin_views.issuing import TONES
from app import charts, spreadsheet
from app.credentials.issue import CHANNELS
from app.extensions import db
from app.models import Credential, SchoolClass
from app.policy import Action
from app.usage import lists, parents
from app.usage.figures import LISTS, MOST_WEEKS, USUAL_WEEKS, Absence, Listed, by_class, figures, is_on, merged
from app.usage.parents import Parent, Step, Week

SHOWN_WEEKS = 12


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a class or all of them, a list, after how many weeks somebody has stopped coming."""

    classes: dict[SchoolClass, int | None]
    chosen: SchoolClass | None
    listed: Listed
    weeks: int
    people: list[Parent] = field(repr=False)

    @property
    def shown(self) -> list[SchoolClass]:
        """The chosen class, or all."""
        return [self.chosen] if self.chosen else list(self.classes)

    def on_list(self) -> list[Parent]:
        """Who stands on the list; without a chosen class each parent once."""
        now = acting_person().now
        return [each for each in merged(self.people) if is_on(each, self.listed, now, self.weeks)]

    def address(self, **other: Any) -> dict[str, Any]:
        """The arguments of an address that asks for the same, but for ``other``."""
        same = {
            "class": self.chosen.id if self.chosen and len(self.classes) > 1 else None,
            "list": self.listed.value,
            "weeks": self.weeks if self.weeks != USUAL_WEEKS else None,
        }
        return same | other


class UsageView(SchoolPage):
    """Figures, charts and lists of parents' use, for those who give parents access."""

    of = Credential
    needs = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Use by parents"), category, endpoint="usage", url="/admin/usage")

    @expose("/")
    def index(self) -> Any:
        """Figures of the shown classes, and one list."""
        wanted, actor, session = _asked(), acting_person(), db.session()
        ids = [each.id for each in wanted.shown]
        on_list, page = wanted.on_list(), _page()
        part = on_list[page * lists.PER_PAGE : (page + 1) * lists.PER_PAGE]
        if page and not part:
            abort(404)
        weeks = parents.weeks(session, actor.today, ids, SHOWN_WEEKS)
        staff, students = parents.beside(session, actor.today, ids)
        return self.render(
            "admin/usage/index.html", asked=wanted, whole=figures(wanted.people, actor.now, wanted.weeks),
            of_class=by_class(wanted.people, actor.now, wanted.weeks), weeks=weeks, chart=_chart(weeks),
            names={each.id: str(each) for each in wanted.classes}, staff=staff, students=students,
            lines=lists.lines(session, part), number=len(on_list), page=page,
            more=len(on_list) > (page + 1) * lists.PER_PAGE,
            group=wanted.classes[wanted.chosen] if wanted.chosen else None,
            made_at=formats.moment(actor.now), tones=TONES, channels=CHANNELS, Step=Step, Absence=Absence,
            moment=formats.moment, week=_week, percent=_percent, most_weeks=MOST_WEEKS,
        )  # fmt: skip

    @expose("/export/")
    def export(self) -> Any:
        """The list as a spreadsheet, with telephones and addresses."""
        wanted = _asked()
        head = [
            gettext("Class"), gettext("Parent"), gettext("Children"), gettext("Last visit"), gettext("Access"),
            gettext("Phone"), gettext("E-mail"),
        ]  # fmt: skip
        body = spreadsheet.xlsx(str(wanted.listed), head, _rows(wanted))
        name = f"usage_{wanted.listed.value}_{acting_person().today.isoformat()}.xlsx"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(body, mimetype=spreadsheet.XLSX, headers=headers)

    @expose("/slips", methods=("POST",))
    def slips(self) -> Any:
        """On to the slips of the chosen people."""
        people = asked.numbers("rowid")
        if not people:
            flash(gettext("Choose at least one person."), "error")
            return redirect(self.get_url(".index"))
        return redirect(url_for("access.slips", person=people))


def _asked() -> Asked:
    """What the address asks for; 404 for a class that is not the person's, a list or a number that is none."""
    actor, session = acting_person(), db.session()
    classes = parents.classes(session, actor.today)
    word = request.args.get("class", "")
    chosen = next((each for each in classes if str(each.id) == word), None)
    if word and chosen is None:
        abort(404)
    if chosen is None and len(classes) == 1:
        chosen = next(iter(classes))
    listed = LISTS.get(request.args.get("list", Absence.NEVER.value)) or abort(404)
    weeks = request.args.get("weeks", "") or str(USUAL_WEEKS)
    if not re.fullmatch(r"[1-9]\d?", weeks, re.ASCII) or int(weeks) > MOST_WEEKS:
        abort(404)
    shown = [chosen.id] if chosen else [each.id for each in classes]
    people = parents.parents(session, actor.now, actor.today, shown)
    return Asked(classes, chosen, listed, int(weeks), people)


def _page() -> int:
    word = request.args.get("page", "0")
    return int(word) if re.fullmatch(r"\d{1,4}", word, re.ASCII) else abort(404)


def _chart(weeks: Sequence[Week]) -> Markup:
    labels = [str(format_date(each.monday, "d MMM")) for each in weeks]
    series = {
        str(gettext("Parents who came")): [each.people for each in weeks],
        str(gettext("Visits")): [each.visits for each in weeks],
    }
    return charts.lines(str(gettext("Visits to the diary by week")), labels, series, unit="", span=None)


def _week(week: Week) -> str:
    """«23–29 нояб.» as its first day."""
    return str(format_date(week.monday, "d MMM"))


def _percent(part: float | None) -> str:
    """«43 %»; a dash where there is nothing to be counted."""
    return "—" if part is None else f"{part:.0f} %"


def _rows(wanted: Asked) -> Iterator[list[Any]]:
    names = {each.id: str(each) for each in wanted.classes}
    for line in lists.lines(db.session(), wanted.on_list()):
        children = "; ".join(name for _number, name in line.children)
        yield [
            names[line.class_id], line.name, children, formats.moment(line.last_at) if line.last_at else "",
            str(line.stage), phone_text(line.phone) if line.phone else "", line.email,
        ]  # fmt: skip
