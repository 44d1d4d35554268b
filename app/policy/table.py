"""ONE table: role x model -> which rows, which actions, which columns. Rights add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from functools import partial
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_

from app import models
from app.extensions import Base
from app.policy.actor import Actor
from app.policy.scopes import (
    account,
    addressed_news,
    all_rows,
    assignment,
    attendance,
    audit,
    child_classes,
    children,
    class_assignments,
    credential,
    delivery,
    details,
    enrolled_nowhere_else,
    enrollment,
    final_mark,
    guardianship,
    led_classes,
    led_guardians,
    led_students,
    lesson,
    lessons_of,
    member,
    message,
    near_assignments,
    near_classes,
    news_class,
    own_assignments,
    own_threads,
    school_class,
    seen_marks,
    sign_in,
    slot,
    student,
    study_group,
    support,
    taught_classes,
    taught_groups,
    taught_lessons,
    taught_students,
    thread,
    thread_member,
    user,
    user_session,
    work,
    written_lessons,
    written_marks,
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
    """``actions`` on the rows of ``where``, for those who are ``to``; a change touches only ``columns`` (None: all)."""

    actions: Action
    where: Callable[[Actor], ColumnElement[bool]]
    columns: frozenset[str] | None = None
    to: Callable[[Actor], bool] = lambda _actor: True


everybody = Grant
deputy = partial(Grant, to=lambda a: a.is_deputy_director)
class_teacher = partial(Grant, to=lambda a: a.leads)
teacher = partial(Grant, to=lambda a: a.teaches)
guardian = partial(Grant, to=lambda a: a.is_guardian)

SEE, CREATE, CHANGE, DELETE, WRITE = Action.SEE, Action.CREATE, Action.CHANGE, Action.DELETE, Action.WRITE

HIDDEN = frozenset({"password_hash", "code_hash", "token_hash", "account_hash", "identity", "content"})
"""Columns that no screen, search, filter, export or form may hold, whoever asks."""

CONTACTS = frozenset({"email", "phone", "channel"})
NAMES = frozenset({"family_name", "given_name", "patronymic", "search_name", "sort_name"})
TIMETABLED = frozenset({"date", "number", "room", "substitute_id", "is_cancelled", "teaching_assignment_id"})
ENTERED = frozenset({"entered_at", "entered_by_id", "version"})

GRANTS: dict[type[Base], tuple[Grant, ...]] = {
    models.User: (
        deputy(SEE | CREATE, all_rows),
        deputy(CHANGE, all_rows, NAMES),
        deputy(CHANGE | DELETE, lambda a: user.c.id != a.user_id),  # nobody changes the own role
        class_teacher(SEE | CREATE | CHANGE, lambda a: user.c.id.in_(led_guardians(a)), NAMES),
        everybody(SEE, lambda a: user.c.id == a.user_id),
        everybody(SEE, lambda a: user.c.is_staff),
    ),
    models.Account: (
        deputy(WRITE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a: account.c.user_id.in_(led_guardians(a)),
                      CONTACTS | {"password_hash"}),
        everybody(SEE | CHANGE, lambda a: account.c.user_id == a.user_id, CONTACTS | {"locale", "password_hash"}),
    ),
    models.Student: (
        deputy(WRITE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a: student.c.id.in_(led_students(a))),
        teacher(SEE, taught_students),
        guardian(SEE, lambda a: student.c.id.in_(children(a))),
    ),
    models.StudentDetails: (
        deputy(WRITE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a: details.c.student_id.in_(led_students(a))),
        guardian(SEE, lambda a: details.c.student_id.in_(children(a))),
    ),
    models.Guardianship: (
        deputy(WRITE, all_rows),
        class_teacher(WRITE, lambda a: guardianship.c.student_id.in_(led_students(a))),
        guardian(SEE, lambda a: guardianship.c.user_id == a.user_id),
    ),
    models.Enrollment: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a: enrollment.c.school_class_id.in_(led_classes(a))),
        class_teacher(CREATE, lambda a: and_(enrollment.c.school_class_id.in_(led_classes(a)),
                                             enrolled_nowhere_else())),
        teacher(SEE, lambda a: enrollment.c.school_class_id.in_(taught_classes(a))),
        guardian(SEE, lambda a: enrollment.c.student_id.in_(children(a))),
    ),
    models.SchoolClass: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a: school_class.c.id.in_(led_classes(a))),
        teacher(SEE, lambda a: school_class.c.id.in_(taught_classes(a))),
        guardian(SEE, lambda a: school_class.c.id.in_(child_classes(a))),
    ),
    models.StudyGroup: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a: study_group.c.school_class_id.in_(led_classes(a))),
        teacher(SEE, lambda a: study_group.c.id.in_(taught_groups(a))),
        guardian(SEE, lambda a: study_group.c.school_class_id.in_(child_classes(a))),
    ),
    models.StudyGroupMember: (
        deputy(WRITE, all_rows),
        class_teacher(SEE, lambda a: member.c.student_id.in_(led_students(a))),
        teacher(SEE, lambda a: member.c.study_group_id.in_(taught_groups(a))),
        guardian(SEE, lambda a: member.c.student_id.in_(children(a))),
    ),
    models.AcademicYear: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Term: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Holiday: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.BellTime: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.Subject: (deputy(WRITE, all_rows), everybody(SEE, all_rows)),
    models.TeachingAssignment: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a: assignment.c.id.in_(near_assignments(a))),
    ),
    models.TimetableSlot: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a: slot.c.teaching_assignment_id.in_(near_assignments(a))),
    ),
    models.Lesson: (
        deputy(SEE | CREATE | DELETE, all_rows),
        deputy(CHANGE, all_rows, TIMETABLED),
        class_teacher(SEE, lambda a: lesson.c.teaching_assignment_id.in_(class_assignments(led_classes(a)))),
        teacher(SEE, lambda a: lesson.c.id.in_(taught_lessons(a))),
        teacher(CHANGE, lambda a: lesson.c.id.in_(written_lessons(a)),
                frozenset({"topic", "homework", "homework_entered_at"})),
        teacher(CREATE, lambda a: and_(lesson.c.teaching_assignment_id.in_(own_assignments(a)),
                                       lesson.c.substitute_id.is_(None))),
        guardian(SEE, lambda a: lesson.c.teaching_assignment_id.in_(class_assignments(child_classes(a)))),
    ),
    models.Work: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a: work.c.lesson_id.in_(lessons_of(class_assignments(led_classes(a))))),
        teacher(SEE, lambda a: work.c.lesson_id.in_(taught_lessons(a))),
        teacher(WRITE, lambda a: work.c.lesson_id.in_(written_lessons(a))),
        guardian(SEE, lambda a: work.c.lesson_id.in_(lessons_of(class_assignments(child_classes(a))))),
    ),
    models.Mark: (
        deputy(SEE, all_rows),
        everybody(SEE, seen_marks),
        teacher(WRITE, written_marks),
    ),
    models.Attendance: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a: attendance.c.student_id.in_(led_students(a))),
        class_teacher(CHANGE, lambda a: attendance.c.student_id.in_(led_students(a)),
                      ENTERED | {"reason", "status"}),
        teacher(SEE, lambda a: attendance.c.lesson_id.in_(taught_lessons(a))),
        teacher(WRITE, lambda a: attendance.c.lesson_id.in_(written_lessons(a))),
        guardian(SEE, lambda a: attendance.c.student_id.in_(children(a))),
    ),
    models.FinalMark: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a: final_mark.c.student_id.in_(led_students(a))),
        teacher(WRITE, lambda a: final_mark.c.teaching_assignment_id.in_(own_assignments(a))),
        guardian(SEE, lambda a: final_mark.c.student_id.in_(children(a))),
    ),
    models.NewsItem: (deputy(WRITE, all_rows), everybody(SEE, addressed_news)),
    models.NewsItemClass: (
        deputy(WRITE, all_rows),
        everybody(SEE, lambda a: news_class.c.school_class_id.in_(near_classes(a))),
    ),
    models.Thread: (everybody(SEE, lambda a: thread.c.id.in_(own_threads(a))),),
    models.ThreadMember: (everybody(SEE, lambda a: thread_member.c.thread_id.in_(own_threads(a))),),
    models.Message: (
        everybody(SEE, lambda a: message.c.thread_id.in_(own_threads(a))),
        everybody(CREATE, lambda a: and_(message.c.author_id == a.user_id, message.c.thread_id.in_(own_threads(a)))),
    ),
    models.SupportRequest: (
        deputy(SEE | CHANGE, all_rows, frozenset({"answer", "state", "solved_at"})),
        class_teacher(SEE | CREATE, lambda a: support.c.author_id == a.user_id),
    ),
    models.Credential: (
        deputy(SEE | CREATE | CHANGE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a: credential.c.user_id.in_(led_guardians(a))),
    ),
    models.Delivery: (
        deputy(SEE | CREATE | CHANGE, all_rows),
        class_teacher(SEE | CREATE | CHANGE, lambda a: delivery.c.user_id.in_(led_guardians(a))),
    ),
    models.UserSession: (
        deputy(SEE | CHANGE, all_rows, frozenset({"ended_at"})),
        class_teacher(SEE | CHANGE, lambda a: user_session.c.user_id.in_(led_guardians(a)), frozenset({"ended_at"})),
        everybody(SEE | CHANGE, lambda a: user_session.c.user_id == a.user_id, frozenset({"ended_at"})),
    ),
    models.SignIn: (deputy(SEE, all_rows), everybody(SEE, lambda a: sign_in.c.user_id == a.user_id)),
    models.AuditRecord: (
        deputy(SEE, all_rows),
        class_teacher(SEE, lambda a: audit.c.student_id.in_(led_students(a))),
        everybody(SEE, lambda a: audit.c.actor_id == a.user_id),
    ),
    models.StudentImport: (deputy(WRITE, all_rows),),
}  # fmt: skip

NO_RIGHT = lazy_gettext("You have no right to do this. Nothing was changed.")
EXPLANATIONS: dict[type[Base], Any] = {
    model: lazy_gettext(
        "Only the teacher of this lesson may write in it: the one who holds the assignment, or the substitute in a "
        "substituted lesson. Nothing was changed."
    )
    for model in (models.Lesson, models.Work, models.Mark, models.Attendance, models.FinalMark)
}
