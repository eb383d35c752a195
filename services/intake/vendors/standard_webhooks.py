"""Standard Webhooks: what Svix, Clerk, Resend and many others send, and what Relevo itself will.

``webhook-signature`` is a list of ``v1,<base64 HMAC-SHA256>`` and ``v1a,<base64 Ed25519>`` over
``id.timestamp.body``; one that fits is enough, so that the sender can rotate. A secret is ``whsec_`` and
base64 (or plain base64), a public key ``whpk_`` and base64. The timestamp is part of what is signed and may
be five minutes old. What the document means is said by a mapping, as for ``generic``; ``webhook-id`` is the
event's id unless the mapping names another.

Source: github.com/standard-webhooks/standard-webhooks, spec 1.0.0.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.intake.request import Request
from services.intake.signatures import is_fresh
from services.intake.vendor import (
    MISSING,
    STALE,
    WRONG,
    Authenticity,
    Reading,
    Secrets,
    Vendor,
    Verdict,
)
from services.intake.vendors import generic

ALLOWED = timedelta(minutes=5)


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:
    """Check the signatures; the newer header names go before Svix's own."""
    message_id, timestamp, given = (_header(request, name) for name in ("id", "timestamp", "signature"))
    if not message_id or not timestamp or not given:
        return MISSING
    content = b".".join((message_id.encode("latin-1"), timestamp.encode("latin-1"), request.body))
    verdict = WRONG
    for place, secret in enumerate(secrets.live, start=1):
        for one in given.encode("latin-1").split():
            version, _, signature = one.partition(b",")
            if _fits(version, signature, secret, content):
                verdict = Verdict(Authenticity.AUTHENTIC, f"{version.decode()} signature, secret {place}")
    if verdict.is_authentic and not is_fresh(timestamp, now, ALLOWED):
        return STALE
    return verdict


def _header(request: Request, name: str) -> str | None:
    return request.header(f"webhook-{name}") or request.header(f"svix-{name}")


def _fits(version: bytes, signature: bytes, secret: bytes, content: bytes) -> bool:
    if version == b"v1" and not secret.startswith(b"whpk_"):
        key = _key(secret)
        if not key:
            return False
        return hmac.compare_digest(b64encode(hmac.digest(key, content, "sha256")), signature)
    if version == b"v1a" and secret.startswith(b"whpk_"):
        return _verified(_from_base64(secret.removeprefix(b"whpk_")), _from_base64(signature), content)
    return False


def _verified(key: bytes, signature: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _key(secret: bytes) -> bytes:
    return _from_base64(secret.removeprefix(b"whsec_"))


def _from_base64(text: bytes) -> bytes:
    """Return what base64 says; nothing, where it is none."""
    try:
        return b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (NotBase64, ValueError):
        return b""


def facts(request: Request, mapping: generic.GenericMapping) -> Reading:
    """Read the document as the mapping says, under the sender's own id."""
    return generic.read(request, mapping, known_by=_header(request, "id"))


VENDOR = Vendor(
    "standard_webhooks",
    authenticate,
    facts,
    mapping=generic.GenericMapping,
    signed_in=("Webhook-Signature", "Svix-Signature"),
)
