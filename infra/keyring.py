"""Keyed hashes of identifiers: what the store keeps instead of e-mail addresses and phone numbers.

HMAC-SHA-256 under a secret of the store's own, cut to 128 bits. The store can tell whether it has met an
identifier and cannot say which it was; when a person asks to be forgotten, the hash stays as a tombstone.
"""

import hmac
from hashlib import blake2b

from schemas.facts import FactEvent
from schemas.sequencing import Identifier

SECRET_BYTES = 32


class Keyring:
    """Makes the keys that identifiers and events are found by."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def identifier(self, one: Identifier) -> bytes:
        """Return an identifier's key: 16 bytes."""
        kind = f"test {one.kind}" if one.test else one.kind
        return hmac.digest(self._secret, f"{kind}\n{one.value}".encode(), "sha256")[:16]


def event_key(event: FactEvent) -> bytes:
    """Return the key by which a repeat of an event is known: 16 bytes over (source, id)."""
    return blake2b(event.unique_name.encode(), digest_size=16).digest()
