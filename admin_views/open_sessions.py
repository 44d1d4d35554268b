"""Where somebody is signed in, as those see it who may sign them out: of one browser, a lost telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, redirect
from flask_admin import expose
from flask_babel import gettext

from admin_views import asked
from admin_views.base import acting, acting_person, attempt
from app import policy
from app.auth import agents, sessions, signed_in
from app.extensions import db
from app.models import User, UserSession
from app.policy import Action

ENDS = frozenset({"ended_at"})


class EndsSessions:
    """A screen of people whose sign-ins are shown one by one, each with a button that ends it."""

    device = staticmethod(agents.device)

    def open_sessions(self, person: User) -> Sequence[UserSession]:
        """Those that still count, latest first; none of the reader's own, which stand on the account page."""
        if person.id == acting_person().user_id or not policy.may(acting(), UserSession, Action.CHANGE, ENDS):
            return ()
        staff, now, limits = person.is_staff or person.is_deputy_director, acting_person().now, signed_in.limits()
        return [row for row in person.sessions if limits.hold(row.created_at, row.last_seen_at, staff=staff, now=now)]

    @expose("/session/end/", methods=("POST",))
    def end_session(self) -> Any:
        """End one sign-in of somebody else; 404 for one that is not seen."""
        number = asked.number("session")
        row = db.session.get(UserSession, number) if number else None
        if row is None:
            abort(404)
        person = row.user_id

        def end() -> str:
            sessions.end(db.session(), person, acting_person().now, only=row.id)
            return gettext("That device is signed out.")

        if (problem := attempt(end)) is not None:
            raise problem
        return redirect(self.get_url(".details_view", id=person))  # type: ignore[attr-defined]
