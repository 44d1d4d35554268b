"""What the guardian of the demo was told of lately: a digest, and a message about something that could not wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.demo.load import Writer
from app.models import Account, Attendance, Delivery, Guardianship, Mark, Notification, NotificationChoice
from app.models.access import DeliveryChannel, DeliveryState
from app.models.journal import AttendanceStatus
from app.models.notification import NoticeKind, Timing

MARKS = 5


def write_notices(writer: Writer, now: datetime, guardian_id: int, batch: Callable[[], UUID]) -> None:
    """The messages of the last days with what they tell, and one choice that is not the usual."""
    writer.flush()
    contacts = select(Account.email, Account.phone).where(Account.user_id == guardian_id)
    account = writer.connection.execute(contacts).one()
    children = select(Guardianship.student_id).where(Guardianship.user_id == guardian_id)
    marks = _last(writer, Mark, Mark.student_id.in_(children), Mark.value > 2, number=MARKS)
    absences = _last(
        writer, Attendance, Attendance.student_id.in_(children), Attendance.status == AttendanceStatus.ABSENT, number=1
    )
    kinds = ((NoticeKind.ABSENCE, absences, timedelta(hours=9)), (NoticeKind.MARK, marks, timedelta(hours=5)))
    for kind, rows, age in kinds:
        if account.email and rows:
            _message(writer, guardian_id, account.email, kind, rows, now - age, batch())
    if account.phone:
        writer.add(
            NotificationChoice, user_id=guardian_id, kind=NoticeKind.LOW_MARK, channel=DeliveryChannel.SMS,
            timing=Timing.AT_ONCE,
        )  # fmt: skip


def _last(writer: Writer, model: Any, *where: Any, number: int) -> Sequence[Any]:
    rows = select(model.id, model.student_id).where(*where).order_by(model.entered_at.desc(), model.id)
    return writer.connection.execute(rows.limit(number)).all()


def _message(
    writer: Writer, guardian_id: int, address: str, kind: NoticeKind, rows: Sequence[Any], at: datetime, batch: UUID
) -> None:
    """One mail that was sent, and the rows it told of."""
    delivery_id = writer.add(
        Delivery, user_id=guardian_id, batch=str(batch), channel=DeliveryChannel.EMAIL, address=address,
        state=DeliveryState.SENT, attempts=1, attempted_at=at, due_at=at, created_at=at, settled_at=at,
    )  # fmt: skip
    model = "Attendance" if kind is NoticeKind.ABSENCE else "Mark"
    for row in rows:
        writer.add(
            Notification, user_id=guardian_id, channel=DeliveryChannel.EMAIL, kind=kind, model=model, object_id=row.id,
            student_id=row.student_id, due_at=at, created_at=at, delivery_id=delivery_id,
        )  # fmt: skip
