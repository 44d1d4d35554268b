"""«Новости школы» as families read them."""

from __future__ import annotations

import re

from flask import Response, abort, after_this_request, request
from flask.typing import ResponseReturnValue

from app import clock
from app.diary.frame import blueprint, page, reader
from app.extensions import db
from app.news import archive, feed, readings
from app.news.feed import NewsState
from app.news.text import excerpt, render


@blueprint.get("/news/")
def news() -> ResponseReturnValue:
    """The news addressed to the person, pinned ones first; ``search`` looks in the titles."""
    words, number = _words(), _number()
    shown = feed.page(db.session(), reader().now, number, words)
    return page("news.html", shown=shown, words=words, excerpt=excerpt)


@blueprint.get("/news/<int:number>/")
def news_item(number: int) -> ResponseReturnValue:
    """One of them."""
    item = feed.published(db.session(), number, reader().now)
    if item is None:
        abort(404)
    actor = reader()

    @after_this_request
    def note(response: Response) -> Response:
        readings.note(actor.user_id, number, actor.today, actor.now)
        return response

    is_archived = feed.state_of(item, actor.now) is NewsState.ARCHIVED
    return page("news_item.html", item=item, render=render, is_archived=is_archived)


@blueprint.get("/news/archive/")
def news_archive() -> ResponseReturnValue:
    """News that are no longer news; ``when`` is a year or a month, ``search`` looks in the titles."""
    when = request.args.get("when", "")
    if when and archive.span_of(when) is None:
        abort(404)
    session, now, zone, words = db.session(), reader().now, clock.zone(), _words()
    shown = archive.page(session, now, zone, when, words, _number())
    return page(
        "news_archive.html", shown=shown, words=words, when=when, spans=archive.spans(session, now, zone),
        excerpt=excerpt,
    )  # fmt: skip


def _words() -> str:
    return request.args.get("search", "")[:100].replace("\x00", "").strip()


def _number() -> int:
    typed = request.args.get("page", "")
    return int(typed) if re.fullmatch(r"[1-9]\d{0,3}", typed, re.ASCII) else 1
