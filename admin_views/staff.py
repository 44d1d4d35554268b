"""The staff: who has access and what each does; handing over journals, leaving, coming back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from admin_views import asked, filters
from admin_views.base import acting, acting_person
from admin_views.issuing import TONES
from admin_views.people import ROLES, UserView, once_a_page
from admin_views.staff_card import may_hand_over
from app import policy
from app.auth.asked_again import asks_again
from app.credentials.standing import standings
from app.extensions import db
from app.models import Account, Credential, Handover, User, UserSession
from app.policy import Action
from app.staff import leaving
from app.staff import list as people
from app.staff.holdings import Holdings, holdings, journals_of
from app.staff.leaving import Done, Wishes
from app.staff.successors import colleagues, successors

LEFT = "left"


def _access(those: list[User]) -> dict[int, Any]:
    """How far the access of each has come, as a word with its colour."""
    actor = acting_person()
    found: dict[int, Any] = {}
    for each in standings(db.session(), [person.id for person in those], actor.now, actor.today):
        word, tone = (each.stage, TONES[each.stage]) if each.is_active else (gettext("left"), "muted")
        found[each.user_id] = Markup('<span class="badge {}">{}</span>').format(tone, word)
    return found


def _hours(those: list[User]) -> dict[int, int]:
    return people.hours_a_week(db.session(), those, acting_person().today)


def _factor(person: User) -> str:
    return gettext("on") if person.second_factor and person.second_factor.confirmed_at else ""


STATES: dict[str, tuple[Any, Callable[[], Any]]] = {
    "no_access": (_("without access"), lambda: people.without_access(acting_person().now)),
    "never": (_("never came"), people.never_came),
    "idle": (_("without assignments"), lambda: people.without_assignment(acting_person().today)),
    LEFT: (_("left"), lambda: ~User.is_active),
}


class StaffView(UserView):
    """Everybody who works here; a person's own page and form are those of the list of people."""

    title = _("Staff")
    place = "staff"
    loads = ("account", "second_factor")
    needs = Action.DELETE
    in_menu = Action.DELETE
    can_delete = False
    empty = _("No staff yet. Add the first teacher.")
    column_list = ("full_name", "roles", "hours_a_week", "access", "last_seen_at", "second_factor")
    column_export_list = ("full_name", "roles", "hours_a_week", "login", "phone", "email", "access", "last_seen_at",
                          "second_factor")  # fmt: skip
    unbroken = (*UserView.unbroken, "access")
    filters = (
        filters.Choice(
            "state", _("State"), lambda state: STATES[state][1](),
            lambda: [(key, str(title)) for key, (title, _criterion) in STATES.items()],
        ),
        filters.YesNo("deputy", _("Deputy director"), User.is_deputy_director),
        filters.YesNo("came", _("Has signed in"), User.account.has(Account.last_seen_at.is_not(None))),
    )  # fmt: skip
    column_formatters = UserView.column_formatters | {
        "roles": ROLES,
        "access": once_a_page("standing", _access),
        "hours_a_week": once_a_page("hours", _hours),
        "second_factor": lambda _view, _context, row, _name: _factor(row),
    }

    def get_url(self, endpoint: str, **values: Any) -> str:
        """Addresses of a person are those of the list of people: there is one page for each."""
        if endpoint in {".details_view", ".edit_view", ".create_view"}:
            endpoint = f"user{endpoint}"
        return str(super().get_url(endpoint, **values))

    def get_query(self) -> Any:
        """Staff; those who left only where they are asked for."""
        return super().get_query().filter(people.is_staff(), *self._present())

    def get_count_query(self) -> Any:
        """The same."""
        return super().get_count_query().filter(people.is_staff(), *self._present())

    def _present(self) -> list[Any]:
        asks = any(name.endswith("state") and value == LEFT for name, value in request.args.items())
        return [] if asks else [User.is_active]

    def is_action_allowed(self, name: str) -> bool:
        """Each by what it writes."""
        if name == "revoke":
            return policy.may(acting(), Credential, Action.CHANGE)
        if name == "end_sessions":
            return policy.may(acting(), UserSession, Action.CHANGE, frozenset({"ended_at"}))
        return super().is_action_allowed(name)

    @action("give_access", _("Give access"))
    def give_access(self, _ids: list[str]) -> Any:
        """On to what will be sent; the form goes along."""
        return redirect(url_for("access.preview", of="user"), 307)

    @action("revoke", _("Revoke access"))
    def revoke(self, _ids: list[str]) -> Any:
        """On to the question whether to; the form goes along."""
        return redirect(url_for("access.revoke", of="user"), 307)

    @action("end_sessions", _("Sign out everywhere"), _("Sign the chosen people out of every browser?"))
    def end_all(self, ids: list[str]) -> Any:
        """Their passwords stay."""
        chosen = [number for each in ids if (number := asked.as_number(each))]
        self.carry_out((), lambda: _signed_out(leaving.end_sessions(db.session(), chosen, acting_person().now)))
        return self.back()

    # One person

    @expose("/leave/", methods=("GET", "POST"))
    @asks_again(lambda: request.form.get("ends") == "1")
    def leave_view(self) -> Any:
        """What the person has in hand, each with who takes it; the access ends, or stays."""
        person = self._person()
        if request.method == "GET":
            return self._leave_page(person)
        ends, actor, session = request.form.get("ends") == "1", acting_person(), db.session()
        wishes = _wishes(holdings(session, person.id, actor.today))

        def write() -> str:
            done = leaving.leave(session, actor, person, wishes) if ends else leaving.hand_over(
                session, person, wishes, actor.today)  # fmt: skip
            return _said(done, str(person), ends=ends)

        if not self.carry_out((), write):
            return self._leave_page(self._person())
        self._warn(person)
        return redirect(url_for("user.details_view", id=person.id))

    @expose("/return/", methods=("POST",))
    def return_view(self) -> Any:
        """A journal goes back to who gave it away."""
        person, number = self._person(), asked.number("handover")
        handover = db.session.get(Handover, number) if number else None
        if handover is None or handover.from_teacher_id != person.id:
            abort(404)

        def give_back() -> str:
            leaving.give_back(db.session(), handover, acting_person().today)
            return gettext("%(name)s has the journal again.", name=str(person))

        self.carry_out((), give_back)
        return redirect(url_for("user.details_view", id=person.id))

    @expose("/sessions/", methods=("POST",))
    def sessions_view(self) -> Any:
        """Sign one person out of every browser."""
        person = self._person()
        self.carry_out((), lambda: _signed_out(leaving.end_sessions(db.session(), [person.id], acting_person().now)))
        return redirect(url_for("user.details_view", id=person.id))

    @expose("/comeback/", methods=("POST",))
    def comeback_view(self) -> Any:
        """Somebody who left comes back; on to giving access anew."""
        person = self._person()

        def bring_back() -> str:
            leaving.bring_back(db.session(), person)
            return gettext("%(name)s is of the staff again. Give access anew: nothing was sent yet.", name=str(person))

        if not self.carry_out((), bring_back):
            return redirect(url_for("user.details_view", id=person.id))
        return redirect(url_for("access.preview", of="user"), 307)

    def _person(self) -> User:
        """Whoever ``id`` or the one chosen row of the form names; 404 for nobody, 403 for readers without the right."""
        if not may_hand_over():
            abort(403)
        number = asked.number("id") or asked.number("rowid")
        return (db.session.get(User, number) if number else None) or abort(404)

    def _leave_page(self, person: User) -> Any:
        session, today = db.session(), acting_person().today
        held = holdings(session, person.id, today)
        staff = colleagues(session, person.id)
        ends = request.values.get("ends") == "1" and person.is_active
        return self.render(
            "admin/staff/leave.html", person=person, held=held, staff=staff, ends=ends, chosen=request.form,
            successors=successors(session, held, staff, today), is_own=person.id == acting_person().user_id,
        )  # fmt: skip

    def _warn(self, person: User) -> None:
        """Journals that nobody who can sign in has now."""
        left = 0 if person.is_active else len(journals_of(db.session(), person.id, acting_person().today))
        if left:
            flash(
                ngettext("%(num)d journal has no teacher now: hand it over as soon as you know to whom.",
                         "%(num)d journals have no teacher now: hand them over as soon as you know to whom.", left),
                "warning",
            )  # fmt: skip


