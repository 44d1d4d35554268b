"""What somebody typed into a form that could not be saved: it stands on the page that says so, to be sent again.

Pages are never stored in the browser, so that «Back» would show an empty form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request

SECRET = re.compile(r"password|code|secret|token", re.IGNORECASE)
"""Names of fields whose values are never written into a page."""
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
CSRF = "csrf_token"


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent to ``action``: its ``fields``, and the names of those that held ``files``."""

    action: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """What somebody wrote in words, to be read and copied."""
        return tuple(value for _name, value in self.fields if any(sign.isspace() for sign in value.strip()))


def kept_form() -> KeptForm | None:
    """The form of this request; None when there is none, it holds a secret, or another site has sent it.

    A page that offers to send again what another site made up would be a way around the form's token.
    """
    if request.method != "POST" or request.mimetype not in FORMS or not _is_from_here():
        return None
    if "form" not in request.__dict__:  # it could not be read, and what is left of it cannot either
        return None
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != CSRF)
    files = tuple(dict.fromkeys(name for name, file in request.files.items(multi=True) if file.filename))
    if not (fields or files) or any(SECRET.search(name) for name, _value in fields):
        return None
    return KeptForm("/" + request.full_path.rstrip("?").lstrip("/"), fields, files)


def _is_from_here() -> bool:
    """Whether the browser says that the form stood on a page of this site."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host
