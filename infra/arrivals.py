"""What comes in at the front door, as data: the request as it was, and what was made of it.

An **original** is an authentic request: bytes, headers less secrets, and what its authenticity rests on. It
is kept before anything is read in it. A **making** is what reading a run of originals came to: facts for the
log and dead letters. Nothing here knows a vendor, a socket or SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.dead_letters import DeadLetter
from schemas.records import record

Headers = tuple[tuple[str, str], ...]
"""Names in lower case with their values, in the order of the request; latin-1 as HTTP has it."""


@record(frozen=True, slots=True)
class Original:
    """An authentic request, as it was sent."""

    received_at: datetime
    source: str
    kind: str
    mapping: str
    """Digest of the mapping in force (``FrontDesk`` keeps the documents)."""
    method: str
    target: str
    """Path and query, as they stood in the request."""
    headers: Headers
    body: bytes
    verified: str
    """What its authenticity rests on, for people."""


@dataclass(frozen=True, slots=True)
class Making:
    """What was made of the originals from ``first_id`` up to ``next_id``."""

    first_id: int
    next_id: int
    facts: Sequence["MadeFact"] = ()
    dead: Sequence["MadeLetter"] = ()


@record(frozen=True, slots=True)
class MadeFact:
    """A fact of an original: its bytes for the log, and the key by which a repeat is known."""

    original_id: int
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A part of an original that is no fact, and the key by which the original is found again."""

    original_id: int
    key: bytes
    letter: DeadLetter
    value: bytes


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A bearer key, of which only the hash is kept."""

    id: str
    source: str
    hash: bytes = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None


Documents = Mapping[str, str]
"""Mapping documents (JSON) by their digests."""
