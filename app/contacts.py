"""E-mail addresses and phone numbers: read as people write them, kept in one form."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

HOME = "RU"
_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def phone_number(text: str) -> str | None:
    """E.164 of a number in any format («8 (912) 345-67-89» is +79123456789); None if it is none.

    Numbers without a country are Russian.
    """
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=20_000)  # asked for each parent of a school when access is given: a second each time
def is_mobile(number: str) -> bool:
    """Whether an SMS can reach a number in E.164 by the plan of its country; False for what is no number."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE


def shown_phone(number: str | None) -> str:
    """A number in E.164 as people read it: +7 912 345-67-89."""
    if not number:
        return ""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def email_address(text: str) -> str | None:
    """The address in lower case; None if it is none. Whether it exists is not asked."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
