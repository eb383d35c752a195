"""What a worker's batch comes to, as data: everything that one commit writes.

``infra.partition`` and ``infra.journal`` decide; ``infra.store.writing`` writes; between them stands this.
Nothing here knows SQL, and nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Concluded, JournalRecord
from schemas.metrics import Cell
from schemas.read_model import Row
from schemas.records import record
from schemas.vocabulary import LeadId


@record(frozen=True, slots=True)
class Kept:
    """What a worker keeps of one lead between batches.

    ``taken`` is the last upstream version that it took, ``said`` the last version of its own; ``last_seq``
    the number of the last entry; ``frontier`` is the place of the last event decided, and ``timers`` are
    the lead's alarms by kind. ``owes`` says that a fold waits for an entry that was announced.
    """

    state: str | None
    taken: int
    said: int
    last_seq: int
    frontier: str | None
    timers: Mapping[str, datetime]
    owes: bool = False


@record(frozen=True, slots=True)
class TimelineRow:
    """A conclusion as it is appended to the timeline; ``version`` is the record that said it."""

    concluded: Concluded
    version: int
    stamp: datetime


@record(frozen=True, slots=True)
class FactRow:
    """A fact in its place, as it is appended to the read model; ``original`` holds the personal data."""

    seq: int
    lead_id: LeadId | None
    kind: str
    at: datetime
    occurred_at: datetime | None
    received_at: datetime
    stamp: datetime
    source: str
    event_id: str
    test: bool
    flags: str
    traits: str
    import_id: str | None
    fact: str
    original: bytes | None


@record(frozen=True, slots=True)
class DeadRow:
    """A dead letter with the bytes that it was made of."""

    letter: DeadLetter
    offset: int | None
    received_at: datetime
    original: bytes | None
    key: bytes
    """What tells it from others: a keyed digest of what was sent."""
    clues: tuple[bytes, ...] = ()
    """Keyed hashes of what may name people in it (``infra.clues``), by which an erasure finds it."""


@dataclass(slots=True)
class Decision:
    """One batch's outcome at a worker downstream of the sequencer.

    ``timers`` maps (lead, kind) to when it is due, or to None where the alarm is off. ``removed`` are rows
    that a refold found untrue.
    """

    cursor: str | None = None
    kept: dict[LeadId, Kept] = field(default_factory=dict)
    timers: dict[tuple[LeadId, str], datetime | None] = field(default_factory=dict)
    timeline: list[TimelineRow] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    cells: dict[Cell, int] = field(default_factory=dict)
    restated: list[tuple[Cell, int, int, datetime]] = field(default_factory=list)
    """(cell, amount, seq of the cause, stamp): what a refold changed in numbers said before."""
    outgoing: list[JournalRecord] = field(default_factory=list)


@record(frozen=True, slots=True)
class Binding:
    """An identifier's keyed hash now names a lead."""

    key: bytes
    lead_id: LeadId


@record(frozen=True, slots=True)
class Merge:
    """One lead was absorbed by another from ``from_seq`` on; ``to_seq`` ends it."""

    absorbed: LeadId
    survivor: LeadId
    from_seq: int
    to_seq: int | None = None


@record(frozen=True, slots=True)
class SignedAgreement:
    """A version of the agreement, in force from ``effective_at`` on."""

    seq: int
    version: str
    digest: str
    effective_at: datetime
    document: str


@dataclass(slots=True)
class JournalDecision:
    """One batch's outcome at the sequencer."""

    next_offset: int
    seq: int
    stamp: datetime | None
    cursor: str | None = None
    files: dict[LeadId, str] = field(default_factory=dict)
    """What the sequencer keeps of each lead, as JSON."""
    bindings: list[Binding] = field(default_factory=list)
    seen: list[tuple[bytes, int]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    unmerged: list[tuple[LeadId, LeadId, int]] = field(default_factory=list)
    """(absorbed, survivor, seq that ends it)."""
    facts: list[FactRow] = field(default_factory=list)
    dead: list[DeadRow] = field(default_factory=list)
    refused: dict[int | None, DeadReason] = field(default_factory=dict)
    """By offset, why records could not be taken, those that were put aside before included."""
    signed: list[SignedAgreement] = field(default_factory=list)
    opened: list[tuple[str, int]] = field(default_factory=list)
    closed: list[tuple[str, int]] = field(default_factory=list)
    erased: list[LeadId] = field(default_factory=list)
    blanked_facts: list[int] = field(default_factory=list)
    """Facts on other leads (by ``seq``) whose bytes name somebody who was erased."""
    emptied: list[int] = field(default_factory=list)
    """Dead letters (by number) whose bytes do."""
    tombstones: list[bytes] = field(default_factory=list)
    """Clues of those who were erased: letters that come later are put aside without their bytes."""
    rows: list[Row] = field(default_factory=list)
    outgoing: list[JournalRecord] = field(default_factory=list)
