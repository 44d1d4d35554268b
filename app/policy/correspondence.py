"""Who has to do with whom, and which conversations follow from it: SQL criteria like those of ``scopes.py``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, union

from app.models.communication import ThreadKind
from app.policy.actor import Actor
from app.policy.scopes import (
    Ids,
    apart,
    assignment,
    enrollment,
    guardianship,
    is_so,
    lasting,
    led_classes,
    led_students,
    member,
    message,
    report,
    school_class,
    student,
    study_group,
    thread,
    thread_member,
    user,
    wards,
)


def _own_assignments_now(actor: Actor) -> Ids:
    return select(assignment.c.study_group_id).where(
        assignment.c.teacher_id == actor.user_id, lasting(assignment, actor)
    )


def _here(students: Any, groups: Any, actor: Actor) -> Any:
    """Students of ``students`` who are in one of ``groups`` today; either may be None for all."""
    whole = (
        select(enrollment.c.student_id, study_group.c.id.label("group_id"))
        .select_from(enrollment.join(study_group, study_group.c.school_class_id == enrollment.c.school_class_id))
        .where(study_group.c.is_whole_class, lasting(enrollment, actor))
    )
    parts = select(member.c.student_id, member.c.study_group_id).where(lasting(member, actor))
    if groups is not None:
        whole, parts = whole.where(study_group.c.id.in_(groups)), parts.where(member.c.study_group_id.in_(groups))
    if students is not None:
        whole = whole.where(enrollment.c.student_id.in_(students))
        parts = parts.where(member.c.student_id.in_(students))
    return union(whole, parts).subquery()


@apart
def taught_now(actor: Actor) -> Ids:
    """Students who are today in the groups of the assignments the person holds."""
    return select(_here(None, _own_assignments_now(actor), actor).c.student_id)


@apart
def taught_guardians(actor: Actor) -> Ids:
    """Guardians of the students the person teaches today."""
    here = _here(None, _own_assignments_now(actor), actor)
    return select(guardianship.c.user_id).join(here, here.c.student_id == guardianship.c.student_id)


@apart
def ward_teachers(actor: Actor) -> Ids:
    """Who teaches the person's wards today: class teachers and holders of assignments of their groups."""
    groups = _here(wards(actor), None, actor)
    classes = select(enrollment.c.school_class_id).where(
        enrollment.c.student_id.in_(wards(actor)), lasting(enrollment, actor)
    )
    return union(
        select(school_class.c.class_teacher_id).where(
            school_class.c.id.in_(classes), school_class.c.class_teacher_id.is_not(None)
        ),
        select(assignment.c.teacher_id).where(
            assignment.c.study_group_id.in_(select(groups.c.group_id)), lasting(assignment, actor)
        ),
    )


@apart
def correspondents(actor: Actor) -> Ids:
    """People the person may write to: those they have to do with by the data of today.

    Staff write to each other, to the guardians of those they lead or teach, a deputy director to all guardians;
    guardians to those who lead or teach their wards, and to deputy directors.
    """
    others = and_(user.c.id != actor.user_id, user.c.is_active)
    known: list[Select[tuple[int]]] = []
    if actor.is_staff or actor.is_deputy_director:
        known.append(select(user.c.id).where(others, or_(user.c.is_staff, user.c.is_deputy_director)))
    if actor.is_deputy_director:
        known.append(select(user.c.id).where(others, user.c.id.in_(select(guardianship.c.user_id))))
    if actor.leads:
        of_class = select(guardianship.c.user_id).where(guardianship.c.student_id.in_(led_students(actor)))
        known.append(select(user.c.id).where(others, user.c.id.in_(of_class)))
    if actor.teaches:
        known.append(select(user.c.id).where(others, user.c.id.in_(taught_guardians(actor))))
    if actor.is_guardian:
        known.append(select(user.c.id).where(others, user.c.is_deputy_director))
        known.append(select(user.c.id).where(others, user.c.id.in_(ward_teachers(actor))))
    return union(*known) if known else select(user.c.id).where(false())


@apart
def addressed_students(actor: Actor) -> Ids:
    """Students to whose guardians the person may write about them: those they lead or teach today, all for a deputy
    director."""
    return union(
        select(student.c.id).where(is_so(actor.is_deputy_director)),
        led_students(actor),
        taught_now(actor),
    )


def guardians_of(actor: Actor, student_id: int) -> Ids:
    """Guardians to whom the person may write about a student; none of one who is not theirs to write about."""
    return select(guardianship.c.user_id).where(
        guardianship.c.student_id == student_id, guardianship.c.student_id.in_(addressed_students(actor))
    )


