"""Messages of a family: its threads, and whom it can write to."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from app.diary.frame import blueprint, child, children, page, reader
from app.extensions import db
from app.messages import addressees
from app.messages.pages import Pages, number

ENDPOINTS = {
    "inbox": "diary.messages",
    "thread": "diary.thread",
    "new": "diary.new_message",
    "report": "diary.report_thread",
    "file": "diary.message_file",
}


def _link(name: str, **values: Any) -> str:
    return url_for(ENDPOINTS[name], **values)


def _draw(template: str, status: int, **words: Any) -> ResponseReturnValue:
    return page(f"messages/{template}", None, status, current="diary.messages", **words)


pages = Pages(_link, _draw)


def _only_guardians() -> None:
    """Students have no threads."""
    if not reader().is_guardian:
        abort(404)


@blueprint.get("/messages/")
def messages() -> ResponseReturnValue:
    """The threads of the family, the newest first."""
    _only_guardians()
    return pages.inbox()


@blueprint.route("/messages/<int:thread>/", methods=("GET", "POST"))
def thread(thread: int) -> ResponseReturnValue:
    """One thread: read it, write in it."""
    _only_guardians()
    return pages.write(thread) if request.method == "POST" else pages.show(thread)


@blueprint.post("/messages/<int:thread>/report")
def report_thread(thread: int) -> ResponseReturnValue:
    """Ask the administration to look at a thread."""
    _only_guardians()
    return pages.report(thread)


@blueprint.get("/messages/file/<int:file>")
def message_file(file: int) -> ResponseReturnValue:
    """A file of a message."""
    _only_guardians()
    return pages.file(file)


@blueprint.route("/messages/new", methods=("GET", "POST"))
def new_message() -> ResponseReturnValue:
    """Whom to write to, and the form for who is chosen (``?to=<user>&student=<id>``)."""
    _only_guardians()
    if pages.is_addressed():
        return pages.start() if request.method == "POST" else pages.new()
    asked = number("student")
    families = [child(asked)] if asked is not None else children()
    teachers = addressees.teachers_of(db.session(), [one.id for one in families])
    return pages.draw("whom.html", teachers=[(one, teachers[one.id]) for one in families])
