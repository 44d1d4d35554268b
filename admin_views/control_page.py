"""Control: how far the regulation is kept, rule by rule, where it is not, by whom and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views import asked, control_filters, formats
from admin_views.base import SchoolPage, acting, acting_person, attempt, explanation
from admin_views.control_filters import Asked
from admin_views.control_links import links
from app import charts, policy
from app.control import figures, reminders
from app.control.figures import Concerned, Standing
from app.control.rules import RULES, Rule
from app.extensions import db
from app.models import ExcusedPeriod, Reminder, RuleSetting, SchoolClass, Term
from app.policy import Action, Actor

PAGE = 50
NAMED = 2  # people beside a rule
MOST_PEOPLE = 12
MANY = 5  # names in a message


@dataclass(frozen=True)
class Line:
    """A rule on the page, and whom its open cases are up to."""

    standing: Standing
    people: Sequence[Concerned]


@dataclass(frozen=True)
class Burden:
    """What is open for a person: in all, and by rule."""

    user_id: int
    name: str
    open: int
    by_rule: Sequence[tuple[Rule, int]]


class ControlView(SchoolPage):
    """The regulation as it is kept."""

    of = RuleSetting  # whoever works here

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Control"), category, endpoint="control", url="/admin/control")

    @expose("/")
    def index(self) -> Any:
        """Every rule, the worst first."""
        session, actor = db.session(), acting_person()
        offered = control_filters.choices(session, actor)
        what = control_filters.read(session, actor, offered)
        survey = figures.survey(session, what.watch)
        standings = [each for each in survey.standings if not (what.is_narrowed and each.rule.is_of_school)]
        concerned = figures.concerned(session, survey, offered.people)
        due = [each for each in standings if each.due]
        lines = [
            Line(each, concerned.get(each.rule.key, ())) for each in (due if what.by_clauses else worst_first(due))
        ]
        return self._page(
            "overview", offered, what,
            lines=lines, idle=[each.rule for each in standings if not each.due],
            burdens=burdens(lines)[:MOST_PEOPLE], named=NAMED, spark=spark, whole=whole(session, actor),
            others=control_filters.sees_others(actor) and what.person is None,
        )  # fmt: skip

    @expose("/<key>/")
    def rule(self, key: str) -> Any:
        """One rule: over the weeks, whom it is up to, every breach."""
        rule, session, actor = _rule(key), db.session(), acting_person()
        offered = control_filters.choices(session, actor)
        what = control_filters.read(session, actor, offered)
        survey = figures.survey(session, what.watch, [key])
        standing = next(iter(survey.standings), None)
        page = max(0, min(asked.number("page") or 0, (standing.open - 1) // PAGE if standing else 0))
        found = figures.breaches(session, what.watch, key, page * PAGE, PAGE) if standing and standing.open else []
        people = figures.concerned(session, survey, offered.people).get(key, []) if found and rule.reminds else []
        return self._page(
            "rule", offered, what, rule=rule, agreed=what.watch.rules[key], standing=standing,
            breaches=[(breach, links(self, breach)) for breach in found], people=people,
            reminded=self._reminded(session, rule, people, what), chart=chart(standing), page=page,
            pages=-(-standing.open // PAGE) if standing else 0, page_of=self._page_of(key, what),
        )  # fmt: skip

    @expose("/<key>/remind", methods=("POST",))
    def remind(self, key: str) -> Any:
        """Remind one person, or all whom the rule's open cases are up to."""
        rule, session, actor = _rule(key), db.session(), acting_person()
        if not (policy.may(actor, Reminder, Action.CREATE) and rule.reminds):
            abort(403)
        who = asked.numbers("who")
        if not who and request.form.get("do") != "all":
            abort(400)
        what = control_filters.read(session, actor, control_filters.choices(session, actor))
        said: list[tuple[str, str]] = []

        def change() -> str:
            done = reminders.remind(session, what.watch, key, None if request.form.get("do") == "all" else who)
            said.extend(outcome(done))
            return ""

        problem = attempt(change, quietly=True)
        for text, kind in said if problem is None else [(explanation(problem) or "", "error")]:
            flash(text, kind)
        return redirect(self.get_url(".rule", key=key, **what.query))

    def _page(self, name: str, offered: Any, what: Asked, **shown: Any) -> Any:
        actor = acting()
        return self.render(
            f"admin/control/{name}.html", offered=offered, what=what, watch=what.watch, percent=percent, day=short_day,
            pairs=pairs, made_at=format_datetime(what.watch.now, "d MMM, HH:mm"), Bar=bar,
            may_settle=policy.may(actor, RuleSetting, Action.CHANGE),
            may_excuse=policy.may(actor, ExcusedPeriod, Action.CHANGE), long_day=formats.day, **shown,
        )  # fmt: skip

    def _reminded(self, session: Session, rule: Rule, people: Sequence[Concerned], what: Asked) -> Any:
        """Who was reminded when, and who may be reminded now; None for who reminds nobody."""
        actor = acting_person()
        if not (rule.reminds and policy.may(actor, Reminder, Action.CREATE)):
            return None
        last = reminders.last_reminders(session, rule.key, [each.user_id for each in people], what.watch)
        again = what.watch.rules[rule.key].remind_days
        able = {
            each.user_id
            for each in people
            if each.user_id != actor.user_id and reminders.may_again(last.get(each.user_id), actor.today, again)
        }
        return {"last": last, "able": able}

    def _page_of(self, key: str, what: Asked) -> Any:
        return lambda number: self.get_url(".rule", key=key, **what.but(page=number or None))


