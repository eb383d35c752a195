"""What the vendors' schemes are made of: digests compared in constant time, bearer keys, and fresh instants.

Everything is bytes: a header may hold anything that latin-1 can, and comparing text in constant time raises
on what is not ASCII. Every live secret is tried, always all of them, so that the time taken says nothing of
which one it was.
"""

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from services.intake.request import Request
from services.intake.vendor import MISSING, WRONG, Authenticity, Secrets, Verdict

SKEW = timedelta(seconds=60)
"""How far ahead of ours a vendor's clock may be."""


def signed(
    scheme: str, given: Iterable[str], secrets: Secrets, expected: Callable[[bytes], bytes]
) -> Verdict:
    """Say whether one of the signatures given is one that a live secret makes.

    Args:
        scheme: Its name, for people.
        given: The signatures of the request, as text (hex, base64); none at all is ``MISSING``.
        secrets: The source's.
        expected: The signature that a secret makes, as text in ASCII.
    """
    signatures = [one.encode("latin-1", "replace") for one in given]
    if not signatures:
        return MISSING
    verdict = WRONG
    for place, secret in enumerate(secrets.live, start=1):
        wanted = expected(secret)
        for one in signatures:
            if hmac.compare_digest(one, wanted):
                verdict = Verdict(Authenticity.AUTHENTIC, f"{scheme}, secret {place}")
    return verdict


def bearer(request: Request, secrets: Secrets) -> Verdict:
    """Say whether a request carries a bearer key of the source."""
    given = request.header("authorization")
    if given is None:
        return MISSING
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return MISSING
    return known_key("bearer key", key.strip().encode("latin-1", "replace"), secrets)


def known_key(scheme: str, key: bytes, secrets: Secrets) -> Verdict:
    """Say whether a key is one of the source's."""
    hashed = key_hash(key)
    verdict = WRONG
    for known in secrets.key_hashes:
        if hmac.compare_digest(hashed, known):
            verdict = Verdict(Authenticity.AUTHENTIC, scheme)
    return verdict


def key_hash(key: bytes) -> bytes:
    """Return what is kept of a key. Keys are 256 random bits, so that a plain digest gives nothing away."""
    return sha256(key).digest()


def is_fresh(timestamp: str, now: datetime, allowed: timedelta, *, milliseconds: bool = False) -> bool:
    """Say whether a signature's timestamp (Unix, whole) is within ``allowed`` and not too far ahead.

    What is not a number is not fresh.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
        return False
    seconds = int(timestamp) / (1000 if milliseconds else 1)
    age = now.timestamp() - seconds
    return -SKEW.total_seconds() <= age <= allowed.total_seconds()
