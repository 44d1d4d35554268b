"""Conversations are begun and gone on with, announcements are made: one message a form, however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import policy
from app.attachments import Upload
from app.messages import addressees, files, once
from app.messages.addressees import Recipients
from app.models import Message, StudyGroup, Thread, ThreadMember
from app.models.communication import ThreadKind
from app.people.refusal import Refusal

SUBJECT, BODY = 200, 5000  # characters

NO_SUBJECT = _("Write in a few words what it is about.")
NO_BODY = _("Write the message.")
LONG_SUBJECT = _("The subject is too long: at most %(most)s characters.", most=SUBJECT)
LONG_BODY = _("The message is too long: at most %(most)s characters. Send it in two, or as a file.", most=BODY)
NOBODY = _("No parents are known for this class or group yet: nobody would read the announcement.")
ENDED = _("You can no longer write here. What was written stays to be read.")


@dataclass(frozen=True)
class Text:
    """What somebody sends: ``key`` was made with the form, see ``once``; ``subject`` only where a thread begins."""

    body: str
    key: str
    subject: str = ""
    uploads: Sequence[Upload] = field(default=())

    @property
    def cleaned_body(self) -> str:
        """As it is kept."""
        return self.body.replace("\r\n", "\n").replace("\r", "\n").strip()

    @property
    def cleaned_subject(self) -> str:
        """In one line."""
        return " ".join(self.subject.split())

    def receipt(self, *where: object) -> str:
        """Under what its receipt is kept; ``where`` it is sent belongs to it."""
        contents = [(each.name, len(each.content)) for each in self.uploads]
        return once.receipt_key(self.key, where, self.cleaned_subject, self.cleaned_body, contents)


def start(session: Session, now: datetime, to: Recipients, text: Text) -> int:
    """Begin a conversation; the number of its thread. Raises Refusal, naming the field. The caller commits."""
    _check(text, begins=True)
    student_id = to.student.id if to.student else None
    kept = text.receipt("start", sorted(user.id for user in to.users), student_id, to.is_to_administration)
    if (before := once.written_before(session, kept)) is not None:
        return before
    thread = Thread(
        kind=ThreadKind.CONVERSATION, is_to_administration=to.is_to_administration, student_id=student_id,
        **_beginning(session, now, text),
    )  # fmt: skip
    return _begin(session, now, thread, [user.id for user in to.users], text, kept)


def announce(session: Session, now: datetime, group: StudyGroup, text: Text) -> int:
    """Tell the parents of a group something; the number of the thread. Raises Refusal. The caller commits.

    Who is a guardian of somebody in the group today is a member; who comes later does not see it.
    """
    _check(text, begins=True)
    kept = text.receipt("announce", group.id)
    if (before := once.written_before(session, kept)) is not None:
        return before
    readers = addressees.guardians_in(session, group.id)
    if not readers:
        raise Refusal(NOBODY)
    thread = Thread(
        kind=ThreadKind.ANNOUNCEMENT, school_class_id=group.school_class_id if group.is_whole_class else None,
        **_beginning(session, now, text),
    )  # fmt: skip
    return _begin(session, now, thread, readers, text, kept)


def write(session: Session, now: datetime, thread_id: int, text: Text) -> None:
    """Go on with a thread. Raises Refusal, also when its people have nothing to do with each other any more."""
    _check(text, begins=False)
    kept = text.receipt("write", thread_id)
    if once.written_before(session, kept) is not None:
        return
    actor = policy.actor_of(session)
    if not writes_in(session, thread_id):
        raise Refusal(ENDED)
    last = session.scalar(select(func.max(Message.created_at)).where(Message.thread_id == thread_id))
    # Later than what stands there, whatever the clocks of the servers say: what is read is told by it.
    moment = max(now, last + timedelta(microseconds=1)) if last is not None else now
    message = Message(thread_id=thread_id, author_id=actor.user_id, body=text.cleaned_body, created_at=moment)
    files.attach(session, message, text.uploads)
    session.add(message)
    session.flush()
    mine = session.scalar(
        select(ThreadMember).where(ThreadMember.thread_id == thread_id, ThreadMember.user_id == actor.user_id)
    )
    if mine is None:
        session.add(ThreadMember(thread_id=thread_id, user_id=actor.user_id, read_at=moment))
    else:
        mine.read_at = moment
    once.remember(session, kept, thread_id, now)


def writes_in(session: Session, thread_id: int) -> bool:
    """Whether the person may write in a thread now."""
    actor = policy.actor_of(session)
    mine = select(Thread.id).where(Thread.id == thread_id, Thread.id.in_(policy.written_threads(actor)))
    return session.scalar(mine) is not None


def _check(text: Text, *, begins: bool) -> None:
    if begins and not text.cleaned_subject:
        raise Refusal(NO_SUBJECT, "subject")
    if len(text.cleaned_subject) > SUBJECT:
        raise Refusal(LONG_SUBJECT, "subject")
    if not text.cleaned_body:
        raise Refusal(NO_BODY, "body")
    if len(text.cleaned_body) > BODY:
        raise Refusal(LONG_BODY, "body")


def _beginning(session: Session, now: datetime, text: Text) -> dict[str, object]:
    actor = policy.actor_of(session)
    return {"subject": text.cleaned_subject, "started_by_id": actor.user_id, "created_at": now}


def _begin(session: Session, now: datetime, thread: Thread, others: Sequence[int], text: Text, kept: str) -> int:
    """Write the thread with its members and first message in one flush: neither is anybody's without the others."""
    actor = policy.actor_of(session)
    message = Message(author_id=actor.user_id, body=text.cleaned_body, created_at=now)
    files.attach(session, message, text.uploads)
    thread.members = [ThreadMember(user_id=actor.user_id, read_at=now), *(ThreadMember(user_id=one) for one in others)]
    thread.messages = [message]
    session.add(thread)
    session.flush()
    once.remember(session, kept, thread.id, now)
    return thread.id
