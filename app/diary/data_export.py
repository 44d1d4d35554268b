"""Everything the school holds about a person and the children they read, as nested names and values to keep.

It is read in the person's own session, so that nothing stands in it that they may not see; no secrets are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app import school_texts
from app.models import (
    AbsenceNote,
    Attendance,
    Correction,
    DiaryVisit,
    FinalMark,
    Guardianship,
    HomeworkDone,
    Lesson,
    Mark,
    Message,
    SignIn,
    Student,
    TeachingAssignment,
    ThreadMember,
    User,
    UserSession,
    Work,
)

Row = dict[str, Any]


def everything(session: Session, me: User, students: Sequence[Student], now: datetime, school: str) -> Row:
    """The whole file; a constant number of statements, and as many more for each child."""
    return {
        _("School"): school,
        _("Made"): _plain(now),
        _("Person"): _person(session, me),
        _("Children"): [_child(session, me, student) for student in students],
        _("Messages"): _messages(session, me),
    }


def _person(session: Session, me: User) -> Row:
    account = me.account
    sign_ins = select(SignIn).where(SignIn.user_id == me.id).order_by(SignIn.at)
    browsers = select(UserSession).where(UserSession.user_id == me.id).order_by(UserSession.created_at)
    visits = select(DiaryVisit).where(DiaryVisit.user_id == me.id).options(joinedload(DiaryVisit.student))
    return {
        **_names(me),
        _("Login"): account and account.login,
        _("E-mail"): account and account.email,
        _("Phone"): account and account.phone,
        _("Messages from the school"): _plain(account and account.channel),
        _("Language"): account and account.locale,
        _("Last visit"): _plain(account and account.last_seen_at),
        _("Sign-ins"): [
            {_("When"): _plain(each.at), _("Address"): each.address, _("Succeeded"): each.succeeded}
            for each in session.scalars(sign_ins)
        ],
        _("Browsers"): [
            {
                _("Since"): _plain(each.created_at), _("Last used"): _plain(each.last_seen_at),
                _("Ended"): _plain(each.ended_at), _("Address"): each.address, _("Browser"): each.agent,
            }
            for each in session.scalars(browsers)
        ],
        _("Consents"): [
            {
                _("Version"): each.text.version, _("Given"): _plain(each.given_at),
                _("Withdrawn"): _plain(each.withdrawn_at), _("Text"): each.text.body,
            }
            for each in school_texts.consents(session)
        ],
        _("Visits of the diary"): [
            {
                _("Student"): str(each.student), _("Week from"): _plain(each.week), _("Visits"): each.visits,
                _("First visit"): _plain(each.first_at), _("Last visit"): _plain(each.last_at),
            }
            for each in session.scalars(visits.order_by(DiaryVisit.week))
        ],
    }  # fmt: skip


def _child(session: Session, me: User, student: Student) -> Row:
    relation = select(Guardianship).where(Guardianship.user_id == me.id, Guardianship.student_id == student.id)
    guardianship = session.scalars(relation).one_or_none()
    return {
        **_names(student),
        _("What you are to the child"): _plain(guardianship and guardianship.relation),
        _("Date of birth"): _plain(student.birth_date),
        _("Phone"): student.phone,
        _("E-mail"): student.email,
        _("Address"): student.address,
        _("Classes"): [
            {_("Class"): str(each.school_class), _("From"): _plain(each.starts_on), _("Until"): _plain(each.ends_on)}
            for each in student.enrollments
        ],
        _("Groups"): [
            {_("Group"): str(each.study_group), _("From"): _plain(each.starts_on), _("Until"): _plain(each.ends_on)}
            for each in student.memberships
        ],
        _("Marks"): _marks(session, student),
        _("Attendance"): _absences(session, student),
        _("Final marks"): _finals(session, student),
        _("Homework done"): _ticks(session, student),
        _("Notes of absence"): _notes(session, student),
        _("Corrections of data"): _corrections(session, student),
    }


def _marks(session: Session, student: Student) -> list[Row]:
    rows = (
        select(Mark)
        .join(Mark.work)
        .join(Work.lesson)
        .join(Lesson.assignment)
        .join(TeachingAssignment.subject)
        .where(Mark.student_id == student.id)
        .options(contains_eager(Mark.work, Work.lesson, Lesson.assignment, TeachingAssignment.subject))
        .order_by(Lesson.date, Lesson.number, Mark.id)
    )
    return [
        {
            _("Date"): _plain(each.work.lesson.date), _("Subject"): str(each.work.lesson.assignment.subject),
            _("For what"): each.work.title or str(each.work.kind), _("Weight"): each.work.weight,
            _("Mark"): each.value, _("Comment"): each.comment, _("Entered"): _plain(each.entered_at),
        }
        for each in session.scalars(rows)
    ]  # fmt: skip


def _absences(session: Session, student: Student) -> list[Row]:
    rows = (
        select(Attendance)
        .join(Attendance.lesson)
        .where(Attendance.student_id == student.id)
        .options(contains_eager(Attendance.lesson).joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject))
        .order_by(Lesson.date, Lesson.number)
    )
    return [
        {
            _("Date"): _plain(each.lesson.date), _("Lesson"): each.lesson.number,
            _("Subject"): str(each.lesson.assignment.subject), _("Attendance"): str(each.status),
            _("Reason"): each.reason,
        }
        for each in session.scalars(rows)
    ]  # fmt: skip


def _finals(session: Session, student: Student) -> list[Row]:
    rows = select(FinalMark).where(FinalMark.student_id == student.id).order_by(FinalMark.entered_at, FinalMark.id)
    loads = (joinedload(FinalMark.subject), joinedload(FinalMark.term), joinedload(FinalMark.academic_year))
    return [
        {
            _("Academic year"): str(each.academic_year), _("Term"): each.term.short_name if each.term else None,
            _("Kind"): str(each.kind), _("Subject"): str(each.subject), _("Mark"): str(each.value),
        }
        for each in session.scalars(rows.options(*loads))
    ]  # fmt: skip


def _ticks(session: Session, student: Student) -> list[Row]:
    rows = select(HomeworkDone).where(HomeworkDone.student_id == student.id).order_by(HomeworkDone.done_at)
    loads = joinedload(HomeworkDone.lesson).joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject)
    return [
        {
            _("Date"): _plain(each.lesson.date), _("Subject"): str(each.lesson.assignment.subject),
            _("When"): _plain(each.done_at),
        }
        for each in session.scalars(rows.options(loads))
    ]  # fmt: skip


def _notes(session: Session, student: Student) -> list[Row]:
    rows = select(AbsenceNote).where(AbsenceNote.student_id == student.id).order_by(AbsenceNote.id)
    return [
        {
            _("First day"): _plain(each.starts_on), _("Last day"): _plain(each.ends_on),
            _("From lesson"): each.first_number, _("To lesson"): each.last_number, _("Why"): str(each.status),
            _("Reason"): each.reason, _("Sent"): _plain(each.created_at), _("State"): str(each.state),
            _("Reply"): each.answer,
        }
        for each in session.scalars(rows)
    ]  # fmt: skip


def _corrections(session: Session, student: Student) -> list[Row]:
    rows = select(Correction).where(Correction.student_id == student.id).order_by(Correction.id)
    return [
        {
            _("What"): str(each.field), _("It was"): each.was, _("It should be"): each.value,
            _("Sent"): _plain(each.created_at), _("State"): str(each.state), _("Reply"): each.answer,
        }
        for each in session.scalars(rows)
    ]  # fmt: skip


def _messages(session: Session, me: User) -> list[Row]:
    """What the person wrote, or received as a member of a conversation."""
    inside = select(ThreadMember.thread_id).where(ThreadMember.user_id == me.id)
    rows = select(Message).where(or_(Message.thread_id.in_(inside), Message.author_id == me.id))
    loads = (joinedload(Message.thread), joinedload(Message.author))
    return [
        {
            _("Subject of the conversation"): each.thread.subject, _("When"): _plain(each.created_at),
            _("Author"): str(each.author or ""), _("Text"): each.body,
        }
        for each in session.scalars(rows.options(*loads).order_by(Message.created_at, Message.id))
    ]  # fmt: skip


def _names(person: User | Student) -> Row:
    return {
        _("Family name"): person.family_name,
        _("Given name"): person.given_name,
        _("Patronymic"): person.patronymic,
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: days and moments by ISO 8601, words of a list in the reader's language."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Enum) else value