def _wishes(held: Holdings) -> Wishes:
    """What the form says of what the person has in hand; «0» is «stays» for a journal, «nobody yet» for a class."""
    for_all = asked.as_number(request.form.get("all", ""))
    journals: dict[int, int] = {}
    for journal in held.journals:
        said = request.form.get(f"journal-{journal.assignment.id}", "0")
        taker = asked.as_number(said) or (for_all if said == "" else None)
        if taker:
            journals[journal.assignment.id] = taker
    classes = {
        each.id: asked.as_number(said)
        for each in held.classes
        if (said := request.form.get(f"class-{each.id}", "")) != ""
    }
    said = request.form.get("substitutions", "")
    return Wishes(journals, classes, said != "" and bool(held.substitutions), asked.as_number(said))


def _said(done: Done, name: str, *, ends: bool) -> str:
    parts = []
    if done.journals:
        parts.append(ngettext("%(num)d journal is handed over.", "%(num)d journals are handed over.", done.journals))
    if done.classes:
        parts.append(
            ngettext("%(num)d class has another class teacher.", "%(num)d classes have another class teacher.",
                     done.classes)
        )  # fmt: skip
    if done.lessons:
        parts.append(
            ngettext("%(num)d substitution is given away.", "%(num)d substitutions are given away.", done.lessons)
        )
    if ends:
        parts.append(gettext("%(name)s has no access to the school's journals any more.", name=name))
    return " ".join(parts) or gettext("Nothing was changed: choose who takes what.")


def _signed_out(browsers: int) -> str:
    if not browsers:
        return gettext("Nobody of them was signed in.")
    return ngettext("Signed out of %(num)d browser.", "Signed out of %(num)d browsers.", browsers)