def _rule(key: str) -> Rule:
    rule = RULES.get(key)
    return rule if rule is not None and rule.is_for(acting_person()) else abort(404)


def whole(session: Session, actor: Actor) -> str:
    """Of what the figures are: the school, the classes that the person leads, or what is up to the person."""
    if policy.may(actor, SchoolClass, Action.CREATE):
        return gettext("The whole school")
    if actor.leads:
        led = select(SchoolClass).where(SchoolClass.class_teacher_id == actor.user_id).order_by(SchoolClass.grade)
        names = sorted({str(each) for each in session.scalars(led)})
        return gettext("%(names)s, and your own lessons", names=", ".join(names))
    return gettext("Your own lessons")


def worst_first(standings: Sequence[Standing]) -> list[Standing]:
    """What is kept least stands first; where nothing is open, last."""
    return sorted(standings, key=lambda each: (not each.open, each.percent, -each.open))


def burdens(lines: Sequence[Line]) -> list[Burden]:
    """Who has most open cases, over all rules."""
    names: dict[int, str] = {}
    by_rule: dict[int, list[tuple[Rule, int]]] = defaultdict(list)
    for line in lines:
        for each in line.people if line.standing.rule.reminds else ():
            names[each.user_id] = each.name
            by_rule[each.user_id].append((line.standing.rule, each.open))
    found = [Burden(number, names[number], sum(n for _rule, n in some), some) for number, some in by_rule.items()]
    return sorted(found, key=lambda burden: (-burden.open, burden.name))


def percent(value: float | None) -> str:
    """«91 %»; never 100 while something is not kept."""
    if value is None:
        return "—"
    shown = min(value, 99.9) if value < 100 else 100
    return f"{format_decimal(shown, '0.#' if 99 < value < 100 else '0')} %"


def short_day(value: Any) -> str:
    """«10 нояб.»."""
    return str(format_date(value, "d MMM"))


def pairs(rows: Sequence[Any]) -> list[tuple[int, str]]:
    """Rows, or plain numbers, as there is to choose from."""
    return [(each, str(each)) if isinstance(each, int) else (each.id, _called(each)) for each in rows]


def _called(row: Any) -> str:
    return f"{row.short_name}, {row.academic_year}" if isinstance(row, Term) else str(row)


def bar(standing: Standing) -> Markup:
    """Kept, done later and open as parts of a bar; the figures stand beside it."""
    parts, at = [], 0.0
    for name, number in (("kept", standing.kept), ("late", standing.late), ("open", standing.open)):
        width = 100 * number / standing.due if standing.due else 0
        if width:
            parts.append(Markup('<rect class="{}" x="{:.2f}" width="{:.2f}" height="8"/>').format(name, at, width))
        at += width
    drawing = Markup('<svg class="kept-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>')
    return drawing.format(Markup("").join(parts))


def spark(standing: Standing) -> Markup:
    """The weeks as a small line; nothing of a single one."""
    values = [each.percent for each in standing.weeks]
    title = gettext("%(rule)s, by weeks: from %(first)s to %(last)s", rule=standing.rule.title,
                    first=percent(values[0]), last=percent(values[-1])) if values else ""  # fmt: skip
    return charts.sparkline(title, values) if len(values) > 1 else Markup()


def chart(standing: Standing | None) -> Markup:
    """The weeks as a chart; nothing of a single one."""
    if standing is None or len(standing.weeks) < 2:
        return Markup()
    title = gettext("%(rule)s: kept, by weeks", rule=standing.rule.title)
    labels = [short_day(each.monday) for each in standing.weeks]
    return charts.lines(title, labels, {gettext("Kept, %%"): [_round(each.percent) for each in standing.weeks]})


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def outcome(done: reminders.Reminded) -> list[tuple[str, str]]:
    """What became of the wish to remind, in lines with their kinds."""
    said = []
    if done.told:
        text = ngettext("%(num)d person is reminded: the message says what is still open when it goes.",
                        "%(num)d people are reminded: the message says what is still open when it goes.",
                        len(done.told))  # fmt: skip
        said.append((text, "success"))
    if done.lately:
        names = _names([f"{each.name} ({short_day(when)})" for each, when in done.lately])
        said.append((gettext("Reminded lately, so not again now: %(names)s.", names=names), "warning"))
    if done.unreached:
        names = _names([each.name for each in done.unreached])
        said.append((gettext("No access yet, so no message reaches them: %(names)s. Tell them yourself.",
                             names=names), "warning"))  # fmt: skip
    if not said:
        said.append((gettext("Nobody is reminded: nothing of theirs is open any more."), "warning"))
    return said


def _names(names: Sequence[str]) -> str:
    more = len(names) - MANY
    shown = ", ".join(names[:MANY])
    return shown if more <= 0 else gettext("%(names)s and %(count)s more", names=shown, count=more)
