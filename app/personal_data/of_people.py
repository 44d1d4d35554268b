"""Personal data in the tables of people, classes and requests of families."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app import models
from app.extensions import Base
from app.personal_data.holdings import Basis, Emptied, Gone, Holding, Retention, Whose, days

NAMES = ("family_name", "given_name", "patronymic", "search_name", "sort_name")
STUDIES = Retention("as long as the journals that refer to it")
ACCOUNT = Retention("as long as the person is of the school; then erased by the deputy director")
PROOF = Retention("3 years after it was withdrawn, as proof; then by an act of the school")
RENAMED = "the row stays as «Удалённые данные № N», because journals refer to it"

OF_PEOPLE: dict[type[Base], Holding] = {
    models.User: Holding(
        _("Person"), Whose.EVERYBODY, "who signs in, who taught, who wrote", Basis.TASK, ACCOUNT, NAMES, rest=RENAMED
    ),
    models.Account: Holding(
        _("Sign-in data"), Whose.EVERYBODY, "signing in; reaching the person", Basis.TASK, ACCOUNT,
        ("login", "password_hash", "email", "phone", "channel", "locale", "last_seen_at"),
        erasure=(Gone("user_id"),),
    ),
    models.Student: Holding(
        _("Student"), Whose.STUDENTS, "class lists, journals, diaries", Basis.LAW, STUDIES, NAMES, rest=RENAMED
    ),
    models.StudentDetails: Holding(
        _("Data of the student"), Whose.STUDENTS, "telling namesakes apart; reaching the family in need", Basis.LAW,
        Retention("until the student leaves; then erased by the deputy director"),
        ("birth_date", "email", "phone", "address", "identity"), erasure=(Gone("student_id"),),
    ),
    models.Guardianship: Holding(
        _("Parents"), Whose.GUARDIANS, "whose diary a parent may read", Basis.TASK,
        Retention("until the student leaves; then erased by the deputy director"), ("relation",),
        erasure=(Gone("user_id"), Gone("student_id")),
    ),
    models.SchoolClass: Holding(
        _("Class"), Whose.NOBODY, "order of the school", Basis.NONE, STUDIES, plain=("letter", "search_name")
    ),
    models.Enrollment: Holding(
        _("Classes of the student"), Whose.STUDENTS, "whose journal the student stands in", Basis.LAW, STUDIES
    ),
    models.StudyGroup: Holding(_("Group"), Whose.NOBODY, "order of the school", Basis.NONE, STUDIES, plain=("name",)),
    models.StudyGroupMember: Holding(
        _("Groups of the student"), Whose.STUDENTS, "whose journal the student stands in", Basis.LAW, STUDIES
    ),
    models.StudentImport: Holding(
        _("Uploaded class list"), Whose.STUDENTS, "a class list that waits to be confirmed", Basis.LAW,
        days(30, models.StudentImport.created_at), ("content",), texts=("file_name",),
        rest="every waiting file is deleted: nobody looks into it for a name",
    ),
    models.AbsenceNote: Holding(
        _("Notes of absence"), Whose.STUDENTS, "why a student is away", Basis.LAW, STUDIES, ("reason", "answer"),
        texts=("reason", "answer"), erasure=(Emptied("student_id", ("reason", "answer")),),
    ),
    models.Correction: Holding(
        _("Corrections"), Whose.EVERYBODY, "putting wrong data right", Basis.LAW, STUDIES,
        ("was", "value", "answer"), texts=("answer",), erasure=(Gone("student_id"), Gone("user_id")),
    ),
    models.SchoolText: Holding(
        _("Texts of the school"), Whose.NOBODY, "what families read and agree to", Basis.NONE,
        Retention("always: consents refer to it"), plain=("body",),
    ),
    models.Consent: Holding(
        _("Consents"), Whose.GUARDIANS, "proof that the family agreed", Basis.CONSENT, PROOF,
        rest="stays as proof without a name",
    ),
    models.YearChange: Holding(
        _("Change of year"), Whose.NOBODY, "order of the school", Basis.NONE, STUDIES, plain=("made", "ended")
    ),
    models.ExcusedPeriod: Holding(
        _("Days that do not count"), Whose.STAFF, "a teacher's illness is no fault", Basis.WORK, STUDIES, ("reason",),
        erasure=(Emptied("teacher_id", ("reason",)),),
    ),
    models.RuleSetting: Holding(_("Rule"), Whose.NOBODY, "how the regulation is watched", Basis.NONE, STUDIES,
                                plain=("rule",)),
    models.RuleCount: Holding(_("Rule counted"), Whose.NOBODY, "figures of the school, made again from its rows",
                              Basis.NONE, STUDIES, plain=("rule", "part", "basis")),
    models.RuleTouch: Holding(_("Rule to be counted again"), Whose.NOBODY, "which figures are to be made again",
                              Basis.NONE, STUDIES, plain=("kind", "part")),
    models.RuleRecord: Holding(_("Rule kept"), Whose.NOBODY, "figures of a class", Basis.NONE, STUDIES,
                               plain=("rule",)),
}  # fmt: skip
