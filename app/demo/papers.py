"""What families have written to the class teacher, and the school to families: notes, a correction, consents."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.demo.cast import Cast
from app.demo.courses import ClassYear
from app.demo.load import Writer
from app.demo.population import Child
from app.models import AbsenceNote, Consent, Correction, SchoolText
from app.models.diary import CorrectedField, RequestState, TextKind
from app.models.journal import AttendanceStatus

Explained = dict[tuple[Child, date], str]
"""Why a child was ill on a day, as a confirmed note says."""
SICK = "Температура, был вызван врач"


def write_papers(writer: Writer, now: datetime, held: ClassYear, cast: Cast, deputy_id: int, consent: str) -> Explained:
    """For the class that the class teacher of the demo leads; what its journal has to say of confirmed notes."""
    text = writer.add(
        SchoolText, kind=TextKind.CONSENT, version=1, body=consent, published_at=now - timedelta(30),
        author_id=deputy_id,
    )  # fmt: skip
    _write_consents(writer, now, held, cast, text)
    own = next((place.child for place in held.places if place.child.family is cast.family), None)
    others = [place.child for place in held.places if place.left is None and place.child.family is not cast.family]
    explained: Explained = {}
    past, coming = held.open_days(now.date()), _coming(held, now.date())
    if own is not None:
        explained = _confirmed(writer, now, own, cast, past[-9:-7])
        _write_correction(writer, now, own)
        for day in coming[1:2]:
            _note(writer, own, now - timedelta(hours=14), day, day, AttendanceStatus.EXCUSED, "Приём у стоматолога",
                  first_number=1, last_number=2)  # fmt: skip
    for child, day in zip(others, past[-1:], strict=False):
        _note(writer, child, now - timedelta(hours=12), day, day, AttendanceStatus.ILL, "Болела голова, были дома")
    return explained


def _coming(held: ClassYear, today: date) -> list[date]:
    """School days from today on, as far as a note can be written ahead."""
    return [day for day in held.open_days(today + timedelta(30)) if day >= today]


def _confirmed(writer: Writer, now: datetime, child: Child, cast: Cast, days: list[date]) -> Explained:
    if not days:
        return {}
    answered = now - timedelta(6)
    _note(
        writer, child, now - timedelta(7), days[0], days[-1], AttendanceStatus.ILL, SICK,
        state=RequestState.CONFIRMED, answer="Спасибо, выздоравливайте.",
        answered_by_id=cast.class_teacher.user_id, answered_at=answered,
    )  # fmt: skip
    return {(child, day): SICK for day in days}


def _note(
    writer: Writer, child: Child, sent: datetime, first: date, last: date, status: AttendanceStatus, reason: str,
    **further: object,
) -> None:  # fmt: skip
    writer.add(
        AbsenceNote, student_id=child.student_id, author_id=child.family.guardians[0].user_id, starts_on=first,
        ends_on=last, status=status, reason=reason, created_at=sent, **({"state": RequestState.SENT} | further),
    )  # fmt: skip


def _write_correction(writer: Writer, now: datetime, child: Child) -> None:
    writer.add(
        Correction, student_id=child.student_id, author_id=child.family.guardians[0].user_id,
        field=CorrectedField.EMAIL, was="", value=f"{child.name.latin}@example.org", state=RequestState.SENT,
        created_at=now - timedelta(hours=13),
    )  # fmt: skip


def _write_consents(writer: Writer, now: datetime, held: ClassYear, cast: Cast, text: int) -> None:
    """Most families of the class have agreed; the guardian who can sign in is still asked."""
    families = dict.fromkeys(place.child.family for place in held.places if place.child.family is not cast.family)
    for number, family in enumerate(families):
        if number % 4 < 3:
            given = now - timedelta(25, hours=-5 * number)
            withdrawn = now - timedelta(2) if number == 5 else None
            user_id = family.guardians[0].user_id
            writer.add(Consent, user_id=user_id, text_id=text, given_at=given, withdrawn_at=withdrawn)
