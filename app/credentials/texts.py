"""What a person reads when getting access: SMS, mail, and how many parts the SMS takes.

The code is put into the text when it is sent or shown, and stays nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credentials.codes import derive
from app.delivery.transports import Content
from app.models import Account, Credential, Delivery, User
from app.models.access import DeliveryChannel

SAMPLE_CODE = "XXXXXXXXXXXX"
"""Stands in a preview where the person's code will be."""

# 3GPP TS 23.038: the default alphabet, and what takes an escape and so counts as two.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")


def sms_parts(text: str) -> tuple[str, int]:
    """Encoding («GSM-7» or «UCS-2») and number of parts an SMS is charged as; 0 for no text.

    One part holds 160 or 70 units, each of several 153 or 67. A character is never cut in two, so a
    pair that does not fit goes into the next part.
    """
    if all(sign in _GSM or sign in _GSM_EXTENSION for sign in text):
        return "GSM-7", _parts([2 if sign in _GSM_EXTENSION else 1 for sign in text], 160, 153)
    return "UCS-2", _parts([2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def _parts(units: list[int], single: int, each: int) -> int:
    if sum(units) <= single:
        return min(1, len(units))
    parts, used = 1, 0
    for size in units:
        if used + size > each:
            parts, used = parts + 1, 0
        used += size
    return parts


def link(code: str) -> str:
    """The address that lets the person in, PUBLIC_URL/a/CODE."""
    return f"{current_app.config['PUBLIC_URL']}/a/{code}"


def language(account: Account | None) -> str:
    """The language a person is written to in: the chosen one, else the school's."""
    return (account.locale if account else None) or str(current_app.config["LOCALE"])


def sms(locale: str, code: str, *, is_staff: bool) -> str:
    """The SMS; in Russian one part of 70 characters while school's name and address are short."""
    school = current_app.config["SCHOOL_NAME"]
    with force_locale(locale):
        if is_staff:
            return str(_("%(school)s: journal access %(link)s", school=school, link=link(code)))
        return str(_("%(school)s: diary access %(link)s", school=school, link=link(code)))


def mail(locale: str, code: str, expires_at: datetime, *, name: str, is_staff: bool) -> Content:
    """The mail: subject, text and HTML of the same words."""
    with force_locale(locale):
        words = {
            "locale": locale,
            "school": current_app.config["SCHOOL_NAME"],
            "link": link(code),
            "name": name,
            "is_staff": is_staff,
            "expires": format_datetime(expires_at, "d MMMM, HH:mm"),
        }
        return Content(
            subject=" ".join(filled("mail.subject.txt", words).split()),
            text=filled("mail.txt", words).strip() + "\n",
            html=filled("mail.html", words),
        )


def filled(name: str, words: dict[str, Any]) -> str:
    """The template of that name with the words in it."""
    # Not render_template: a worker has no request, and what pages need around them is of no use here.
    return current_app.jinja_env.get_template(f"credentials/{name}").render(words)


def compose(session: Session, delivery: Delivery) -> Content:
    """The content of a delivery with the person's code in it, for the worker."""
    return _content(session, delivery, str(current_app.config["SECRET_KEY"]))


def render(session: Session, delivery: Delivery, secret_key: str) -> str:
    """The text of a delivery, made on demand: for the delivery's page of a demo, for who may issue."""
    return _as_read(_content(session, delivery, secret_key))


def masked(session: Session, delivery: Delivery) -> str:
    """The same text without the code."""
    return _as_read(_content(session, delivery, None))


def _as_read(content: Content) -> str:
    return "\n\n".join(part for part in (content.subject, content.text) if part)


def _content(session: Session, delivery: Delivery, secret_key: str | None) -> Content:
    """With the code, or with a sample in its place when there is no key."""
    credential = session.get_one(Credential, delivery.credential_id)
    user = session.get_one(User, delivery.user_id)
    account = session.scalars(select(Account).where(Account.user_id == delivery.user_id)).one_or_none()
    code = derive(secret_key, credential.user_id, credential.version) if secret_key else SAMPLE_CODE
    if delivery.channel is DeliveryChannel.EMAIL:
        name = greeted(user)
        return mail(language(account), code, credential.expires_at, name=name, is_staff=user.is_staff)
    return Content(sms(language(account), code, is_staff=user.is_staff))


def greeted(user: User) -> str:
    """«Анна Ивановна»: how a letter addresses a person."""
    return " ".join(part for part in (user.given_name, user.patronymic) if part)
