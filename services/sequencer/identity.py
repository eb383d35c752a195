"""Who a subject is: identifiers brought to one form, and the traits that may travel on the line.

E-mail addresses are compared as people mean them (case and Unicode form folded, the domain in IDNA), phone
numbers in E.164, ids of Salesforce with their 18 characters. What cannot be normalised identifies nobody: it
is left out when something else names the lead, and makes a dead letter when nothing does.

Traits are derived from personal data and name nobody: whether the mailbox is a free one, which country the
phone is in, how senior the job title sounds.
"""

import re
from functools import lru_cache
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email

from schemas.facts import Subject
from schemas.sequencing import SALESFORCE, Identified, Identifier
from schemas.vocabulary import Scalar
from services.phone_numbers import normal_phone

# fmt: off
FREE_MAIL = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.es", "live.com", "msn.com",
    "yahoo.com", "yahoo.es", "ymail.com", "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.de",
    "gmx.net", "web.de", "mail.com", "proton.me", "protonmail.com", "zoho.com", "yandex.com", "mail.ru",
    "qq.com", "163.com", "terra.es", "telefonica.net", "orange.es", "libero.it", "laposte.net",
    "orange.fr", "free.fr", "uol.com.br", "bol.com.br", "sapo.pt",
))
# fmt: on
"""Mailboxes that anybody may open."""

_SALESFORCE_15 = re.compile(r"[0-9A-Za-z]{15}")
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""Which letters of five are capitals, as a number in binary, the first letter lowest."""

_SENIORITY = (
    (
        "chief",
        re.compile(
            r"\b(c[eftimo]o|chief|founder|(?<!product )owner|(?<!vice.)president[ea]?|gerente general"
            r"|fundador\w*|soci[oa])\b",
            re.IGNORECASE,
        ),
    ),
    (
        "director",
        re.compile(
            r"\b([es]?vp|vice.?president[ea]?|director\w*|directr\w+|head of|jef[ea] de)\b", re.IGNORECASE
        ),
    ),
    ("manager", re.compile(r"\b(manager|gerente|responsable|lead|coordinador\w*)\b", re.IGNORECASE)),
)


def identify(subject: Subject, attributes: dict[str, Scalar | None], region: str) -> Identified:
    """Return what a subject comes to.

    Args:
        subject: As the tool sent it.
        attributes: The fact's attributes; ``job_title`` is read.
        region: ISO 3166 region of phone numbers without a country code.
    """
    found: list[Identifier] = []
    unusable: list[str] = []
    traits: dict[str, Scalar | None] = {}
    found += [Identifier("external_id", _external(*pair)) for pair in subject.external_ids.items()]
    if subject.email and subject.email.strip():
        email = normal_email(subject.email)
        if email is None:
            unusable.append("data.subject.email is not an e-mail address")
        else:
            found.append(Identifier("email", email))
            traits["free_mail"] = email.rpartition("@")[2] in FREE_MAIL
    if subject.phone and subject.phone.strip():
        phone = normal_phone(subject.phone, region)
        if phone is None:
            unusable.append(f"data.subject.phone is not a phone number that {region} or the world knows")
        else:
            found.append(Identifier("phone", phone[0]))
            traits["phone_country"] = phone[1]
    if subject.anonymous_id:
        found.append(Identifier("anonymous_id", subject.anonymous_id))
    title = attributes.get("job_title")
    if isinstance(title, str):
        traits["seniority"] = seniority(title)
    return Identified(tuple(found), traits, "; ".join(unusable) or None)


def _external(system: str, key: str) -> str:
    """Return ``system:key``, written so that no other pair is written the same."""
    return normal_external(f"{system.replace('%', '%25').replace(':', '%3A')}:{key}")


def normal_external(name: str) -> str:
    """Return ``system:key`` in the form that it is compared in.

    Of Salesforce's ids the first 15 characters tell records apart and their case counts; the last three say
    which of each five are capitals, so that an id survives where case does not.

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


def seniority(title: str) -> str:
    """Return how senior a job title sounds: chief, director, manager or staff."""
    return next((level for level, pattern in _SENIORITY if pattern.search(title)), "staff")
