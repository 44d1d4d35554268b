"""ONE table: role x model -> which rows, which actions, which columns. Rights add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from functools import partial
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, or_

from app import models
from app.extensions import Base
from app.models.communication import ThreadKind
from app.policy.actor import Actor
from app.policy.correspondence import (
    correspondents,
    entered_threads,
    open_threads,
    own_messages,
    own_threads,
    started_threads,
    taught_guardians,
    thread_people,
    written_messages,
    written_threads,
)
from app.policy.requests import WITHDRAWN, asked, excused_by_note, withdrawn_by
from app.policy.scopes import (
    addressed_news,
    all_rows,
    asked_support,
    child_assignments,
    child_classes,
    child_lessons,
    children,
    class_students,
    enrolled_nowhere_else,
    excused,
    led_assignments,
    led_classes,
    led_groups,
    led_lessons,
    led_people,
    led_students,
    led_works,
    marks_of,
    near_assignments,
    near_classes,
    own_assignments,
    substituted,
    taught,
    taught_classes,
    taught_groups,
    taught_lessons,
    taught_students,
    taught_subjects,
    taught_works,
    wards,
    written,
    written_lessons,
    written_works,
)


class Action(Flag):
    """What a grant allows."""

    SEE = auto()
    CREATE = auto()
    CHANGE = auto()
    DELETE = auto()
    WRITE = SEE | CREATE | CHANGE | DELETE


@dataclass(frozen=True)
class Grant:
    """``actions`` on the rows of ``where``, for those who are ``to``; a change touches only ``columns`` (None: all).

    ``where(actor, row)`` gives the criterion; ``row`` has the model's columns as attributes.
    """

    actions: Action
    where: Callable[[Actor, Any], ColumnElement[bool]]
    columns: frozenset[str] | None = None
    to: Callable[[Actor], bool] = lambda _actor: True


everybody = Grant
deputy = partial(Grant, to=lambda a: a.is_deputy_director)
class_teacher = partial(Grant, to=lambda a: a.leads)
teacher = partial(Grant, to=lambda a: a.teaches)
guardian = partial(Grant, to=lambda a: a.is_guardian)
family = partial(Grant, to=lambda a: a.reads_diary)
staff = partial(Grant, to=lambda a: a.is_staff or a.is_deputy_director)

SEE, CREATE, CHANGE, DELETE, WRITE = Action.SEE, Action.CREATE, Action.CHANGE, Action.DELETE, Action.WRITE
EDIT = CREATE | CHANGE | DELETE

HIDDEN = frozenset({
    "password_hash", "code_hash", "token_hash", "account_hash", "identity", "content", "endpoint", "p256dh", "auth",
})  # fmt: skip
"""Columns that no screen, search, filter, export or form may hold, whoever asks."""

CONTACTS = frozenset({"email", "phone", "channel"})
NAMES = frozenset({"family_name", "given_name", "patronymic", "search_name", "sort_name"})
TIMETABLED = frozenset({
    "date", "number", "room", "substitute_id", "is_cancelled", "cancel_reason", "teaching_assignment_id",
})  # fmt: skip
TAUGHT = frozenset({"topic", "homework", "homework_entered_at", "plan_position"})
ENTERED = frozenset({"entered_at", "entered_by_id", "version"})
ANSWER = frozenset({"state", "answer", "answered_by_id", "answered_at"})
SUPPORT = frozenset({"state", "taken_by_id", "taken_at", "answered_at", "solved_at"})
READING = frozenset({"opened_by_id", "opened_at", "closed_at", "outcome"})

GRANTS: dict[type[Base], tuple[Grant, ...]] = {
    models.User: (
        deputy(SEE | CREATE, all_rows),
        deputy(CHANGE, all_rows, NAMES),
        deputy(CHANGE | DELETE, lambda a, row: row.id != a.user_id),  # nobody changes the own role
        class_teacher(SEE | CREATE | CHANGE, lambda a, row: row.id.in_(led_people(a)), NAMES),
        everybody(SEE, lambda a, row: row.id == a.user_id),
        everybody(SEE, lambda a, row: row.is_staff),
        everybody(SEE, lambda a, row: row.id.in_(thread_people(a))),
        teacher(SEE, lambda a, row: row.id.in_(taught_guardians(a))),
    ),
    models.Account: (
        deputy(WRITE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a, row: row.user_id.in_(led_people(a)),
                      CONTACTS | {"password_hash"}),
        everybody(SEE | CHANGE, lambda a, row: row.user_id == a.user_id,
                  CONTACTS | {"locale", "password_hash", "introduced_at"}),
    ),
    models.Student: (
        deputy(WRITE, all_rows),
        class_teacher(CREATE | CHANGE, lambda a, row: row.id.in_(led_students(a))),
        class_teacher(SEE, lambda a, row: row.id.in_(class_students(a))),
        teacher(SEE, lambda a, row: row.id.in_(taught_students(a))),
        family(SEE, lambda a, row: row.id.in_(children(a))),
    ),
    models.StudentDetails: (
        deputy(WRITE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a, row: row.student_id.in_(led_students(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.Guardianship: (
        deputy(WRITE, all_rows),
        class_teacher(WRITE, lambda a, row: row.student_id.in_(led_students(a))),
        guardian(SEE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Enrollment: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a, row: row.school_class_id.in_(led_classes(a))),
        class_teacher(CREATE, lambda a, row: and_(row.school_class_id.in_(led_classes(a)),
                                             enrolled_nowhere_else(row))),
        teacher(SEE, lambda a, row: row.school_class_id.in_(taught_classes(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.SchoolClass: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a, row: row.id.in_(led_classes(a))),
        teacher(SEE, lambda a, row: row.id.in_(taught_classes(a))),
        family(SEE, lambda a, row: row.id.in_(child_classes(a))),
    ),
    models.StudyGroup: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a, row: row.school_class_id.in_(led_classes(a))),
        teacher(SEE, lambda a, row: row.id.in_(taught_groups(a))),
        family(SEE, lambda a, row: row.school_class_id.in_(child_classes(a))),
    ),
    models.StudyGroupMember: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a, row: row.study_group_id.in_(led_groups(a))),
        teacher(SEE, lambda a, row: row.study_group_id.in_(taught_groups(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.AcademicYear: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Term: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Holiday: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.BellTime: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Subject: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.TeachingAssignment: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a, row: row.id.in_(near_assignments(a))),
    ),
    models.TimetableSlot: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a, row: row.teaching_assignment_id.in_(near_assignments(a))),
    ),
    # By columns of the lesson itself: SQLite would otherwise go through the numbers of all the lessons of a scope.
    models.Lesson: (
        deputy(SEE | CREATE | DELETE, all_rows),
        deputy(CHANGE, all_rows, TIMETABLED),
        class_teacher(SEE, lambda a, row: row.teaching_assignment_id.in_(led_assignments(a))),
        teacher(SEE, taught),
        teacher(CHANGE, written, TAUGHT),
        teacher(CREATE, lambda a, row: and_(row.teaching_assignment_id.in_(own_assignments(a)),
                                       row.substitute_id.is_(None))),
        family(SEE, lambda a, row: row.teaching_assignment_id.in_(child_assignments(a))),
    ),
    models.Work: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        teacher(EDIT, lambda a, row: row.lesson_id.in_(written_lessons(a))),
        family(SEE, lambda a, row: row.lesson_id.in_(child_lessons(a))),
    ),
    models.Mark: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.work_id.in_(led_works(a))),
        teacher(SEE, lambda a, row: row.work_id.in_(taught_works(a))),
        teacher(EDIT, lambda a, row: row.work_id.in_(written_works(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.Attendance: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        class_teacher(CHANGE, lambda a, row: row.student_id.in_(led_students(a)),
                      ENTERED | {"reason", "status"}),
        class_teacher(CREATE, lambda a, row: and_(row.student_id.in_(led_students(a)), excused_by_note(row))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        teacher(EDIT, lambda a, row: row.lesson_id.in_(written_lessons(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.RollCall: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        teacher(CREATE | DELETE, lambda a, row: row.lesson_id.in_(written_lessons(a))),
    ),
    models.FinalMark: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.student_id.in_(led_students(a))),
        class_teacher(SEE, lambda a, row: row.teaching_assignment_id.in_(led_assignments(a))),
        teacher(WRITE, lambda a, row: row.teaching_assignment_id.in_(own_assignments(a))),
        # What a newcomer brings from another class of the school, for the mark of the year.
        teacher(SEE, lambda a, row: and_(row.student_id.in_(taught_students(a)),
                                         row.subject_id.in_(taught_subjects(a)))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.StaffNote: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.mark_id.in_(marks_of(led_works)(a))),
        teacher(SEE, lambda a, row: row.mark_id.in_(marks_of(taught_works)(a))),
        teacher(EDIT, lambda a, row: row.mark_id.in_(marks_of(written_works)(a))),
    ),
    models.HomeworkFile: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        teacher(EDIT, lambda a, row: row.lesson_id.in_(written_lessons(a))),
        family(SEE, lambda a, row: row.lesson_id.in_(child_lessons(a))),
    ),
    models.StudentHomework: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        teacher(EDIT, lambda a, row: row.lesson_id.in_(written_lessons(a))),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
    ),
    models.PlannedTopic: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.teaching_assignment_id.in_(led_assignments(a))),
        teacher(SEE, lambda a, row: row.teaching_assignment_id.in_(substituted(a))),
        teacher(WRITE, lambda a, row: row.teaching_assignment_id.in_(own_assignments(a))),
    ),
    models.EditReceipt: (everybody(SEE | CREATE, lambda a, row: row.user_id == a.user_id),),
    models.NewsItem: (deputy(WRITE, all_rows), everybody(SEE, addressed_news)),
    models.NewsItemClass: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a, row: row.school_class_id.in_(near_classes(a))),
    ),
    models.NewsReading: (
        deputy(SEE | DELETE, all_rows),  # a news item goes with them
        everybody(SEE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Thread: (
        everybody(SEE, lambda a, row: row.id.in_(own_threads(a))),
        guardian(CREATE, lambda a, row: and_(row.started_by_id == a.user_id, row.kind == ThreadKind.CONVERSATION)),
        staff(CREATE, lambda a, row: row.started_by_id == a.user_id),
    ),
    models.ThreadMember: (
        everybody(SEE, lambda a, row: row.thread_id.in_(open_threads(a))),
        everybody(SEE, lambda a, row: row.user_id == a.user_id),
        everybody(CREATE, lambda a, row: and_(row.thread_id.in_(started_threads(a)),
                                              or_(row.user_id == a.user_id, row.user_id.in_(correspondents(a))))),
        deputy(CREATE, lambda a, row: and_(row.thread_id.in_(entered_threads(a)), row.user_id == a.user_id)),
        everybody(CHANGE, lambda a, row: row.user_id == a.user_id, frozenset({"read_at"})),
    ),
    models.Message: (
        everybody(SEE, lambda a, row: row.thread_id.in_(own_threads(a))),
        everybody(CREATE, lambda a, row: and_(row.author_id == a.user_id, row.thread_id.in_(written_threads(a)))),
    ),
    models.MessageFile: (
        everybody(SEE, lambda a, row: row.message_id.in_(own_messages(a))),
        everybody(CREATE, lambda a, row: row.message_id.in_(written_messages(a))),
    ),
    models.ThreadReport: (
        deputy(SEE, all_rows),
        deputy(CHANGE, all_rows, READING),
        everybody(SEE, lambda a, row: row.reported_by_id == a.user_id),
        everybody(CREATE, lambda a, row: and_(row.reported_by_id == a.user_id, row.opened_by_id.is_(None),
                                              row.thread_id.in_(entered_threads(a)))),
    ),
    models.SupportRequest: (
        deputy(SEE, all_rows),
        deputy(CHANGE, all_rows, SUPPORT),
        class_teacher(CREATE, lambda a, row: row.author_id == a.user_id),
        everybody(SEE, lambda a, row: row.author_id == a.user_id),
        everybody(CHANGE, lambda a, row: row.author_id == a.user_id, frozenset({"state", "solved_at"})),
    ),
    models.SupportReply: (
        deputy(SEE, all_rows),
        deputy(CREATE, lambda a, row: row.author_id == a.user_id),
        everybody(SEE, lambda a, row: row.request_id.in_(asked_support(a))),
        everybody(CREATE, lambda a, row: and_(row.author_id == a.user_id, row.request_id.in_(asked_support(a)))),
    ),
    models.SupportFile: (
        deputy(SEE, all_rows),
        everybody(SEE, lambda a, row: row.request_id.in_(asked_support(a))),
        class_teacher(CREATE, lambda a, row: row.request_id.in_(asked_support(a))),
    ),
    models.RuleSetting: (deputy(WRITE, all_rows), staff(SEE, all_rows)),
    models.ExcusedPeriod: (deputy(WRITE, all_rows), staff(SEE, excused)),
    models.RuleRecord: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.school_class_id.in_(led_classes(a))),
    ),
    models.RuleCount: (deputy(SEE, all_rows),),
    models.RuleTouch: (deputy(SEE, all_rows),),
    models.Reminder: (
        deputy(SEE, all_rows),
        deputy(CREATE, lambda a, row: row.sent_by_id == a.user_id),
        everybody(SEE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Handover: (
        deputy(SEE | CREATE, all_rows),
        everybody(SEE, lambda a, row: row.teaching_assignment_id.in_(near_assignments(a))),
    ),
    models.YearChange: (deputy(WRITE, all_rows),),
    models.SecondFactor: (
        deputy(SEE | DELETE, all_rows),
        staff(CREATE, lambda a, row: row.user_id == a.user_id),
        everybody(SEE | CHANGE | DELETE, lambda a, row: row.user_id == a.user_id),
    ),
    models.RecoveryCode: (
        deputy(SEE | DELETE, all_rows),
        staff(CREATE, lambda a, row: row.user_id == a.user_id),
        everybody(SEE | CHANGE | DELETE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Credential: (
        deputy(SEE | CREATE | CHANGE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a, row: row.user_id.in_(led_people(a))),
    ),
    models.Delivery: (
        deputy(SEE | CREATE | CHANGE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a, row: row.user_id.in_(led_people(a))),
        # What told them of something; not messages with access, which tell that it was given anew.
        everybody(SEE, lambda a, row: and_(row.user_id == a.user_id, row.credential_id.is_(None))),
    ),
    models.UserSession: (
        deputy(SEE | CHANGE, all_rows, frozenset({"ended_at"})),
        class_teacher(SEE | CHANGE, lambda a, row: row.user_id.in_(led_people(a)), frozenset({"ended_at"})),
        everybody(SEE | CHANGE, lambda a, row: row.user_id == a.user_id, frozenset({"ended_at"})),
    ),
    models.SignIn: (deputy(SEE, all_rows), everybody(SEE, lambda a, row: row.user_id == a.user_id)),
    models.AuditRecord: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.student_id.in_(led_students(a))),
        class_teacher(SEE, lambda a, row: row.lesson_id.in_(led_lessons(a))),
        teacher(SEE, lambda a, row: row.lesson_id.in_(taught_lessons(a))),
        everybody(SEE, lambda a, row: row.actor_id == a.user_id),
    ),
    models.AuditSeal: (deputy(SEE, all_rows),),
    models.DataAccess: (
        deputy(SEE, all_rows),
        everybody(SEE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Erasure: (deputy(SEE, all_rows), deputy(CREATE, lambda a, row: row.erased_by_id == a.user_id)),
    models.BackupRun: (deputy(SEE, all_rows),),
    models.Undoing: (staff(SEE, all_rows), staff(CREATE, lambda a, row: row.user_id == a.user_id)),
    models.WorkerPulse: (deputy(SEE, all_rows),),
    models.StudentImport: (deputy(WRITE, all_rows),),
    models.HomeworkDone: (
        family(SEE | DELETE, lambda a, row: row.student_id.in_(children(a))),
        family(CREATE, lambda a, row: and_(row.student_id.in_(children(a)), row.done_by_id == a.user_id)),
    ),
    models.AbsenceNote: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.student_id.in_(led_students(a))),
        class_teacher(CHANGE, lambda a, row: and_(row.student_id.in_(led_students(a)), row.state != WITHDRAWN), ANSWER),
        family(SEE, lambda a, row: row.student_id.in_(children(a))),
        guardian(CREATE, lambda a, row: asked(a, row, wards(a))),
        guardian(CHANGE, withdrawn_by, frozenset({"state"})),
    ),
    models.Correction: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.student_id.in_(led_students(a))),
        class_teacher(CHANGE, lambda a, row: and_(row.student_id.in_(led_students(a)), row.state != WITHDRAWN), ANSWER),
        everybody(SEE, lambda a, row: row.author_id == a.user_id),
        family(CREATE, lambda a, row: and_(asked(a, row, children(a)),
                                           or_(row.user_id.is_(None), row.user_id == a.user_id))),
        family(CHANGE, withdrawn_by, frozenset({"state"})),
    ),
    models.SchoolText: (deputy(CREATE, all_rows), everybody(SEE, all_rows)),
    models.Consent: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.user_id.in_(led_people(a))),
        everybody(SEE | CREATE, lambda a, row: row.user_id == a.user_id),
        everybody(CHANGE, lambda a, row: row.user_id == a.user_id, frozenset({"withdrawn_at"})),
    ),
    models.CalendarFeed: (
        family(WRITE, lambda a, row: and_(row.user_id == a.user_id, row.student_id.in_(children(a)))),
    ),
    models.DiaryVisit: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a, row: row.student_id.in_(led_students(a))),
        everybody(SEE, lambda a, row: row.user_id == a.user_id),
    ),
    models.Happening: (),
    models.Notification: (everybody(SEE, lambda a, row: row.user_id == a.user_id),),
    models.NotificationChoice: (everybody(WRITE, lambda a, row: row.user_id == a.user_id),),
    models.QuietHours: (
        everybody(SEE, all_rows),
        staff(EDIT, lambda a, row: row.user_id == a.user_id),
    ),
    models.PushSubscription: (everybody(WRITE, lambda a, row: row.user_id == a.user_id),),
}  # fmt: skip

NO_RIGHT = lazy_gettext("You have no right to do this. Nothing was changed.")
EXPLANATIONS: dict[type[Base], Any] = {
    model: lazy_gettext(
        "Only the teacher of this lesson may write in it: the one who holds the assignment, or the substitute in a "
        "substituted lesson. Nothing was changed."
    )
    for model in (
        models.Lesson, models.Work, models.Mark, models.Attendance, models.FinalMark, models.StaffNote, models.RollCall,
        models.HomeworkFile, models.StudentHomework, models.PlannedTopic,
    )
}  # fmt: skip
