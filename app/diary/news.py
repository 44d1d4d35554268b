"""«Новости школы» as families read them."""

from __future__ import annotations

import re

from flask import abort, request
from flask.typing import ResponseReturnValue

from app.diary.frame import blueprint, page, reader
from app.extensions import db
from app.news import feed
from app.news.text import excerpt, render

LAST_ID = 2**31 - 1


@blueprint.get("/news/")
def news() -> ResponseReturnValue:
    """The news addressed to the person, pinned ones first; ``search`` looks in the titles."""
    words = request.args.get("search", "")[:100].replace("\x00", "").strip()
    typed = request.args.get("page", "")
    number = int(typed) if re.fullmatch(r"[1-9]\d{0,3}", typed, re.ASCII) else 1
    shown = feed.page(db.session(), reader().now, number, words)
    return page("news.html", shown=shown, words=words, excerpt=excerpt)


@blueprint.get("/news/<int:number>/")
def news_item(number: int) -> ResponseReturnValue:
    """One of them."""
    item = feed.published(db.session(), number, reader().now) if number <= LAST_ID else None
    if item is None:
        abort(404)
    return page("news_item.html", item=item, render=render)
