"""Phone numbers, brought to the one form that they are compared in: E.164.

A number without a country's prefix is of the region that it is dialled in: what a mapping says of its file or
table, or else the agreement's default. Which lead a number is, and whether it names anybody, is the
sequencer's to say.
"""

from functools import lru_cache
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator


def region_problem(code: str) -> tuple[str, str] | None:
    """Return what is wrong with the name of a region, and the remedy; None if there is such a region."""
    if code in phonenumbers.SUPPORTED_REGIONS:
        return None
    return f"no region is called {code[:60]!r}", "write two letters of ISO 3166, like ES, US or GB"


def _region(code: str) -> str:
    if problem := region_problem(code):
        raise ValueError("; ".join(problem))
    return code


Region = Annotated[str, AfterValidator(_region)]
"""Where phone numbers are dialled from."""


def dialled(phone: str, region: Region | None) -> str:
    """Return a number with its country's prefix, if a region is known to give it one; else as it stands."""
    found = normal_phone(phone, region) if region else None
    return phone if found is None else found[0]


@lru_cache(maxsize=8192)
def normal_phone(text: str, region: str) -> tuple[str, str | None] | None:
    """Return (E.164, ISO 3166 country or None); None if no number is meant, or not one alone."""
    found = _as_e164(text, region)
    if found is None or found[0] == text:
        return found
    # Zeros in a row lose one to every reading, as the prefix of calls within the country: who is meant?
    return found if _as_e164(found[0], region) == found else None


def _as_e164(text: str, region: str) -> tuple[str, str | None] | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.region_code_for_number(number)
