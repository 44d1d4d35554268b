"""Markdown of a news item into HTML that cannot harm its reader."""

from __future__ import annotations

import nh3
from markdown import Markdown
from markdown.extensions.nl2br import Nl2BrExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.toc import TocExtension
from markupsafe import Markup, escape

HEADINGS = {f"h{level}" for level in range(2, 7)}
TAGS = HEADINGS | {"p", "br", "hr", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "pre"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
EXCERPT = 180
# Each bracket that nothing closes is read to the end of the text: 20,000 of them take a minute and a half.
MAX_LINKS = 100


def render(text: str) -> Markup:
    """``text`` as HTML: headings (a title stands above, so they begin with h2), lists, links, emphasis.

    Raw HTML is shown as it was typed; pictures are left out, so that no reader calls on a foreign server.
    """
    if text.count("[") > MAX_LINKS:
        text = text.replace("[", "\\[")
    try:
        html = _markdown().convert(text)
    except RecursionError:  # thousands of brackets or quotes inside each other
        return Markup("<p>{}</p>").format(escape(text))
    return Markup(  # noqa: S704 - cleaned here  # nosec B704 # nh3 cleans it
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow")
    )


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of ``text`` without markup, about ``length`` characters, cut between words."""
    plain = render(text[: length * 10]).striptags()
    return plain if len(plain) <= length else plain[:length].rsplit(" ", 1)[0] + "…"


def _markdown() -> Markdown:
    """A converter of its own for each text (it keeps state) that knows no raw HTML."""
    markdown = Markdown(
        extensions=[TocExtension(baselevel=2, marker=""), SaneListExtension(), Nl2BrExtension()], output_format="html"
    )
    markdown.preprocessors.deregister("html_block")
    markdown.inlinePatterns.deregister("html")
    return markdown
