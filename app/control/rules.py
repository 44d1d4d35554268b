"""The table of rules that are watched, in the order of the regulation's clauses (``domain.md``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app import policy
from app.control import lessons, school, students, terms
from app.control.duties import Agreed, Watch
from app.extensions import Base
from app.models import NewsItem, SchoolClass
from app.policy import Action
from app.regulation import MARKS_WITHIN

Cases = Callable[[Watch, Agreed], Any]


@dataclass(frozen=True)
class Rule:
    """A rule of the regulation.

    ``cases`` gives its cases in SQL, see ``duties.case_of`` (None of a rule that has none now); they are up to nobody
    and of no class where it ``is_of_school``. ``days`` and ``minimum`` are the usual values, None for what the rule
    does not have; a rule about a state (``is_state``) is looked at as it is now, others by the day they are about.
    ``needs`` is what a person may have to do for the rule to be theirs to look at. ``reminds``: whom a case is up to
    can be reminded of it.
    """

    key: str
    clause: str
    title: LazyString
    explanation: LazyString
    cases: Cases
    days: int | None = None
    minimum: int | None = None
    has_minimum: bool = False
    remind_days: int = 3
    is_state: bool = False
    is_of_school: bool = False
    needs: tuple[type[Base], Action] | None = None
    reminds: bool = True

    def is_for(self, actor: policy.Actor | None) -> bool:
        """Whether the person has to do with the rule; work without a person has to do with all."""
        return actor is None or self.needs is None or policy.may(actor, *self.needs)


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            "forbidden", "2.2", _("No marks where there must be none"),
            _("Lessons of grade 1, and of the first term of grade 2, have neither marks nor homework."),
            lessons.cases("forbidden"),
        ),
        Rule(
            "attendance", "2.2", _("Attendance is taken"),
            _("Who is away, or that nobody is, is noted, so many days after the lesson (0: on the day)."),
            lessons.cases("attendance"), days=0,
        ),
        Rule(
            "staff", "2.2, 2.5", _("Every teacher has access"),
            _("Whoever teaches or leads a class has a password, or a code that can still be used, so many days after "
              "they were entered."),
            school.staff, days=7, is_state=True, needs=(SchoolClass, Action.CREATE), reminds=False,
        ),
        Rule(
            "news", "2.2", _("News are published regularly"),
            _("In each week of lessons, the latest news item is not older than so many days."),
            school.news, days=14, is_of_school=True, needs=(NewsItem, Action.CREATE), reminds=False,
        ),
        Rule(
            "data", "2.3", _("Data of students is complete"),
            _("Date of birth, a parent, and a phone or e-mail of a parent are known, so many days after the student "
              "came."),
            students.data, days=14, remind_days=7, is_state=True,
        ),
        Rule(
            "guardians", "2.3, 2.5", _("Every student has a parent with access"),
            _("A parent has set a password, so many days after the student came."),
            students.guardians, days=14, remind_days=7, is_state=True,
        ),
        Rule(
            "visits", "2.3", _("Parents look into the diary"),
            _("Of the students whose parents have access: a parent opened the diary in the last so many days outside "
              "the holidays."),
            students.visits, days=14, remind_days=7, is_state=True,
        ),
        Rule(
            "topics", "2.4", _("Topics of lessons are filled"),
            _("The topic stands in the journal, so many days after the lesson (0: on the day)."),
            lessons.cases("topics"), days=0,
        ),
        Rule(
            "homework", "2.4", _("Homework on the day of the lesson"),
            _("Homework is given, in words or as a file, so many days after the lesson (0: on the day)."),
            lessons.cases("homework"), days=0,
        ),
        Rule(
            "marks", "2.4", _("Marks within a week"),
            _("Each work has its marks, so many days after the lesson. Its first mark counts: who was away may get "
              "theirs later."),
            lessons.cases("marks"), days=MARKS_WITHIN.days,
        ),
        Rule(
            "enough", "2.4", _("Enough marks for a final mark"),
            _("From so many days before the end of a term on, each student has the least number of marks in each "
              "subject."),
            terms.enough, days=14, has_minimum=True, remind_days=5,
        ),
        Rule(
            "finals", "2.4", _("Final marks in time"),
            _("Each student has the final mark of the term, and of the year, in each subject, so many days after its "
              "end."),
            terms.finals, days=2,
        ),
    )
}  # fmt: skip
