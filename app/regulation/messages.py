"""What people read when a rule refuses: why, what was kept, what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext

NO_MARKS = lazy_gettext(
    "Regulation, clause 2.2: in grade 1 and in the first quarter of grade 2 there are no marks and no homework, "
    "only attendance. Nothing was saved."
)
LOCKED = lazy_gettext(
    "The term is locked: its marks are final. Ask the deputy director to unlock it. Nothing was saved."
)
NOT_IN_GROUP = lazy_gettext("The student did not belong to the group of this lesson on that day. Nothing was saved.")
OTHER_JOURNAL = lazy_gettext(
    "A final mark is of the subject, the year and the students of its teaching assignment. Nothing was saved."
)
OVERLAP = lazy_gettext(
    "The student is in a class in these days already: end the earlier enrolment first. Nothing was saved."
)
NOT_IN_CLASS = lazy_gettext(
    "Members of a part of a class are students of that class on the day they join it. Nothing was saved."
)
HOMEWORK_STAYS = lazy_gettext(
    "The lesson has homework files or homework for single students. Delete these first. Nothing was deleted."
)
NEEDS_REASON = lazy_gettext(
    "A final mark differs from the proposed one by more than the school allows: give the reason. Nothing was saved."
)
OPENED_WITHOUT_REASON = lazy_gettext("A locked term is opened only with a reason. Nothing was changed.")
LAST_DEPUTY = lazy_gettext(
    "At least one deputy director must be able to sign in. Give somebody else the right first. Nothing was saved."
)
