"""The calendar for a phone: the secret address of a student's lessons and homework, and what is behind it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, policy
from app.auth import signed_in
from app.diary import calendar_feed
from app.diary.frame import blueprint, child, page, reader
from app.extensions import db
from app.models import Account, CalendarFeed, Student

TOKEN = re.compile(r"[a-z2-7]{32}")


@blueprint.get("/<int:student>/calendar/")
def calendar(student: int) -> ResponseReturnValue:
    """The address, for a calendar program to follow."""
    of, address = child(student), ""
    feed = calendar_feed.feed_of(db.session(), of.id)
    if feed is not None:
        token = calendar_feed.token_of(current_app.config["SECRET_KEY"], reader().user_id, of.id, feed.version)
        address = current_app.config["PUBLIC_URL"] + url_for("diary.calendar_file", token=token)
    return page("calendar.html", of, address=address, qr=_qr(address), webcal=re.sub(r"^https?:", "webcal:", address))


@blueprint.post("/<int:student>/calendar/")
def renew_calendar(student: int) -> ResponseReturnValue:
    """Make the address, or a new one."""
    of = child(student)
    is_new = calendar_feed.feed_of(db.session(), of.id) is None
    calendar_feed.renew(db.session(), of.id, current_app.config["SECRET_KEY"])
    db.session.commit()
    if not is_new:
        flash(gettext("There is a new address. The old one does not work any more."), "success")
    return redirect(url_for("diary.calendar", student=of.id))


@blueprint.get("/calendar/<token>.ics")
def calendar_file(token: str) -> ResponseReturnValue:
    """The calendar behind an address, read as the person it belongs to; nothing is there once they may not read it."""
    if not TOKEN.fullmatch(token):
        abort(404)
    now = signed_in.now()
    with policy.system() as facts:
        known = select(CalendarFeed).where(CalendarFeed.token_hash == calendar_feed.token_hash(token))
        feed = facts.scalars(known).one_or_none()
        actor = policy.load_actor(facts, feed.user_id, clock.day_of(now), now) if feed else None
    if feed is None or actor is None:
        abort(404)
    with Session(db.engine) as session:
        policy.act_as(session, actor)
        return _file(session, feed.student_id, actor)


def _file(session: Session, student_id: int, actor: policy.Actor) -> Response:
    """The file in the language of its reader, made only if it has changed; 404 when the student's diary is not theirs
    to read (any more)."""
    own = select(Student).where(Student.id == student_id, Student.id.in_(policy.children(actor)))
    student = session.scalars(own).one_or_none()
    if student is None:
        abort(404)
    locale = session.scalars(select(Account.locale).where(Account.user_id == actor.user_id)).one_or_none()
    found = calendar_feed.entries(session, student.id, actor.today)
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "journal"
    with force_locale(locale or current_app.config["LOCALE"]):
        content = gettext("Lessons: %(name)s", name=student.given_name), found, student.id, clock.zone(), host
        answer = Response(mimetype="text/calendar", headers={"Cache-Control": "private, max-age=900"})
        answer.headers["Content-Disposition"] = "inline; filename=diary.ics"
        answer.set_etag(calendar_feed.validator(*content), weak=True)
        answer.make_conditional(request)
        if answer.status_code == 200:
            answer.set_data(calendar_feed.calendar(*content))
    return answer


def _qr(address: str) -> Markup:
    """The address as an inline picture, without style attributes."""
    if not address:
        return Markup()
    import segno

    return Markup(segno.make_qr(address, error="m").svg_inline(omitsize=True, svgclass=None, lineclass=None))  # noqa: S704  # nosec B704 # segno draws squares
