"""What a column means by its heading, in the many ways schools write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext

from app.collation import search_key
from app.models.people import Relation


class Kind(StrEnum):
    """What the cells of a column are."""

    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    PATRONYMIC = "patronymic"
    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    CLASS = "class"
    LETTER = "letter"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    RELATION = "relation"


NAMES = {Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.PATRONYMIC, Kind.FULL_NAME}
CONTACTS = {Kind.PHONE, Kind.EMAIL}
OF_STUDENT_ONLY = {Kind.BIRTH_DATE, Kind.CLASS, Kind.LETTER, Kind.ADDRESS}
STUDENT = ""
REASON_HEADINGS = {"причина", "reason"}  # of the file of corrections

LABELS = {
    Kind.FAMILY_NAME: lazy_gettext("Family name"),
    Kind.GIVEN_NAME: lazy_gettext("Given name"),
    Kind.PATRONYMIC: lazy_gettext("Patronymic"),
    Kind.FULL_NAME: lazy_gettext("Full name"),
    Kind.BIRTH_DATE: lazy_gettext("Birth date"),
    Kind.CLASS: lazy_gettext("Class"),
    Kind.LETTER: lazy_gettext("Letter of the class"),
    Kind.PHONE: lazy_gettext("Phone"),
    Kind.EMAIL: lazy_gettext("E-mail"),
    Kind.ADDRESS: lazy_gettext("Address"),
    Kind.RELATION: lazy_gettext("Relation"),
}
FIXED_RELATIONS = {"mother": Relation.MOTHER, "father": Relation.FATHER}


@dataclass(frozen=True)
class Field:
    """A kind of cell and whose it is: STUDENT, or a guardian («1», «2», «mother», «father»)."""

    kind: Kind
    owner: str = STUDENT

    @property
    def relation(self) -> Relation | None:
        """What the heading itself says the guardian is: «Телефон матери»."""
        return FIXED_RELATIONS.get(self.owner)

    @property
    def label(self) -> LazyString | str:
        """«Phone, guardian 2» in the reader's language."""
        if self.owner == STUDENT:
            return LABELS[self.kind]
        if self.relation:
            return lazy_gettext("%(what)s, %(relation)s", what=LABELS[self.kind], relation=self.relation.label)
        return lazy_gettext("%(what)s, guardian %(number)s", what=LABELS[self.kind], number=self.owner)


# A word of a heading counts when it begins so.
GUARDIAN_WORDS = ("родител", "представител", "законн", "опекун", "попечител", "parent", "guardian")
MOTHER_WORDS = ("мать", "матер", "мам", "mother")
FATHER_WORDS = ("отец", "отца", "папа", "папы", "father")
STUDENT_WORDS = ("учен", "учащ", "обучающ", "ребен", "воспитанник", "student", "pupil", "child")
ORDINALS = {"первого": "1", "первый": "1", "второго": "2", "второй": "2", "третьего": "3", "третий": "3"}
OWNERS = (*GUARDIAN_WORDS, *MOTHER_WORDS, *FATHER_WORDS, *STUDENT_WORDS)


def columns_of(headings: Sequence[str]) -> list[Field | None]:
    """The meaning of each heading of a row, read from left to right; None for one that means nothing here.

    A contact without an owner belongs to the guardian named to its left, and to the student when there is none:
    a child's phone must not be taken for a parent's, who gets access by it.
    """
    found: list[Field | None] = []
    taken: set[Field] = set()
    guardian = STUDENT
    for heading in headings:
        words = re.findall(r"[a-zа-я]+|[0-9]+", search_key(heading))
        kind = _kind(words)
        if kind is None:
            found.append(None)
            continue
        owner = _owner(words, kind, guardian, taken)
        field = Field(kind, owner)
        if field in taken or (owner != STUDENT and kind in OF_STUDENT_ONLY):
            found.append(None)  # a second column of the same is named as ignored
            continue
        if owner != STUDENT and kind in NAMES:
            guardian = owner
        taken.add(field)
        found.append(field)
    return found


def _owner(words: list[str], kind: Kind, guardian: str, taken: set[Field]) -> str:
    number = next((ORDINALS.get(word, word) for word in words if word in ORDINALS or word in {"1", "2", "3"}), "")
    if _any(words, MOTHER_WORDS):
        return "mother"
    if _any(words, FATHER_WORDS):
        return "father"
    of_guardian = _any(words, GUARDIAN_WORDS)
    if not of_guardian and (_any(words, STUDENT_WORDS) or kind in OF_STUDENT_ONLY):
        return STUDENT
    if number and (of_guardian or kind in CONTACTS or kind is Kind.RELATION):
        return number
    if of_guardian:
        return _unnumbered(kind, guardian, taken)
    if kind in CONTACTS or kind is Kind.RELATION:
        return guardian
    return STUDENT


def _unnumbered(kind: Kind, guardian: str, taken: set[Field]) -> str:
    """«Родитель» without a number: the guardian begun last, or the next when that one has such a column."""
    if guardian == STUDENT:
        return "1" if Field(kind, "1") not in taken else "2"
    if Field(kind, guardian) not in taken:
        return guardian
    return str(int(guardian) + 1) if guardian.isdigit() else "2"


def _kind(words: list[str]) -> Kind | None:
    joined = "".join(words)
    if joined in REASON_HEADINGS or _any(words, ("руковод", "учител")):
        return None
    for kind, matches in _RULES:
        if matches(words, joined):
            return kind
    return None


def _any(words: list[str], beginnings: tuple[str, ...]) -> bool:
    return any(word.startswith(beginnings) for word in words)


def _is_email(words: list[str], joined: str) -> bool:
    electronic = _any(words, ("электрон",)) and _any(words, ("почт", "адрес"))
    return "mail" in joined or electronic or not {"почта", "почты", "имейл", "емейл"}.isdisjoint(words)


def _is_birth_date(words: list[str], joined: str) -> bool:
    if joined == "др":
        return True
    only_year = _any(words, ("год",)) and not _any(words, ("дата", "числ", "день"))
    return _any(words, ("рожд", "birth")) and not only_year and not _any(words, ("мест", "свид", "сери", "номер"))


def _is_full_name(words: list[str], joined: str) -> bool:
    if "фио" in joined or (_any(words, ("фамил",)) and "имя" in words) or joined in {"fullname", "name"}:
        return True
    others = [word for word in words if not word.startswith(OWNERS) and word not in {"1", "2", "3", "ца", "ся"}]
    return _any(words, OWNERS) and all(word in ORDINALS for word in others)


_RULES = (
    (Kind.EMAIL, _is_email),
    (Kind.PHONE, lambda w, j: _any(w, ("телефон", "моб", "сотов", "phone", "mobile")) or "тел" in w),
    (Kind.BIRTH_DATE, _is_birth_date),
    (Kind.ADDRESS, lambda w, j: _any(w, ("адрес", "жительств", "address"))),
    (Kind.RELATION, lambda w, j: _any(w, ("родств", "приходится", "relation"))),
    (Kind.LETTER, lambda w, j: _any(w, ("литер", "букв"))),
    (Kind.CLASS, lambda w, j: not {"класс", "класса", "параллель", "class"}.isdisjoint(w)),
    (Kind.FULL_NAME, _is_full_name),
    (Kind.FAMILY_NAME, lambda w, j: _any(w, ("фамил", "surname")) or j in {"familyname", "lastname"}),
    (Kind.GIVEN_NAME, lambda w, j: "имя" in w or j in {"givenname", "firstname"}),
    (Kind.PATRONYMIC, lambda w, j: _any(w, ("отчеств", "patronymic"))),
)
