"""Guardians: recognised by their phone or e-mail, so that one person is not written twice."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import Account, Guardianship, User
from app.models.people import Channel

OFFERED = 5


def known_by(session: Session, phone: str | None, email: str | None) -> list[User]:
    """People with this phone (E.164) or e-mail, those that the session's person sees; their children are loaded."""
    given = [column == value for column, value in ((Account.phone, phone), (Account.email, email)) if value is not None]
    if not given:
        return []
    rows = (
        select(User)
        .join(User.account)
        .where(or_(*given))
        .options(joinedload(User.account), selectinload(User.guardianships).joinedload(Guardianship.student))
        .order_by(User.sort_name)
        .limit(OFFERED)
    )
    return list(session.scalars(rows))


def described(person: User) -> str:
    """«Семёнова Анна Петровна · Семёнов Пётр, Семёнов Илья»: the name, and the children to know them by."""
    children = ", ".join(sorted(str(each.student) for each in person.guardianships if each.student is not None))
    return f"{person} · {children}" if children else str(person)


def new_person(
    names: tuple[str, str, str], phone: str | None, email: str | None, channel: Channel | None = None
) -> User:
    """Somebody the journal does not know yet: family name, given name, patronymic and how to reach them."""
    family_name, given_name, patronymic = names
    return User(
        family_name=family_name, given_name=given_name, patronymic=patronymic,
        account=Account(phone=phone, email=email, channel=channel),
    )  # fmt: skip
