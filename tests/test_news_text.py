"""The text of news: what Markdown makes of it, and that no text can harm its reader."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.news.text import ATTRIBUTES, SCHEMES, TAGS, excerpt, render


class Harm(HTMLParser):
    """Collects everything in a page that is not on the list of what is allowed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attributes:
            if name == "rel" and tag == "a" and value == "noopener nofollow":
                continue
            if name not in ATTRIBUTES.get(tag, ()):
                self.found.append(f"{tag} {name}")
            if name == "href":
                scheme, colon, _rest = (value or "").strip().partition(":")
                if colon and scheme.isalpha() and scheme.lower() not in SCHEMES:
                    self.found.append(f"{tag} {value}")


HOSTILE = st.sampled_from(
    ["<script>", "</p>", "<img src=x onerror=alert(1)>", "](javascript:alert(1))", "[x]", "(data:text/html,x)",
     "&#106;", "<a href='java&#x09;script:x'>", "![", "](http://e.example/x.png)", "<svg/onload=x>", "\n\n",
     "[r]: javascript:x", "`", "**", "# ", "> ", "- ", "<!--", "<style>", "\"", "<java\nscript:alert(1)>",
     "\x02", "\x03", "klzzwxh:0000"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE | st.text(max_size=12), max_size=12).map("".join))
@example("<javascript:alert(1)>")
@example("[a]( javascript:alert(1))")
@example("[a](&#106;avascript:alert(1))")
@example("[a][b]\n\n[b]: javascript:alert(1)")
@example('[a](http://x "t\\" onclick=alert(1)")')
def test_no_text_harms_its_reader(text: str) -> None:
    assert Harm(render(text)).found == []


def test_markdown_becomes_what_it_means() -> None:
    html = render("# Где\n\nВо **дворе**\nв 10:00\n\n- раз\n- два\n\n1. три\n\n[сайт](https://school.example)")
    assert "<h2>Где</h2>" in html
    assert "<strong>дворе</strong><br>" in html
    assert "<li>раз</li>" in html
    assert "<ol>" in html
    assert '<a href="https://school.example" rel="noopener nofollow">сайт</a>' in html


def test_raw_html_is_shown_as_it_was_typed_and_foreign_pictures_are_left_out() -> None:
    assert render("<b>жирно</b>") == "<p>&lt;b&gt;жирно&lt;/b&gt;</p>"
    assert "<img" not in render("![кот](https://elsewhere.example/cat.png)")


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "[a](" * 5_000, ">" * 20_000, "- " * 10_000, "![" * 10_000, "**a " * 5_000]
)
def test_a_text_made_to_keep_the_server_busy_is_written_out(text: str) -> None:
    assert render(text)


def test_an_excerpt_is_plain_and_ends_between_words() -> None:
    assert excerpt("# Где\n\n**Во дворе** <b>") == "Где Во дворе <b>"
    cut = excerpt("слово " * 100, 50)
    assert cut.endswith("слово…")
    assert len(cut) <= 51
