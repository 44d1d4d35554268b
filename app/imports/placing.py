"""Which class a student is in from which day, so that two enrolments never overlap."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext

from app.imports.known import Class, Known, Pupil, Spell
from app.imports.people import Findings
from app.imports.values import ClassName, ValueProblem


def class_for(known: Known, name: ClassName, lettered: set[int]) -> Class:
    """The class of the year with this name, a new one if there is none.

    ``lettered`` are grades that have classes with letters: in those «5» alone says too little (ValueProblem).
    """
    if name not in known.classes:
        if not name.letter and name.grade in lettered:
            raise ValueProblem(lazy_gettext("grade %(grade)s has several classes; add the letter", grade=name.grade))
        known.classes[name] = Class(None, name, known.year.id)
    return known.classes[name]


def check_place(pupil: Pupil, school_class: Class, day: date) -> None:
    """Raise ValueProblem when the student is to join another class later, which only a person can sort out."""
    later = next((spell for spell in pupil.spells if spell.starts_on > day), None)
    if later and later.school_class is not school_class and not _stays(pupil, school_class, day):
        raise ValueProblem(
            lazy_gettext(
                "the student joins %(name)s on %(date)s; change that on the student's page",
                name=str(later.school_class.name), date=f"{later.starts_on:%d.%m.%Y}",
            )
        )  # fmt: skip


def place(known: Known, pupil: Pupil, school_class: Class, day: date, findings: Findings) -> bool:
    """Enrol the student in the class from ``day``, and say whether they leave another class of the year.

    A list for a class that has not begun counts from the first day of the year, since its students have been there
    from then on; whoever comes to a class that has begun comes on ``day``. The enrolment before ends on the day before.
    """
    if _stays(pupil, school_class, day) or any(
        spell.starts_on > day and spell.school_class is school_class for spell in pupil.spells
    ):
        return False
    before = pupil.spell_on(day)
    if before and before.starts_on >= day:
        _correct(before, school_class, findings)
        _leave_groups(known, pupil, before, day)
        before.school_class = school_class
        return True
    starts_on = _first_day(known, pupil, school_class, day)
    if before:
        before.ends_on = before.changes["ends_on"] = starts_on - timedelta(days=1)
        findings.details.append(
            lazy_gettext(
                "leaves %(name)s, the last day is %(date)s",
                name=str(before.school_class.name), date=f"{before.ends_on:%d.%m.%Y}",
            )
        )  # fmt: skip
        _leave_groups(known, pupil, before, starts_on)
    pupil.spells.append(Spell(None, school_class, starts_on))
    findings.details.append(
        lazy_gettext("enrolled in %(name)s from %(date)s", name=str(school_class.name), date=f"{starts_on:%d.%m.%Y}")
    )
    return before is not None and before.school_class.year_id == known.year.id


def _stays(pupil: Pupil, school_class: Class, day: date) -> bool:
    spell = pupil.spell_on(day)
    return spell is not None and spell.school_class is school_class


def _correct(before: Spell, school_class: Class, findings: Findings) -> None:
    """An enrolment that begins on the very day has lasted no day yet: its class is put right."""
    findings.details.append(
        lazy_gettext(
            "%(new)s in place of %(old)s, from %(date)s",
            new=str(school_class.name), old=str(before.school_class.name), date=f"{before.starts_on:%d.%m.%Y}",
        )
    )  # fmt: skip
    before.changes["school_class"] = school_class


def _first_day(known: Known, pupil: Pupil, school_class: Class, day: date) -> date:
    first, before = known.year.starts_on, pupil.spell_on(day)
    promoted = before and before.school_class.year_id != known.year.id and before.starts_on < first
    others = [spell for spell in pupil.spells if not (promoted and spell is before)]
    elsewhere = any(spell.ends_on is None or spell.ends_on >= first for spell in others)
    return day if school_class.has_begun or elsewhere else first


def _leave_groups(known: Known, pupil: Pupil, before: Spell, starts_on: date) -> None:
    for membership in pupil.memberships:
        if membership.school_class_id == before.school_class.id:
            known.ended.append((membership, starts_on - timedelta(days=1)))
