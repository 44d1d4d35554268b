"""The first screen: what is to do now, composed by the person's rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import current_app, redirect, url_for
from flask_admin import expose
from flask_admin.menu import MenuLink
from flask_babel import format_date
from sqlalchemy.orm import Session

from admin_views import formats
from admin_views.base import SchoolHome, acting, acting_person
from admin_views.control_page import percent, worst_first
from app import clock, policy
from app.backup import standing
from app.control import figures
from app.control.own_lessons import open_lessons
from app.extensions import db
from app.journal.agenda import leading, running, teaching
from app.models import Lesson, NewsItem, SchoolClass, StudentDetails
from app.news import feed
from app.news.text import excerpt
from app.policy import Action, Actor

Section = tuple[str, dict[str, Any]]
"""The template in admin/home/, and what it shows."""

WORST = 6  # rules on the page of who runs the school
SHOWN = 8  # of a longer list, the rest stands behind its link


class DiaryLink(MenuLink):
    """From the panel to the diary, for those of the staff who read one."""

    def is_accessible(self) -> bool:
        """Whether the person has a diary to read."""
        actor = acting()
        return actor is not None and actor.reads_diary


class HomeView(SchoolHome):
    """What is to do now."""

    @expose("/")
    def index(self) -> Any:
        """The sections that the person's rights bring, and the news addressed to them; a parent reads the diary."""
        actor, session = acting_person(), db.session()
        if actor.only_reads:
            return redirect(url_for("diary.start"))
        if policy.may(actor, NewsItem, Action.CREATE):
            news, waiting = feed.latest_and_waiting(session, actor.now)
        else:
            news, waiting = feed.latest(session, actor.now), None
        return self.render(
            "admin/home.html",
            sections=list(_sections(session, actor, waiting)),
            news=news,
            today=actor.today,
            me=actor.user_id,
            yesterday=actor.today - timedelta(1),
            day=_day,
            hour=formats.hour,
            moment=formats.moment,
            excerpt=excerpt,
            percent=percent,
            screen=self._screen,
            shown=SHOWN,
        )

    def _screen(self, endpoint: str) -> str:
        """The address of a screen, or nothing where there is none for this person."""
        view = next((view for view in self.admin._views if view.endpoint == endpoint), None)
        return f"{view.url}/" if view is not None and view.is_accessible() else ""


def _day(value: date) -> str:
    """«пн, 23 нояб.»: all days here are near."""
    return str(format_date(value, "EEE, d MMM"))


def _sections(session: Session, actor: Actor, waiting: list[NewsItem] | None) -> Iterator[Section]:
    """What the person may do decides what stands there; each takes a constant number of statements."""
    may = partial(policy.may, actor)
    today, now = actor.today, actor.now
    classes = None
    if may(SchoolClass, Action.CREATE):
        standings = [
            each for each in figures.standings(session, figures.watch(session, actor, clock.zone())) if each.due
        ]
        classes = running.classes_of_the_year(session, today)
        yield (
            "running",
            {
                "classes": classes,
                "unreached": running.unreached(session, today, now),
                "standings": standings,
                "worst": worst_first(standings)[:WORST],
                "open": sum(each.open for each in standings),
                "waiting": waiting,
                "Reach": leading.Reach,
                "backups": standing.worry(session, now, current_app.config["BACKUP_HOURS"]),
            },
        )
    led = []
    if may(StudentDetails, Action.CHANGE):
        led = classes.led_by(actor.user_id) if classes else leading.led_classes(session, today)
    writes = may(Lesson, Action.CHANGE, policy.TAUGHT)
    if writes:
        yield "teaching", {"lessons": teaching.lessons_of_today(session, today)}
    if writes or led:
        standings = figures.own(session, actor, clock.zone())
        keys = [each.rule.key for each in standings]
        yield "overdue", {"standings": standings, "lessons": open_lessons(session, actor, keys)}
    if led:
        ids = [school_class.id for school_class in led]
        yield (
            "leading",
            {
                "led": led,
                "incomplete": leading.incomplete_students(session, today, ids),
                "unreached": leading.unreached_guardians(session, today, now, ids),
                "away": leading.away_without_reason(session, today, ids),
                "asked": leading.asked_by_families(session),
                "Reach": leading.Reach,
            },
        )
