"""What a list would change: every row compared with the journal, in the order of the file; nothing is written."""

from __future__ import annotations

from collections import Counter
from datetime import date

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app import policy
from app.imports.headings import LABELS, Field, Kind
from app.imports.known import Class, Guardian, Pupil, Year, academic_year, look_up
from app.imports.notes import notes_of
from app.imports.outcome import Counts, Line, Outcome, Plan, Problem
from app.imports.people import Findings, find_guardian, find_pupil, take_contacts, warn_of_namesakes
from app.imports.placing import check_place, class_for, place
from app.imports.rows import ListedGuardian, ListedStudent, RowReader
from app.imports.table import Table
from app.imports.values import ClassName, Name, ValueProblem
from app.models import StudentImport
from app.models.people import Relation


def plan(session: Session, table: Table, today: date) -> Plan:
    """What importing ``table`` on ``today`` would do.

    Raises PolicyError for a session whose person may not import: a deputy director may, and work without a person.
    """
    return Planner(session, table, today).plan()


class Planner:
    """Plans one table; ``known`` then holds what is to be written."""

    def __init__(self, session: Session, table: Table, today: date) -> None:
        actor = policy.actor_of(session)
        if actor is not policy.SYSTEM and not policy.may(actor, StudentImport, policy.Action.CREATE):
            # Who does not see every student would make those out of sight a second time.
            raise policy.PolicyError(policy.Action.CREATE, StudentImport)
        reader = RowReader(table, today)
        self._table, self._today = table, today
        self._rows = [reader.read(row) for row in table.rows]
        year = academic_year(session, today) or _usual_year(today)
        self._day = max(today, year.starts_on)
        self.known = look_up(session, year, self._day, *_asked(self._rows))
        self._lettered = {name.grade for name in self._class_names() if name.letter}
        self._columns = {field: column.heading for column in table.columns if (field := column.field)}
        self._name_column = self._columns.get(Field(Kind.FULL_NAME)) or self._columns.get(Field(Kind.FAMILY_NAME), "")
        self._class_column = self._columns.get(Field(Kind.CLASS), "")
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []
        self._moved = 0
        self._changed_guardians: set[int] = set()

    def plan(self) -> Plan:
        """Compare all rows; to be called once."""
        lines = tuple(self._line(listed) for listed in self._rows)
        return Plan(
            today=self._today,
            academic_year=self.known.year.name,
            lines=lines,
            problems=tuple(self._problems),
            warnings=tuple(self._warnings),
            notes=notes_of(self._table, self.known, self._rows),
            counts=self._counts(lines),
        )

    def _class_names(self) -> list[ClassName]:
        return [*self.known.classes, *(row.school_class for row in self._rows if row.school_class)]

    def _counts(self, lines: tuple[Line, ...]) -> Counts:
        outcomes = Counter(line.outcome for line in lines)
        refused = {line.row for line in lines if line.outcome is Outcome.REFUSED}
        return Counts(
            rows=len(lines),
            created=outcomes[Outcome.CREATE],
            changed=outcomes[Outcome.CHANGE],
            unchanged=outcomes[Outcome.UNCHANGED],
            refused=outcomes[Outcome.REFUSED],
            warned=len({warning.row for warning in self._warnings} - refused),
            guardians=sum(guardian.id is None for guardian in self.known.guardians),
            guardianships=len(self.known.links),
            classes=sum(each.id is None and each.is_wanted for each in self.known.classes.values()),
            moved=self._moved,
        )

    # ---- one row

    def _line(self, listed: ListedStudent) -> Line:
        shown_class = str(listed.school_class or "")
        if listed.refused or not listed.name or not listed.school_class:
            return self._refuse(listed, shown_class, listed.refused)
        findings = Findings(listed.number)
        column = self._class_column
        try:
            school_class = class_for(self.known, listed.school_class, self._lettered)
            column = self._name_column
            pupil = find_pupil(self.known, listed, listed.name, listed.school_class, self._day)
            column = self._class_column
            if pupil:
                check_place(pupil, school_class, self._day)
        except ValueProblem as problem:
            shown = shown_class if column == self._class_column else str(listed.name)
            return self._refuse(
                listed, shown_class, [Problem(listed.number, column, shown, problem.reason, left_out=True)]
            )
        return self._take(listed, listed.name, pupil, school_class, findings)

    def _refuse(self, listed: ListedStudent, shown_class: str, problems: list[Problem]) -> Line:
        self._problems.extend(problems)
        self._warnings.extend(listed.warnings)
        return Line(listed.number, Outcome.REFUSED, listed.title, shown_class, tuple(each.reason for each in problems))

    def _take(
        self, listed: ListedStudent, name: Name, pupil: Pupil | None, school_class: Class, findings: Findings
    ) -> Line:
        is_new = pupil is None
        if pupil is None:
            pupil = Pupil(None, name)
            self.known.pupils[name.key].append(pupil)
        repeats = pupil.row is not None
        if repeats:
            reason = lazy_gettext("row %(row)s is about the same student", row=pupil.row)
            findings.warn(self._name_column, str(name), reason)
        pupil.row = pupil.row or listed.number
        school_class.is_wanted = True
        self._moved += place(self.known, pupil, school_class, self._day, findings)
        self._details(listed, pupil, is_new, repeats, findings)
        if is_new:
            warn_of_namesakes(self.known, name, pupil, self._name_column, findings)
        for guardian in listed.guardians:
            self._guardian(pupil, guardian, findings)
        self._warnings.extend((*listed.warnings, *findings.warnings))
        outcome = Outcome.CREATE if is_new else Outcome.CHANGE if findings.details else Outcome.UNCHANGED
        return Line(listed.number, outcome, str(name), str(school_class.name), tuple(findings.details))

    def _details(self, listed: ListedStudent, pupil: Pupil, is_new: bool, repeats: bool, findings: Findings) -> None:
        """Birth date, contacts and a patronymic the journal lacks, or that the list gives differently."""
        if listed.birth_date is None and pupil.birth_date is None and Field(Kind.BIRTH_DATE) in self._columns:
            heading = self._columns[Field(Kind.BIRTH_DATE)]
            findings.warn(heading, "", lazy_gettext("the birth date is missing"), left_out=True)
        for kind in (Kind.BIRTH_DATE, Kind.PHONE, Kind.EMAIL, Kind.ADDRESS):
            value, kept = getattr(listed, kind.value), getattr(pupil, kind.value)
            if value is None or value == kept:
                continue
            if kept is not None and repeats:
                reason = lazy_gettext("row %(row)s is about the same student and gives %(kept)s; that one is kept",
                                      row=pupil.row, kept=_shown(kept))  # fmt: skip
                findings.warn(self._columns[Field(kind)], _shown(value), reason, left_out=True)
                continue
            self._set(pupil, kind.value, value, is_new, findings)
        if listed.name and listed.name.patronymic and not pupil.name.patronymic:
            pupil.name = listed.name
            pupil.changes["patronymic"] = listed.name.patronymic
            findings.details.append(
                lazy_gettext("%(name)s: %(new)s is added", name=LABELS[Kind.PATRONYMIC], new=listed.name.patronymic)
            )

    def _set(self, pupil: Pupil, attribute: str, value: object, is_new: bool, findings: Findings) -> None:
        kept = getattr(pupil, attribute)
        setattr(pupil, attribute, value)
        pupil.changes[attribute] = value
        what = LABELS[Kind(attribute)]
        if kept is not None:
            findings.details.append(
                lazy_gettext("%(name)s: %(old)s becomes %(new)s", name=what, old=_shown(kept), new=_shown(value))
            )
        elif not is_new:
            findings.details.append(lazy_gettext("%(name)s: %(new)s is added", name=what, new=_shown(value)))

    def _guardian(self, pupil: Pupil, listed: ListedGuardian, findings: Findings) -> None:
        guardian = find_guardian(self.known, pupil, listed)
        if guardian is None:
            guardian = Guardian(None, listed.name, listed.phone, listed.email)
            for kind in ("phone", "email"):
                if getattr(guardian, kind):
                    guardian.given[kind] = findings.row
            self.known.guardians.append(guardian)
            take_contacts(self.known, guardian, listed, findings)
            self.known.remember(guardian)
            self._link(pupil, guardian, listed.relation, findings, is_new=True)
            return
        if guardian not in pupil.guardians:
            self._link(pupil, guardian, listed.relation, findings, is_new=False)
        take_contacts(self.known, guardian, listed, findings)

    def _link(self, pupil: Pupil, guardian: Guardian, relation: Relation, findings: Findings, *, is_new: bool) -> None:
        pupil.guardians.append(guardian)
        self.known.links.append((guardian, pupil, relation))
        contacts = ", ".join(contact for contact in (guardian.phone, guardian.email) if contact)
        values = {"name": str(guardian.name), "relation": relation.label, "contacts": contacts or "—"}
        findings.details.append(
            lazy_gettext("new guardian %(name)s (%(relation)s): %(contacts)s", **values)
            if is_new
            else lazy_gettext("guardian %(name)s (%(relation)s), known already: %(contacts)s", **values)
        )


def _shown(value: object) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


def _asked(rows: list[ListedStudent]) -> tuple[set[str], set[str], set[str]]:
    """Name keys, phones and e-mails of a list."""
    guardians = [guardian for row in rows for guardian in row.guardians]
    return (
        {row.name.key for row in rows if row.name},
        {guardian.phone for guardian in guardians if guardian.phone},
        {guardian.email for guardian in guardians if guardian.email},
    )


def _usual_year(today: date) -> Year:
    """The academic year for an installation that has none: from 1 September to 31 May, in summer the coming one."""
    first = today.year if today.month >= 6 else today.year - 1
    return Year(None, f"{first}/{first + 1}", date(first, 9, 1), date(first + 1, 5, 31))
