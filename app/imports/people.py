"""Who a row is about: finds the student and the guardians it means among those the journal knows.

Nobody is ever joined with somebody else on the name alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext

from app.imports.known import Guardian, Known, Pupil
from app.imports.outcome import Problem
from app.imports.rows import ListedGuardian, ListedStudent
from app.imports.table import Text
from app.imports.values import ClassName, Name, ValueProblem


@dataclass
class Findings:
    """What comes to light while a row is compared with the journal."""

    row: int
    details: list[Text] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, column: str, value: str, reason: Text, *, left_out: bool = False) -> None:
        """Add a warning."""
        self.warnings.append(Problem(self.row, column, value, reason, left_out))


def find_pupil(known: Known, listed: ListedStudent, name: Name, school_class: ClassName, day: date) -> Pupil | None:
    """The student of a row, None for a new one.

    Raises ValueProblem when it cannot be told: with a birth date, name and date decide; without one the row is taken
    only for the single student of that name, and only in the same class.
    """
    same = [pupil for pupil in known.pupils.get(name.key, ()) if pupil.name.may_be(name)]
    if listed.birth_date is None:
        return _without_date(same, school_class, day)
    exact = [pupil for pupil in same if pupil.birth_date == listed.birth_date]
    if len(exact) > 1:
        raise ValueProblem(lazy_gettext("several students of the journal have this name and birth date"))
    if exact:
        if exact[0].row is not None and not _is_in(exact[0], school_class, day):
            raise ValueProblem(lazy_gettext("row %(row)s puts this student into another class", row=exact[0].row))
        return exact[0]
    return _undated([pupil for pupil in same if pupil.birth_date is None], school_class, day)


def _is_in(pupil: Pupil, school_class: ClassName, day: date) -> bool:
    spell = pupil.spell_on(day)
    return spell is not None and spell.school_class.name == school_class


def _without_date(same: list[Pupil], school_class: ClassName, day: date) -> Pupil | None:
    if not same:
        return None
    if len(same) == 1 and same[0].row is None and _is_in(same[0], school_class, day):
        return same[0]
    raise ValueProblem(
        lazy_gettext("the birth date is missing and the name is known already; give the date to tell students apart")
    )


def _undated(undated: list[Pupil], school_class: ClassName, day: date) -> Pupil | None:
    """A student the journal knows without a birth date, whom the row's date can complete."""
    if not undated:
        return None
    if len(undated) == 1 and undated[0].row is None and _is_in(undated[0], school_class, day):
        return undated[0]
    raise ValueProblem(
        lazy_gettext("a student of this name without a birth date is known; write that student's date first")
    )


def warn_of_namesakes(known: Known, name: Name, pupil: Pupil, column: str, findings: Findings) -> None:
    """Tell of students who share the name, or family and given name and the birth date, of a new one."""
    for other in known.pupils[name.key]:
        if other is pupil:
            continue
        born = f"{other.birth_date:%d.%m.%Y}" if other.birth_date else ""
        if other.name.may_be(name):
            reason = lazy_gettext("another student of this name was born on %(date)s; they are kept apart", date=born)
        elif other.birth_date and other.birth_date == pupil.birth_date:
            reason = lazy_gettext("%(name)s was born on the same day; they are kept apart", name=str(other.name))
        else:
            continue
        findings.warn(column, str(name), reason)


# ---- guardians


def find_guardian(known: Known, pupil: Pupil, listed: ListedGuardian) -> Guardian | None:
    """The person a row means, None for a new one.

    That is a guardian of this student with the name, else anybody with the name and the same phone or e-mail.
    """
    for candidate in (*pupil.guardians, *_with_contacts(known, listed)):
        if candidate.name.may_be(listed.name):
            return candidate
    return None


def _with_contacts(known: Known, listed: ListedGuardian) -> Iterator[Guardian]:
    for kind, value in (("phone", listed.phone), ("email", listed.email)):
        if value:
            yield from known.contacts.get((kind, value), ())


def take_contacts(known: Known, guardian: Guardian, listed: ListedGuardian, findings: Findings) -> None:
    """Write the contacts of a row where that is right, and tell where it is not.

    An empty one is filled. One that differs is changed, unless an earlier row of the list gave it or the person has
    a password: then they keep their contacts themselves, and a list may be older than what they wrote.
    """
    for kind, value, column in (
        ("phone", listed.phone, listed.phone_column),
        ("email", listed.email, listed.email_column),
    ):
        if value is None:
            continue
        _warn_of_sharing(known, guardian, kind, value, column, findings)
        kept: str | None = getattr(guardian, kind)
        if kept == value:
            guardian.given.setdefault(kind, findings.row)
        elif kept and kind in guardian.given:
            reason = lazy_gettext(
                "row %(row)s gives %(kept)s for the same person; that one is kept", row=guardian.given[kind], kept=kept
            )
            findings.warn(column, value, reason, left_out=True)
        elif kept and guardian.is_settled:
            reason = lazy_gettext("%(name)s has access already and keeps %(kept)s", name=str(guardian.name), kept=kept)
            findings.warn(column, value, reason, left_out=True)
        else:
            _write(known, guardian, kind, value, findings)


def _write(known: Known, guardian: Guardian, kind: str, value: str, findings: Findings) -> None:
    kept = getattr(guardian, kind)
    setattr(guardian, kind, value)
    guardian.changes[kind] = value
    guardian.given[kind] = findings.row
    known.remember(guardian)
    if kept:
        known.contacts[kind, kept].remove(guardian)
        findings.details.append(
            lazy_gettext("%(name)s: %(old)s becomes %(new)s", name=str(guardian.name), old=kept, new=value)
        )
    else:
        findings.details.append(lazy_gettext("%(name)s: %(new)s is added", name=str(guardian.name), new=value))


def _warn_of_sharing(known: Known, guardian: Guardian, kind: str, value: str, column: str, findings: Findings) -> None:
    for other in known.contacts.get((kind, value), ()):
        if other is not guardian:
            reason = lazy_gettext(
                "%(other)s has the same contact; %(name)s is taken for another person, and messages for both go there",
                other=str(other.name), name=str(guardian.name),
            )  # fmt: skip
            findings.warn(column, value, reason)