@apart
def announced_groups(actor: Actor) -> Ids:
    """Groups to whose parents the person may announce something: of classes they lead, those they teach today, and
    every whole class for a deputy director."""
    return select(study_group.c.id).where(
        or_(
            and_(study_group.c.is_whole_class, is_so(actor.is_deputy_director)),
            study_group.c.school_class_id.in_(led_classes(actor)),
            study_group.c.id.in_(_own_assignments_now(actor)),
        )
    )


def guardians_in(actor: Actor, group_id: int) -> Ids:
    """Guardians of those who are in a group today, for whom the person may announce something to them."""
    groups = select(study_group.c.id).where(study_group.c.id == group_id, study_group.c.id.in_(announced_groups(actor)))
    return select(guardianship.c.user_id).where(
        guardianship.c.student_id.in_(select(_here(None, groups, actor).c.student_id))
    )


def _entered(actor: Actor) -> ColumnElement[bool]:
    """Threads the person is a member of; for a deputy director also those to the administration."""
    inside = select(thread_member.c.thread_id).where(thread_member.c.user_id == actor.user_id)
    return or_(thread.c.id.in_(inside), and_(thread.c.is_to_administration, is_so(actor.is_deputy_director)))


@apart
def own_threads(actor: Actor) -> Ids:
    """Threads the person reads: own ones, and reported ones that they have opened on record, until closed."""
    opened = select(report.c.thread_id).where(report.c.opened_by_id == actor.user_id, report.c.closed_at.is_(None))
    reported = and_(thread.c.id.in_(opened), is_so(actor.is_deputy_director))
    return select(thread.c.id).where(or_(_entered(actor), reported))


@apart
def entered_threads(actor: Actor) -> Ids:
    """Threads the person takes part in: those that were only opened for a report are not among them."""
    return select(thread.c.id).where(_entered(actor))


def _left_by_a_guardian() -> ColumnElement[bool]:
    """Somebody in the conversation was a guardian of the student it is about, and no longer is: nothing new is for
    them to read."""
    outside = and_(user.c.is_staff.is_(False), user.c.is_deputy_director.is_(False))
    still = exists().where(
        guardianship.c.user_id == thread_member.c.user_id, guardianship.c.student_id == thread.c.student_id
    )
    return exists().where(
        thread_member.c.thread_id == thread.c.id,
        thread.c.student_id.is_not(None),
        user.c.id == thread_member.c.user_id,
        outside,
        ~still,
    )


@apart
def written_threads(actor: Actor) -> Ids:
    """Threads the person writes in, see ``_written``."""
    return select(thread.c.id).where(_written(actor))


def _written(actor: Actor) -> ColumnElement[bool]:
    """Own announcements, and conversations in which somebody still is whom the person may write to, and nobody is who
    has nothing to do with the student any more. To the administration guardians and staff write as long as they are
    that."""
    other = select(thread_member.c.thread_id).where(thread_member.c.user_id.in_(correspondents(actor)))
    belongs = actor.is_guardian or actor.is_staff or actor.is_deputy_director
    spoken = or_(thread.c.id.in_(other), and_(thread.c.is_to_administration, is_so(belongs)))
    conversation = and_(thread.c.kind == ThreadKind.CONVERSATION, ~_left_by_a_guardian())
    announcement = thread.c.kind == ThreadKind.ANNOUNCEMENT
    return and_(
        _entered(actor), or_(and_(conversation, spoken), and_(announcement, thread.c.started_by_id == actor.user_id))
    )


@apart
def open_threads(actor: Actor) -> Ids:
    """Threads whose members the person sees: of an announcement only its author does."""
    conversation = thread.c.kind == ThreadKind.CONVERSATION
    return select(thread.c.id).where(
        thread.c.id.in_(own_threads(actor)), or_(conversation, thread.c.started_by_id == actor.user_id)
    )


@apart
def started_threads(actor: Actor) -> Ids:
    """Threads the person has started."""
    return select(thread.c.id).where(thread.c.started_by_id == actor.user_id)


@apart
def thread_people(actor: Actor) -> Ids:
    """Members and authors of the threads the person reads; those of an announcement only for its author."""
    return union(
        select(thread_member.c.user_id).where(thread_member.c.thread_id.in_(open_threads(actor))),
        select(message.c.author_id).where(message.c.thread_id.in_(own_threads(actor))),
    )


@apart
def own_messages(actor: Actor) -> Ids:
    """Messages the person reads."""
    return select(message.c.id).where(message.c.thread_id.in_(own_threads(actor)))


@apart
def written_messages(actor: Actor) -> Ids:
    """The person's own messages in threads they write in.

    Joined, not nested: SQLite reads only so many subqueries inside each other (parser stack overflow).
    """
    return (
        select(message.c.id)
        .join(thread, thread.c.id == message.c.thread_id)
        .where(message.c.author_id == actor.user_id, _written(actor))
    )
