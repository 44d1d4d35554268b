"""Whether a wish can be written, and what should be looked at before."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import format_date, lazy_gettext, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.journal import term_lock
from app.models import AcademicYear, Enrollment, SchoolClass
from app.models.curriculum import ROMAN
from app.models.people import TermKind
from app.newyear.ground import Ground
from app.newyear.layout import Layout
from app.newyear.proposal import Days, Wish
from app.people.refusal import Refusal

LONGEST = timedelta(400)
NAME = 20  # the length of the column
SHOWN = 8  # names in one sentence


def check(session: Session, ground: Ground, wish: Wish) -> None:
    """Raise Refusal, with what to correct, for a wish that makes no sense."""
    if not wish.name or len(wish.name) > NAME:
        raise Refusal(lazy_gettext("Give the year a name of at most 20 letters, as in 2027/2028."), "name")
    if session.scalar(select(AcademicYear.id).where(AcademicYear.name == wish.name)) is not None:
        raise Refusal(lazy_gettext("There is a year «%(name)s» already. Choose another name.", name=wish.name), "name")
    days = wish.days
    if days.starts_on <= ground.year.ends_on:
        raise Refusal(
            lazy_gettext("The new year begins after the last day of the old one, %(day)s.",
                         day=format_date(ground.year.ends_on, "d MMM y")), "starts_on",
        )  # fmt: skip
    if not days.starts_on < days.ends_on <= days.starts_on + LONGEST:
        raise Refusal(lazy_gettext("The year ends after it begins, and lasts 400 days at most."), "ends_on")
    _check_terms(wish)
    if not wish.first_letters and not any(each.goes_on for each in wish.classes):
        raise Refusal(lazy_gettext("No class goes on and there are no new first classes: nothing would be left."))
    if len(set(wish.first_letters)) < len(wish.first_letters):
        raise Refusal(lazy_gettext("Each new first class needs a letter of its own."), "first")


def _check_terms(wish: Wish) -> None:
    last: dict[TermKind, date] = {}
    for (kind, number), days in sorted(wish.terms.items(), key=lambda term: (term[0][0].value, term[0][1])):
        field = f"term-{kind.value}-{number}"
        words = {"term": f"{ROMAN[number]} {str(kind).lower()}"}
        if not days.starts_on < days.ends_on:
            raise Refusal(lazy_gettext("%(term)s: the last day comes after the first one.", **words), field)
        if not (wish.days.starts_on <= days.starts_on and days.ends_on <= wish.days.ends_on):
            raise Refusal(lazy_gettext("%(term)s: the days are outside of the year.", **words), field)
        if kind in last and days.starts_on <= last[kind]:
            raise Refusal(lazy_gettext("%(term)s begins before the one before it has ended.", **words), field)
        last[kind] = days.ends_on


def warnings(session: Session, ground: Ground, wish: Wish, layout: Layout, today: date) -> list[str]:
    """What the deputy director should know before writing; nothing of it stands in the way."""
    found = _open_work(session, ground, today)
    for old, number in layout.leaving.items():
        found.append(
            ngettext("%(num)d student of %(name)s is in no class of the new year.",
                     "%(num)d students of %(name)s are in no class of the new year.", number, name=str(old))
        )  # fmt: skip
    for each in layout.classes:
        if len(each.sources) > 1:
            old_names = ", ".join(str(source) for source in each.sources)
            found.append(_("%(names)s become one class, %(name)s. Where both have a teacher of a subject, that of the "
                           "first stays.", names=old_names, name=str(each)))  # fmt: skip
    if layout.unled:
        found.append(_("Without a class teacher: %(names)s.", names=_listed([str(each) for each in layout.unled])))
    if layout.untaught:
        untaught = _listed([f"{each} ({each.teacher.short_name})" for each in layout.untaught])
        found.append(_("Not copied, because the teacher has left: %(names)s.", names=untaught))
    kinds = {kind for kind, _number in wish.terms}
    missing = sorted({each.term_kind for each in layout.classes} - kinds, key=lambda kind: kind.value)
    for kind in missing:
        names = _listed([str(each) for each in layout.classes if each.term_kind is kind])
        found.append(
            _("The year has no terms of the kind «%(kind)s», by which %(names)s would be taught. Add them afterwards.",
              kind=str(kind).lower(), names=names)
        )  # fmt: skip
    return found


def _open_work(session: Session, ground: Ground, today: date) -> list[str]:
    found = []
    open_terms = [term for term in ground.terms if not term.is_locked]
    if open_terms:
        found.append(
            ngettext("%(num)d term of the old year is not locked: %(names)s.",
                     "%(num)d terms of the old year are not locked: %(names)s.", len(open_terms),
                     names=_listed([term.short_name for term in open_terms]))
        )  # fmt: skip
    over = [term for term in open_terms if term.ends_on < today]
    finals = sum(term_lock.total(term_lock.missing(session, term, today)).finals for term in over)
    if finals:
        found.append(
            ngettext("%(num)d final mark of the old year is missing. It can still be given after the step.",
                     "%(num)d final marks of the old year are missing. They can still be given after the step.", finals)
        )  # fmt: skip
    if today <= ground.year.ends_on:
        found.append(_("The old year lasts until %(day)s. Who comes, moves or leaves until then has to be changed in "
                       "the new classes too.", day=format_date(ground.year.ends_on, "d MMM y")))  # fmt: skip
    elsewhere = (
        select(func.count())
        .select_from(Enrollment)
        .join(Enrollment.school_class)
        .where(Enrollment.ends_on.is_(None), SchoolClass.academic_year_id != ground.year.id)
    )
    forgotten = session.scalar(elsewhere) or 0
    if forgotten:
        found.append(
            ngettext("%(num)d student is still in a class of an earlier year and does not go on.",
                     "%(num)d students are still in classes of earlier years and do not go on.", forgotten)
        )  # fmt: skip
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + ("…" if len(names) > SHOWN else "")


def spans(wish: Wish) -> list[tuple[str, Days]]:
    """The terms by name, in their order."""
    ordered = sorted(wish.terms.items(), key=lambda term: (term[0][0].value, term[0][1]))
    return [(f"{ROMAN[number]} {str(kind).lower()}", days) for (kind, number), days in ordered]
