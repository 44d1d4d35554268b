"""Charts as SVG that stands in the page: drawn by pygal, coloured by charts.css, so that they follow light and dark.

What a chart shows stands beside it as figures too: it is a picture for the eye, hidden from a reader of the screen
by its label. Values are numbers or None (nothing known: a gap).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree  # only writes what pygal has made  # nosec B405 # reads no XML from anywhere

from markupsafe import Markup

Values = Sequence[float | None]
PERCENT = (0, 100)
WIDTH, HEIGHT = 760, 240
# The sizes of charts.css.
STYLE = {"font_family": "inherit", "label_font_size": 12, "major_label_font_size": 12, "legend_font_size": 12}
LETTER, GAP = 6.5, 5  # of labels: about the width of a letter, and what lies between two
LONGEST = 22  # letters that are left of a label that is turned
UNWANTED = {"style", "script", "desc", "title", "defs"}


def lines(
    title: str, labels: Sequence[str], series: Mapping[str, Values], *, unit: str = "%",
    span: tuple[float, float] | None = PERCENT,
) -> Markup:  # fmt: skip
    """A line for each of ``series`` over ``labels`` (weeks, terms); ``span`` is the axis's range, None as it comes."""
    return _drawn("Line", title, labels, series, unit, span, show_dots=True, margin_right=56)


def bars(
    title: str, labels: Sequence[str], series: Mapping[str, Values], *, unit: str = "%",
    span: tuple[float, float] | None = PERCENT,
) -> Markup:  # fmt: skip
    """A group of bars for each of ``labels``, a bar for each of ``series``."""
    return _drawn("Bar", title, labels, series, unit, span)


def stacked(
    title: str, labels: Sequence[str], series: Mapping[str, Values], *, unit: str = "",
    span: tuple[float, float] | None = None,
) -> Markup:  # fmt: skip
    """Bars whose parts add up: 5, 4, 3, 2 of a class; reasons of absence."""
    return _drawn("StackedBar", title, labels, series, unit, span)


def sparkline(title: str, values: Values) -> Markup:
    """A small line of percents for a row of a table."""
    chart = _chart("Line", "", PERCENT, width=120, height=28, margin=2, show_dots=False, show_legend=False,
                   show_x_labels=False, show_y_labels=False, show_y_guides=False)  # fmt: skip
    chart.add(title, list(values))
    return _svg(chart, title, "sparkline")


def _drawn(
    kind: str, title: str, labels: Sequence[str], series: Mapping[str, Values], unit: str,
    span: tuple[float, float] | None, **options: Any,
) -> Markup:  # fmt: skip
    crowded = _are_crowded(labels)
    height = HEIGHT + 5 * min(max(map(len, labels)), LONGEST) if crowded else HEIGHT
    chart = _chart(
        kind, unit, span, width=WIDTH, height=height, show_legend=len(series) > 1, legend_at_bottom=True,
        legend_at_bottom_columns=min(4, max(1, len(series))), x_label_rotation=45 if crowded else 0,
        truncate_label=LONGEST if crowded else -1, **options,
    )  # fmt: skip
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    return _svg(chart, title, f"chart-{min(len(series), 9)}")


def _are_crowded(labels: Sequence[str]) -> bool:
    """Whether two neighbours would run into each other, so that they are written downwards."""
    room = (WIDTH - 60) / max(len(labels), 1)
    return any((len(one) + len(other)) / 2 * LETTER + GAP > room for one, other in pairwise(labels))


def _chart(kind: str, unit: str, span: tuple[float, float] | None, **options: Any) -> Any:
    import pygal
    from pygal.etree import etree
    from pygal.style import Style

    etree.to_etree()  # by itself it takes lxml where there is one, and then ElementTree cannot write what it makes

    def said(value: float | None) -> str:
        return "" if value is None else f"{value:g}".replace(".", ",") + unit

    return getattr(pygal, kind)(
        css=[], js=[], style=Style(**STYLE), no_prefix=True, disable_xml_declaration=True,
        value_formatter=said, range=span, min_scale=3, max_scale=5, stroke_style=None, print_values=False,
        truncate_legend=-1, **options,
    )  # fmt: skip


def _svg(chart: Any, title: str, name: str) -> Markup:
    """The drawing without the style and script that pygal would bring along, under ``name`` for the style sheet."""
    tree = chart.render_tree()
    for parent in tree.iter():
        for element in list(parent):
            is_tooltip = "tooltip-overlay" in element.get("class", "")
            if is_tooltip or not isinstance(element.tag, str) or element.tag.rpartition("}")[2] in UNWANTED:
                parent.remove(element)
        for key in ("style", "id"):
            parent.attrib.pop(key, None)
    tree.set("class", f"chart {name}")
    tree.set("role", "img")
    tree.set("aria-label", title)
    return Markup(ElementTree.tostring(tree, encoding="unicode"))  # noqa: S704 - pygal escapes what it is given  # nosec B704 # as said
