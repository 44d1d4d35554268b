"""Personal data in the journal and what it stands on; kept by the rules of school archives."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app import models
from app.extensions import Base
from app.personal_data.holdings import Basis, Emptied, Gone, Holding, Retention, Whose, days

JOURNAL = Retention("never deleted by the product: journals 5 years at least, then by an act of the school")
FINALS = Retention("never deleted by the product: final marks 25 years at least, then by an act of the school")
ORDER = Retention("with the journals")

OF_JOURNAL: dict[type[Base], Holding] = {
    models.AcademicYear: Holding(_("Academic year"), Whose.NOBODY, "order of the school", Basis.NONE, ORDER,
                                 plain=("name",)),
    models.Term: Holding(_("Term"), Whose.NOBODY, "order of the school", Basis.NONE, ORDER, plain=("unlock_reason",)),
    models.Holiday: Holding(_("Holidays"), Whose.NOBODY, "order of the school", Basis.NONE, ORDER, plain=("name",)),
    models.BellTime: Holding(_("Bell time"), Whose.NOBODY, "order of the school", Basis.NONE, ORDER),
    models.Subject: Holding(_("Subject"), Whose.NOBODY, "order of the school", Basis.NONE, ORDER,
                            plain=("name", "search_name")),
    models.TeachingAssignment: Holding(_("Teaching assignment"), Whose.STAFF, "who teaches what", Basis.WORK, ORDER),
    models.Handover: Holding(_("Handed over"), Whose.STAFF, "who had a journal before", Basis.WORK, ORDER),
    models.TimetableSlot: Holding(_("Timetable"), Whose.STAFF, "who teaches when", Basis.WORK, ORDER, plain=("room",)),
    models.PlannedTopic: Holding(_("Topics of lesson plans"), Whose.NOBODY, "what will be taught", Basis.NONE, ORDER,
                                 plain=("topic", "homework")),
    models.Lesson: Holding(
        _("Lessons"), Whose.STAFF, "who taught what; homework", Basis.LAW, JOURNAL, plain=("room",),
        texts=("topic", "homework", "cancel_reason"),
    ),
    models.HomeworkFile: Holding(
        _("Files of homework"), Whose.NOBODY, "homework for a class", Basis.NONE, ORDER, plain=("name", "stored")
    ),
    models.StudentHomework: Holding(
        _("Homework for one student"), Whose.STUDENTS, "homework for one student", Basis.LAW, JOURNAL,
        ("text",), erasure=(Gone("student_id"),),
    ),
    models.Work: Holding(_("Works"), Whose.NOBODY, "what is marked", Basis.NONE, JOURNAL, plain=("title",)),
    models.Mark: Holding(
        _("Marks"), Whose.STUDENTS, "progress of the student", Basis.LAW, JOURNAL, ("value", "comment"),
        erasure=(Emptied("student_id", ("comment",)),), rest="the mark stays without a name, its comment goes",
    ),
    models.StaffNote: Holding(
        _("Notes of teachers"), Whose.STUDENTS, "what colleagues should know of a mark", Basis.LAW, JOURNAL, ("text",),
        erasure=(Gone("mark_id.student_id"),),
    ),
    models.Attendance: Holding(
        _("Attendance"), Whose.STUDENTS, "presence of the student", Basis.LAW, JOURNAL, ("status", "reason"),
        erasure=(Emptied("student_id", ("reason",)),), rest="the absence stays without a name, its reason goes",
    ),
    models.RollCall: Holding(_("Roll call"), Whose.NOBODY, "whether attendance was taken", Basis.NONE, JOURNAL),
    models.FinalMark: Holding(
        _("Final marks"), Whose.STUDENTS, "results of the student", Basis.LAW, FINALS, ("value", "reason"),
        erasure=(Emptied("student_id", ("reason",)),), rest="the mark stays without a name, its reason goes",
    ),
    models.EditReceipt: Holding(
        _("Receipts of edits"), Whose.STAFF, "an edit sent twice counts once", Basis.SAFETY,
        days(60, models.EditReceipt.at), ("result",), plain=("key",), erasure=(Gone("user_id"),),
        rest="those that name the person are deleted",
    ),
    models.HomeworkDone: Holding(
        _("Homework ticked off"), Whose.STUDENTS, "the family's own list", Basis.CONSENT,
        days(400, models.HomeworkDone.done_at), erasure=(Gone("student_id"), Gone("done_by_id")),
    ),
}  # fmt: skip
