"""Keyed hashes of identifiers: what the store keeps instead of e-mail addresses and phone numbers.

HMAC-SHA-256 under a secret of the store's own, cut short. The store can tell whether it has met an
identifier and cannot say which it was; when a person asks to be forgotten, the hash stays as a tombstone.
What unreadable bytes may know a person by (``infra.clues``) is kept in the same way.
"""

import hmac
from collections.abc import Iterable
from hashlib import blake2b

from infra.clues import Clue
from schemas.facts import FactEvent, unique_name
from schemas.sequencing import Identifier

SECRET_BYTES = 32


class Keyring:
    """Makes the keys that identifiers and events are found by."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def identifier(self, one: Identifier) -> bytes:
        """Return an identifier's key: 16 bytes."""
        kind = f"test {one.kind}" if one.test else one.kind
        return self._digest(f"{kind}\n{one.value}")[:16]

    def clues(self, clues: Iterable[Clue], *, test: bool = False) -> dict[bytes, Clue]:
        """Return clues by their keys: 8 bytes each, for there are many and what they find is looked at.

        Args:
            clues: What stands somewhere.
            test: Whether it says of itself that it is a test: tests never meet real leads.
        """
        mark = "test clue" if test else "clue"
        return {self._digest(f"{mark} {one.kind}\n{one.value}")[:8]: one for one in clues}

    def letter(self, content: bytes) -> bytes:
        """Return the key of a dead letter: 16 bytes over what was sent."""
        return hmac.digest(self._secret, b"letter\n" + content, "sha256")[:16]

    def row(self, content: bytes) -> bytes:
        """Return the key of a row that was fetched: 16 bytes over what stood in it."""
        return hmac.digest(self._secret, b"row\n" + content, "sha256")[:16]

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(errors="surrogatepass"), "sha256")


def event_key(event: FactEvent) -> bytes:
    """Return the key by which a repeat of an event is known: 16 bytes over (source, id)."""
    return name_key(event.source, event.id)


def name_key(source: str, event_id: str) -> bytes:
    """Return the key of the event of this name."""
    return blake2b(unique_name(source, event_id).encode(), digest_size=16).digest()
