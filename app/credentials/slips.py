"""Printed slips for people whom no message reaches: several to a page, with QR code and instruction.

The codes are derived when the page is printed and stay nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credentials import texts
from app.credentials.children import children_of
from app.credentials.codes import derive
from app.models import Account, Credential, User


@dataclass(frozen=True, repr=False)  # no repr: the code must not get into a log
class Slip:
    """One slip. ``children`` are «Семёнов Пётр, 5А»; ``code`` is twelve signs without dashes."""

    name: str
    children: Sequence[str]
    code: str
    expires_at: datetime
    locale: str
    is_staff: bool

    @property
    def grouped_code(self) -> str:
        """The code as it is read aloud and typed: 4-4-4."""
        return "-".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))

    @property
    def link(self) -> str:
        """The whole address."""
        return texts.link(self.code)

    @property
    def qr(self) -> Markup:
        """The address as an inline picture, without style attributes and scripts."""
        import segno

        return Markup(segno.make_qr(self.link, error="m").svg_inline(omitsize=True, svgclass=None, lineclass=None))  # noqa: S704  # nosec B704 # segno draws squares


def slips_of(
    session: Session, credentials: Sequence[Credential], secret_key: str, today: date, now: datetime
) -> list[Slip]:
    """A slip for each credential that can still be used, in the order of the people's names.

    ``today`` decides which class a child is in. Five statements for any number of slips.
    """
    usable = [
        credential for credential in credentials
        if not (credential.revoked_at or credential.activated_at) and credential.expires_at > now
    ]  # fmt: skip
    ids = [credential.user_id for credential in usable]
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
    accounts = {a.user_id: a for a in session.scalars(select(Account).where(Account.user_id.in_(ids)))}
    children = children_of(session, ids, today)
    usable.sort(key=lambda credential: (users[credential.user_id].sort_name, credential.user_id))
    return [
        Slip(
            name=users[credential.user_id].full_name,
            children=children[credential.user_id],
            code=derive(secret_key, credential.user_id, credential.version),
            expires_at=credential.expires_at,
            locale=texts.language(accounts.get(credential.user_id)),
            is_staff=users[credential.user_id].is_staff,
        )
        for credential in usable
    ]


def page(slips: Sequence[Slip]) -> str:
    """The page to print, as HTML; each slip in the language of its reader. Needs a request (for the style file)."""
    printed = []
    for slip in slips:
        with force_locale(slip.locale):
            printed.append(Markup(texts.filled("slip.html", {"slip": slip})))  # noqa: S704  # nosec B704 # the template escapes
    return texts.filled("slips.html", {"slips": printed, "school": current_app.config["SCHOOL_NAME"]})
