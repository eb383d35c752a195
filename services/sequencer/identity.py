"""Who a subject is: its identifiers (``services.identifiers``), and the traits that may travel on the line.

What cannot be used as an identifier is left out when something else names the lead, and makes a dead letter
when nothing does.

Traits are derived from personal data and name nobody: whether the mailbox is a free one, which country the
phone is in, how senior the job title sounds.
"""

import re

from schemas.facts import Subject
from schemas.sequencing import Identified
from schemas.vocabulary import Scalar
from services.identifiers import identifiers_of
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
    found = identifiers_of(subject, region)
    known = {one.kind: one.value for one in found}
    unusable: list[str] = []
    traits: dict[str, Scalar | None] = {}
    if email := known.get("email"):
        traits["free_mail"] = email.rpartition("@")[2] in FREE_MAIL
    elif subject.email and subject.email.strip():
        unusable.append("data.subject.email is not an e-mail address")
    if phone := normal_phone(subject.phone or "", region):
        traits["phone_country"] = phone[1]
    elif subject.phone and subject.phone.strip():
        unusable.append(f"data.subject.phone is not a phone number that {region} or the world knows")
    title = attributes.get("job_title")
    if isinstance(title, str):
        traits["seniority"] = seniority(title)
    return Identified(found, traits, "; ".join(unusable) or None)


def seniority(title: str) -> str:
    """Return how senior a job title sounds: chief, director, manager or staff."""
    return next((level for level, pattern in _SENIORITY if pattern.search(title)), "staff")
