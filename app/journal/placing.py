"""Which topic of a lesson plan belongs to which lesson: plan and lessons in, places out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.collation import search_key
from app.models import Lesson, PlannedTopic


class Opens(Protocol):
    """Says of a lesson whether a topic may be laid on it."""

    def __call__(self, lesson: Lesson) -> bool: ...


@dataclass(frozen=True)
class Places:
    """``given`` are positions of topics that lessons have for good, by lesson; ``laid`` those that belong on open
    lessons; ``left`` the topics for which there is no lesson, ``empty`` the open lessons for which there is no topic.
    """

    given: dict[int, int]
    laid: dict[int, int]
    left: list[PlannedTopic]
    empty: list[int]


def place(topics: Sequence[PlannedTopic], lessons: Sequence[Lesson], is_open: Opens) -> Places:
    """The n-th topic that no lesson has yet belongs on the n-th open lesson.

    ``topics`` are in order of position, ``lessons`` in order of day and number. A lesson is open when it is not
    over, cancelled or locked and its topic is empty or the plan's. What a lesson that stays as it is has of the
    plan, or in the same words by hand, counts as given; a cancelled lesson gives nothing.
    """
    staying = [lesson for lesson in lessons if not lesson.is_cancelled and not is_open(lesson)]
    given = given_positions(topics, staying)
    taken = set(given.values())
    waiting = [topic for topic in topics if topic.position not in taken]
    opened = [lesson.id for lesson in lessons if is_open(lesson)]
    laid = {number: topic.position for number, topic in zip(opened, waiting, strict=False)}
    return Places(given, laid, waiting[len(opened) :], opened[len(waiting) :])


def given_positions(topics: Iterable[PlannedTopic], lessons: Sequence[Lesson]) -> dict[int, int]:
    """Positions of the topics that ``lessons`` have, by lesson: laid on them, or written by hand in the same words."""
    given = {lesson.id: lesson.plan_position for lesson in lessons if lesson.plan_position is not None}
    taken, by_words = set(given.values()), dict[str, list[int]]()
    for topic in topics:
        if topic.position not in taken:
            by_words.setdefault(search_key(topic.topic), []).append(topic.position)
    for lesson in lessons:
        if lesson.plan_position is None and lesson.topic and (same := by_words.get(search_key(lesson.topic))):
            given[lesson.id] = same.pop(0)
    return given


def suggestions(topics: Sequence[Any], lessons: Sequence[Any]) -> dict[int, str]:
    """What the plan says for lessons without a topic, by lesson: in order, and nothing that a later lesson is past.

    Rows that have the columns of topics and lessons that are looked at here will do.
    """
    held = [lesson for lesson in lessons if not lesson.is_cancelled]
    given = given_positions(topics, held)
    taken = set(given.values())
    ceiling, ceilings = float("inf"), dict[int, float]()
    for lesson in reversed(held):
        ceiling = min(ceiling, given.get(lesson.id, ceiling))
        ceilings[lesson.id] = ceiling
    waiting = [topic for topic in topics if topic.position not in taken]
    found: dict[int, str] = {}
    for lesson in held:
        if waiting and not lesson.topic and waiting[0].position < ceilings[lesson.id]:
            found[lesson.id] = waiting.pop(0).topic
    return found
