"""Everything of the diary that has no place in its navigation."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.diary.frame import blueprint, child, page


@blueprint.get("/<int:student>/more/")
def more(student: int) -> ResponseReturnValue:
    """Links to the other parts."""
    return page("more.html", child(student))
