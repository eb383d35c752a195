"""By what people are known: identifiers, brought to the one form that they are compared in.

E-mail addresses are compared as people mean them (case and Unicode form folded, the domain in IDNA), phone
numbers in E.164, ids of Salesforce with their 18 characters. What cannot be brought to its form identifies
nobody. Which lead an identifier names is the sequencer's to say; whoever asks whether two subjects may be one
person asks here, too.
"""

import re
from functools import lru_cache
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email

from schemas.facts import Subject
from schemas.sequencing import SALESFORCE, Identifier
from services.phone_numbers import normal_phone

_SALESFORCE_15 = re.compile(r"[0-9A-Za-z]{15}")
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""Which letters of five are capitals, as a number in binary, the first letter lowest."""


def identifiers_of(subject: Subject, region: str) -> tuple[Identifier, ...]:
    """Return what a subject is known by.

    Args:
        subject: As the tool sent it.
        region: ISO 3166 region of phone numbers without a country code.
    """
    found = [Identifier("external_id", _external(*pair)) for pair in subject.external_ids.items()]
    if email := normal_email(subject.email or ""):
        found.append(Identifier("email", email))
    if phone := normal_phone(subject.phone or "", region):
        found.append(Identifier("phone", phone[0]))
    if subject.anonymous_id:
        found.append(Identifier("anonymous_id", subject.anonymous_id))
    return tuple(found)


def _external(system: str, key: str) -> str:
    """Return ``system:key``, written so that no other pair is written the same."""
    return normal_external(f"{system.replace('%', '%25').replace(':', '%3A')}:{key}")


def normal_external(name: str) -> str:
    """Return ``system:key`` in the form that it is compared in.

    Of Salesforce's ids the first 15 characters tell records apart and their case counts; the last three say
    which of each five are capitals, so that an id survives where case does not.
    Nothing but the system's name says that an id is Salesforce's: what is called otherwise stays as it is.

    Source: help.salesforce.com, "How to convert a 15 character Id to an 18 character Case-Safe Id".
    """
    system, _, key = name.partition(":")
    if system != SALESFORCE or not _SALESFORCE_15.fullmatch(key):
        return name
    fives = (key[start : start + 5] for start in (0, 5, 10))
    capitals = (sum(1 << place for place, letter in enumerate(five) if letter.isupper()) for five in fives)
    return name + "".join(_CAPITALS[which] for which in capitals)


@lru_cache(maxsize=8192)
def normal_email(text: str) -> str | None:
    """Return the address in the form that it is compared in; None if it is none."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return normalize("NFC", checked.normalized.casefold())
