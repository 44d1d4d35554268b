"""People who do not exist: the same original gives the same invention within one copy, another one in the next."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

from app.collation import search_key, sort_key

# Family names of two halves and given names that are rarely given: whoever reads them sees that they are invented.
FIRST = ("Бело", "Ясно", "Тихо", "Сине", "Добро", "Звездо", "Лесо", "Горо", "Снего", "Медо", "Ветро", "Луго")
SECOND = ("светов", "ветров", "польцев", "цветов", "лугов", "дубов", "хлебов", "громов", "рощин", "речкин", "травин")
MEN = ("Ратмир", "Велимир", "Любомир", "Светозар", "Яромир", "Всеволод", "Изяслав", "Добромысл", "Радослав", "Будимир")
WOMEN = ("Забава", "Василиса", "Любава", "Снежана", "Рогнеда", "Предслава", "Лада", "Веселина", "Мирослава", "Млада")
NEUTRAL = "Учебный текст без имён и событий. "
SHIFT = range(31, 366)  # days by which a birthday moves


class Person(NamedTuple):
    """The name of an invented person, and its keys."""

    family_name: str
    given_name: str
    patronymic: str

    @property
    def search_name(self) -> str:
        """See ``app.collation``."""
        return search_key(*self)

    @property
    def sort_name(self) -> str:
        """See ``app.collation``."""
        return sort_key(*self)


class Inventor:
    """Makes people up; nothing it makes is among ``originals``, the names and contacts of those who exist."""

    def __init__(self, originals: Collection[str]) -> None:
        self.originals = originals
        self._secret = secrets.token_hex(16)
        self._families = self._unlike([first + second for first in FIRST for second in SECOND], ("", "а"))
        self._men = self._unlike(list(MEN), ("", "ович", "овна"))
        self._women = self._unlike(list(WOMEN), ("",))
        self._phones = self._fresh(lambda number: f"+7971{number:07}")
        self._emails = self._fresh(lambda number: f"person{number}@example.invalid")
        self._addresses = self._fresh(lambda number: f"г. Примерск, ул. Вымышленная, д. {number}")
        self._identities: set[str] = set()

    def name(self, key: str, patronymic: str) -> Person:
        """The name of the person with this key; a woman's where ``patronymic``, the original one, is a woman's."""
        random = Random(f"{self._secret} {key}")  # noqa: S311  (the secret is random)
        is_female = patronymic.endswith("на")
        family, father = random.choice(self._families), random.choice(self._men)
        given = random.choice(self._women if is_female else self._men)
        return Person(
            family + "а" * is_female, given, (father + ("овна" if is_female else "ович")) if patronymic else ""
        )

    def phone(self) -> str:
        """A number of a code that no operator has."""
        return next(self._phones)

    def email(self) -> str:
        """An address in a domain that cannot exist."""
        return next(self._emails)

    def address(self) -> str:
        """An address in a town that is not on the map."""
        return next(self._addresses)

    def birthday(self, original: date, key: str, search_name: str) -> tuple[date, str]:
        """Another day within a year, and the identity of the student with it, which nobody else has."""
        random = Random(f"{self._secret} {key}")  # noqa: S311
        day = original + timedelta(random.choice((-1, 1)) * random.choice(SHIFT))
        while (identity := f"{search_name}|{day}") in self._identities or day == original:
            day += timedelta(1)
        self._identities.add(identity)
        return day, identity

    def _unlike(self, pool: list[str], ends: tuple[str, ...]) -> list[str]:
        """What of ``pool`` no original is, with none of the ends."""
        return [word for word in pool if not any(word + end in self.originals for end in ends)] or pool

    def _fresh(self, form: Callable[[int], str]) -> Iterator[str]:
        return (made for made in map(form, count(1)) if made not in self.originals)


def neutral(text: str) -> str:
    """Words that say nothing, of the same length."""
    return (NEUTRAL * (len(text) // len(NEUTRAL) + 1))[: len(text)]
