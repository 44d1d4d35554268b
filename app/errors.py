"""What people read when something does not work: what happened, what was kept, what to do."""

from __future__ import annotations

import errno
import sqlite3

from flask import Flask, abort, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from app import logs
from app.auth import signed_in
from app.auth.throttle import ThrottledError
from app.extensions import db
from app.kept_form import kept_form
from app.policy import PolicyError
from app.regulation import RegulationError

# Status: name for programs, title, what to do.
TEXTS = {
    400: ("bad_request", _("This request is not understood"),
          _("Nothing was changed. Go back and try again.")),
    403: ("forbidden", _("This is not open to you"),
          _("Nothing was changed. If you need it for your work, ask the deputy director.")),
    404: ("not_found", _("There is no such page"),
          _("It may have been moved or deleted, or it is not open to you. Check the address or begin at the start.")),
    405: ("method_not_allowed", _("This page does not work that way"),
          _("Nothing was changed. Go back and try again.")),
    413: ("too_large", _("The file is too large"),
          _("Nothing was saved. Make it smaller or split it, then try again.")),
    429: ("too_many_requests", _("Too many attempts"),
          _("Nothing was changed. Wait a little and try again.")),
    500: ("server_error", _("Something went wrong on our side"),
          _("What you were saving was not saved; all that was saved before is kept. Try again, and if it happens "
            "again, tell the school what you were doing.")),
    503: ("unavailable", _("The journal is busy"),
          _("What you were saving was not saved; all that was saved before is kept. Try again in a minute.")),
}  # fmt: skip
EXPIRED = (
    _("The form has expired"),
    _("You were signed out meanwhile, or this browser keeps no cookies. Nothing was changed. Go back, copy what you "
      "typed, reload the page and send it again."),
)  # fmt: skip
KEPT = _("You were signed out meanwhile, or this browser keeps no cookies. Nothing was changed.")
NO_ROOM = (
    "no_room",
    _("There is no room left on the server"),
    _("What you were saving was not saved; all that was saved before is kept. Tell the people who run the journal: it "
      "goes on by itself as soon as there is room."),
)  # fmt: skip
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FULL_DATABASE = {"SQLITE_FULL", "53100"}  # SQLite's name, PostgreSQL's SQLSTATE
AWAY_STATES = ("08", "53", "57P")  # PostgreSQL: no connection, no resources, stopped by its operator

OPEN = {"sign_in", "activation", "stop", "language"}
"""Blueprints that take forms of people who are not signed in."""


def register(app: Flask) -> None:
    """Answer every error in the reader's language, people with a page and programs with JSON."""
    app.before_request(_refuse_nul)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(PolicyError, _refused)
    app.register_error_handler(RegulationError, _broke_a_rule)
    app.register_error_handler(ThrottledError, _throttled)
    app.register_error_handler(OperationalError, _database_is_away)
    app.register_error_handler(DBAPIError, _database_failed)
    app.register_error_handler(PoolTimeoutError, _database_is_away)
    app.register_error_handler(OSError, _system_failed)


def _refuse_nul() -> None:
    """No keyboard types it and PostgreSQL cannot store it: refused before any view stumbles over it."""
    texts = [request.path, *request.args.keys(), *(text for texts in request.args.listvalues() for text in texts)]
    texts += [text for texts in request.form.listvalues() for text in texts]
    if any("\0" in text for text in texts):
        abort(400)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    name, title, advice = TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return _answer(status, name, title, advice, headers)


def _refused(error: PolicyError) -> ResponseReturnValue:
    db.session.rollback()
    name, title, _advice = TEXTS[403]
    return _answer(403, name, title, error.explanation)


def _broke_a_rule(error: RegulationError) -> ResponseReturnValue:
    db.session.rollback()
    return _answer(422, "regulation", _("The school's regulation does not allow this"), error.message)


def _throttled(error: ThrottledError) -> ResponseReturnValue:
    name, title, _advice = TEXTS[429]
    return _answer(429, name, title, error.message, {"Retry-After": str(error.seconds)})


def _expired(_error: CSRFError) -> ResponseReturnValue:
    """A program whose session is over is told that; a new token would not help it."""
    if _wants_json() and signed_in.person() is None and request.blueprint not in OPEN:
        return signed_in.ask_to_sign_in()
    name, (title, advice) = "form_expired", EXPIRED
    return _answer(400, name, title, KEPT if kept_form() else advice)


def _database_is_away(error: DBAPIError | PoolTimeoutError) -> ResponseReturnValue:
    what = getattr(error, "orig", None) or error
    current_app.logger.error("The database does not answer: %s", type(what).__name__, exc_info=error)
    db.session.rollback()
    return _answer(503, *(NO_ROOM if _is_full(what) else TEXTS[503]))


def _database_failed(error: DBAPIError) -> ResponseReturnValue:
    """Drivers also say by other names that the database went away; everything else is a fault of ours."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if error.connection_invalidated or state.startswith(AWAY_STATES):
        return _database_is_away(error)
    raise error


def _is_full(error: BaseException | None) -> bool:
    said = getattr(error, "sqlite_errorname" if isinstance(error, sqlite3.Error) else "sqlstate", None)
    return said in FULL_DATABASE


def _system_failed(error: OSError) -> ResponseReturnValue:
    """A full disk where files are kept or uploads come in."""
    db.session.rollback()
    if error.errno not in FULL:
        raise error
    current_app.logger.error("No room to write: %s", errno.errorcode[error.errno])
    return _answer(503, *NO_ROOM)


def _answer(
    status: int, name: str, title: object, advice: object, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    number = logs.request_id() if status >= 500 else ""
    if _wants_json():
        told = {"request": number} if number else {}
        response = jsonify(error=name, message=f"{title}. {advice}", **told)
    else:
        kept = kept_form() if name == "form_expired" or status >= 500 else None
        page = render_template(
            "errors/error.html", status=status, title=title, advice=advice, kept=kept, request_number=number
        )
        response = make_response(page)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def _wants_json() -> bool:
    """A program asks: it sends JSON, prefers JSON, or calls the API or a webhook."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.is_json or best == "application/json" or request.path.startswith(("/api/", "/webhooks/"))
