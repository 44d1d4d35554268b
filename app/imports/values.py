"""Values as people write them - dates, phones, e-mails, classes, names - made into what the journal keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext
from phonenumbers import NumberParseException, ValidationResult

from app.collation import search_key, sort_key
from app.imports.table import Cell, Text, text_of

YOUNGEST, OLDEST = 4, 25  # years; whoever is younger or older on the day of the import is no student
BLANKS = {"", "-", "--", "–", "—", ".", "нет", "н/д", "нет данных", "отсутствует", "не указан", "не указано", "n/a"}
MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")  # «март» is found first
LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")


class ValueProblem(ValueError):
    """A cell that cannot be read; ``reason`` tells the reader why, in their language."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ClassName:
    """«5А»: a grade from 1 to 11 and a letter, empty where a school has one class in a grade."""

    grade: int
    letter: str

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


@dataclass(frozen=True)
class Name:
    """A person's name, written as it is kept."""

    family_name: str
    given_name: str
    patronymic: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)

    @property
    def key(self) -> str:
        """What family and given names are compared by: ё is е, capitals do not count."""
        return search_key(self.family_name, self.given_name)

    def may_be(self, other: Name) -> bool:
        """Whether both can name one person: equal, a missing patronymic aside."""
        ours, theirs = search_key(self.patronymic), search_key(other.patronymic)
        return self.key == other.key and (ours == theirs or not ours or not theirs)


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, a dash, «нет»."""
    return text_of(cell).casefold() in BLANKS


def _short(cell: Cell) -> str:
    """The text of a cell that can hold a value at all; what is longer only costs time."""
    text = text_of(cell)
    if len(text) > 300:
        raise ValueProblem(lazy_gettext("too long"))
    return text


# ---- dates


def birth_date(cell: Cell, today: date) -> date:
    """The day somebody was born; refuses days on which no student can be born."""
    day = _day(cell, today)
    if not today.year - OLDEST <= day.year <= today.year - YOUNGEST:
        raise ValueProblem(lazy_gettext("%(year)s is not a year a student can be born in", year=day.year))
    return day


def _day(cell: Cell, today: date) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _short(cell)
    if re.fullmatch(r"[1-9][0-9]{4}", text):  # the number a spreadsheet keeps a date as
        return date(1899, 12, 30) + timedelta(days=int(text))
    year, month, day = _parts(text)
    if len(year) == 2:
        year = f"{20 if int(year) <= today.year % 100 else 19}{year}"
    try:
        return date(int(year), month, int(day))
    except ValueError:
        raise ValueProblem(lazy_gettext("there is no such day")) from None


def _parts(text: str) -> tuple[str, int, str]:
    """Year, month and day of «26.10.19», «26/10/2019», «2019-10-26», «26 октября 2019 г.»."""
    text = re.sub(r"[T ]0?0:00(:00(\.0+)?)?$", "", text.strip()).casefold()
    text = re.sub(r"\s*(г|года|год)?\.?$", "", text)
    if found := re.fullmatch(r"([0-9]{4})\s*[-./]\s*([0-9]{1,2})\s*[-./]\s*([0-9]{1,2})", text):
        return found[1], int(found[2]), found[3]
    if found := re.fullmatch(r"([0-9]{1,2})\s*[-./,]\s*([0-9]{1,2})\s*[-./,]\s*([0-9]{4}|[0-9]{2})", text):
        return found[3], int(found[2]), found[1]
    if found := re.fullmatch(r"([0-9]{1,2})\s*[-. ]?\s*([а-я]{3,8})\.?\s*[-. ]?\s*([0-9]{4}|[0-9]{2})", text):
        for number, beginning in enumerate(MONTHS, start=1):
            if found[2].startswith(beginning):
                return found[3], number, found[1]
    raise ValueProblem(lazy_gettext("not a date; write it as 26.10.2019"))


# ---- phones and e-mails

_TOO_LONG, _TOO_SHORT = lazy_gettext("the number has too many digits"), lazy_gettext("the number has too few digits")
_NO_PHONE = lazy_gettext("not a phone number; write it as +7 912 345-67-89")


def phone(cell: Cell) -> str:
    """A phone number of any form in E.164; without a country code it is Russian."""
    text = _short(cell)
    if re.search(r"[0-9][eеEЕ]\+?[0-9]", text):
        raise ValueProblem(lazy_gettext("the spreadsheet has shortened the number; format the column as text"))
    text = re.sub(r"^[^0-9+(]*|[^0-9]*$", "", text)  # «тел.: 8 912 345-67-89 (мама)»
    if re.search(r"[^\W\d_]", text):
        raise ValueProblem(_NO_PHONE)
    text = re.sub(r"^\+\s*8(?=\D*9)", "8", text)
    try:
        number = phonenumbers.parse(text, "RU")
    except NumberParseException as problem:
        if problem.error_type == NumberParseException.TOO_LONG:
            raise ValueProblem(_TOO_LONG) from None
        raise ValueProblem(_NO_PHONE) from None
    if not phonenumbers.is_valid_number(number):
        raise ValueProblem(_why_no_phone(number))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _why_no_phone(number: phonenumbers.PhoneNumber) -> Text:
    digits = len(str(number.national_number))
    length = phonenumbers.is_possible_number_with_reason(number)
    if length == ValidationResult.TOO_LONG or (number.country_code == 7 and digits > 10):
        return _TOO_LONG
    if length == ValidationResult.TOO_SHORT or (number.country_code == 7 and digits < 10):
        return _TOO_SHORT
    return lazy_gettext("there is no such phone number")


def email(cell: Cell) -> str:
    """An e-mail address in lower case; whether it exists is not asked."""
    text = re.sub(r"^mailto:", "", _short(cell), flags=re.IGNORECASE).strip(" <>,;")
    try:
        address = validate_email(text, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        raise ValueProblem(lazy_gettext("not an e-mail address")) from None
    return address


# ---- classes


def class_name(cell: Cell) -> ClassName:
    """«5 а», «5-А», «5"А"», «5 класс А», Latin letters that look Cyrillic, all the same 5А."""
    text = re.sub(r"\bкл(асс)?\b\.?", "", _short(cell), flags=re.IGNORECASE)
    text = re.sub(r"[\W_]", "", text).upper().translate(LOOK_ALIKE)
    found = re.fullmatch(r"0?([0-9]{1,4})([А-ЯЁ]{0,4})", text)
    if not found:
        raise ValueProblem(lazy_gettext("not a class; write it as 5А, with a Russian letter"))
    grade = int(found[1])
    if not 1 <= grade <= 11:
        raise ValueProblem(lazy_gettext("there is no grade %(grade)s; grades are 1 to 11", grade=grade))
    return ClassName(grade, found[2])


# ---- names

_NAME_SIGNS = re.compile(r"[^\W\d_]+(?:[ .'’\-][^\W\d_]+|\.| ?\([^\W\d_]+\))*", re.UNICODE)


def name_part(cell: Cell) -> str:
    """A family name, given name or patronymic, its spaces, hyphens, capitals and Latin look-alikes mended."""
    text = re.sub(r"\s*[-‐‑–—]\s*", "-", _short(cell)).replace("`", "'")
    text = " ".join(_mend(word) for word in text.split())
    if not _NAME_SIGNS.fullmatch(text):
        raise ValueProblem(lazy_gettext("not a name: it may hold letters, spaces, hyphens and apostrophes"))
    if re.search("[А-Яа-яЁё]", text) and re.search("[A-Za-z]", text):
        raise ValueProblem(lazy_gettext("Latin letters among Russian ones"))
    # Three such parts fit the columns of the keys, in which a letter may stand for two.
    if len(text) > 80 or len(search_key(text)) > 80 or len(sort_key(text)) > 95:
        raise ValueProblem(lazy_gettext("the name is too long"))
    return text


def name_of(family_name: Cell, given_name: Cell, patronymic: Cell = None) -> Name:
    """A name of its parts; the patronymic may be missing."""
    return Name(name_part(family_name), name_part(given_name), "" if is_blank(patronymic) else name_part(patronymic))


def full_name(cell: Cell) -> Name:
    """«Семёнов Пётр Ильич», «Семёнова А. П.», «Мамедов Али Вагиф оглы»."""
    text = re.sub(r"\.(?=[^\W\d_])", ". ", _short(cell))
    text = re.sub(r"\s*[-‐‑–—]\s*", "-", text)
    family_name, *others = text.split() or [""]
    if others and others[0].startswith("("):  # «Иванова (Петрова) Анна»: a former family name
        family_name = f"{family_name} {others.pop(0)}"
    if not others:
        raise ValueProblem(lazy_gettext("a family name and a given name are needed"))
    return name_of(family_name, others[0], " ".join(others[1:]))


def is_female(name: Name) -> bool | None:
    """What the patronymic tells of the person; None when it does not."""
    patronymic = search_key(name.patronymic)
    if patronymic.endswith(("вна", "чна", "кызы", "гызы")):
        return True
    if patronymic.endswith(("ич", "оглы", "оглу")):
        return False
    return None


def _mend(word: str) -> str:
    if re.search("[А-Яа-яЁё]", word):
        word = word.translate(LOOK_ALIKE)
    if word.casefold() in {"оглы", "кызы", "оглу", "гызы"}:
        return word.casefold()
    if not (word.islower() or word[1:].isupper()) or re.fullmatch(r"[^\W\d_]\.?", word):
        return word[:1].title() + word[1:]
    return "-".join(part[:1].title() + part[1:].lower() for part in word.split("-"))
