"""The second factor of people as the administration sees it: since when it is on; taken off for who has lost it."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import exists

from admin_views import formats
from admin_views.base import acting_person, attempt, explanation
from app import policy
from app.auth import second_factor
from app.auth.asked_again import asks_again
from app.extensions import db
from app.models import SecondFactor, User
from app.people.refusal import Refusal
from app.policy import Action

IS_ON = exists().where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))


def told(person: User) -> str:
    """«on since …» or «off»."""
    factor = person.second_factor
    if factor is None or factor.confirmed_at is None:
        return gettext("off")
    return gettext("on since %(moment)s", moment=formats.moment(factor.confirmed_at))


class ResetsSecondFactor:
    """A screen of people with a button that takes the second factor off."""

    def may_reset_second_factor(self, row: User) -> bool:
        """Whether it is on, somebody else's, and the person's to take off."""
        factor = row.second_factor
        return factor is not None and factor.confirmed_at is not None and _may_reset(factor)

    @expose("/second-factor/reset/", methods=("POST",))
    @asks_again(lambda: True)
    def reset_second_factor(self) -> Any:
        """Take it off and sign the person out everywhere; the password stays."""
        number = request.form.get("id", "")
        if not re.fullmatch(r"[1-9]\d{0,8}", number, re.ASCII):
            abort(404)
        session = db.session()
        factor = second_factor.of(session, int(number))
        if factor is None:  # there is none, or it is not seen
            abort(404)
        if not _may_reset(factor):
            abort(403)

        def reset() -> str:
            if not second_factor.reset(session, int(number), acting_person().now):
                raise Refusal(gettext("The second factor was taken off already."))
            return gettext("The second factor is reset. The person is signed out and learns of it at the next sign-in.")

        problem = attempt(reset)
        if problem is not None:
            flash(explanation(problem) or "", "error")
        return redirect(self.get_url(".details_view", id=number))  # type: ignore[attr-defined]


def _may_reset(factor: SecondFactor) -> bool:
    """The own one is switched off on the account page, with the password and a code."""
    is_own = factor.user_id == acting_person().user_id
    return not is_own and bool(policy.allowed(db.session(), SecondFactor, Action.DELETE, [factor.id]))
