"""The shape of the sequencer's rule: ``(desk, received, agreement) -> Sequenced``.

The sequencer is the one worker that looks across leads, so it is not called with one lead's state but with
a **desk**: what is known of the identifiers and leads that a batch touches, laid out by the host before the
batch begins. The rule says what changes; the host lays it on the desk and calls again.
"""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.dead_letters import DeadLetter
from schemas.entries import Entry
from schemas.facts import FactEvent, LeadFact
from schemas.frozen import Instant
from schemas.records import record
from schemas.vocabulary import Flag, LeadId, Scalar

SALESFORCE = "salesforce"
"""The system whose ids are written in two ways: reports give their first 15 characters, all else 18."""


@record(frozen=True, slots=True)
class Identifier:
    """One way to know a lead: ``email``, ``phone``, ``anonymous_id`` or ``external_id``, normalised."""

    kind: str
    value: str
    """For an external id: ``system:id``; a colon of the system's own is written ``%3A``."""
    test: bool = False
    """Whether a fact that is marked as a test said it: tests never meet real leads."""

    @property
    def sort(self) -> str:
        """What of the kind a person has one of: the kind itself, or with the system that gives the ids."""
        return f"{self.kind}:{self.value.partition(':')[0]}" if self.kind == "external_id" else self.kind


@record(frozen=True, slots=True)
class Identified:
    """What a subject comes to."""

    identifiers: tuple[Identifier, ...]
    traits: dict[str, Scalar | None]
    unusable: str | None = None
    """What of it could not be normalised, for the dead letter's detail."""


@record(frozen=True, slots=True)
class LeadFile:
    """What the sequencer keeps of one lead; no personal data."""

    first_at: Instant
    first_seq: int
    version: int = 0
    captured_at: Instant | None = None
    known_by: tuple[str, ...] = ()
    """The sorts of identifiers that name it, in order."""
    merged_into: LeadId | None = None
    apart: tuple[LeadId, ...] = ()
    """Leads that a person has said it is not."""
    erased: bool = False
    test: bool = False
    closed_seq: int = 0
    """The last close of an import that it was folded again for."""


@dataclass(slots=True)
class Desk:
    """What the sequencer knows while it decides a batch."""

    seq: int
    stamp: datetime | None
    files: dict[LeadId, LeadFile] = field(default_factory=dict)
    bound: dict[Identifier, LeadId] = field(default_factory=dict)
    """Which lead an identifier named first; merges lead on from there (``LeadFile.merged_into``)."""
    seen: set[tuple[str, str]] = field(default_factory=set)
    imports: dict[str, bool] = field(default_factory=dict)
    """Import ids, and whether each is still open."""


@record(frozen=True, slots=True)
class Received:
    """A fact as the log gave it back."""

    event: FactEvent
    received_at: datetime
    identified: Identified


@record(frozen=True, slots=True)
class Placed:
    """A fact in its place."""

    seq: int
    stamp: datetime
    at: datetime
    lead_id: LeadId
    fact: LeadFact
    flags: tuple[Flag, ...]
    traits: dict[str, Scalar | None]


@record(frozen=True, slots=True)
class Sequenced:
    """What the sequencer decided about one fact. All empty: it has been seen before."""

    placed: Placed | None = None
    dead: DeadLetter | None = None
    entries: tuple[Entry, ...] = ()
    files: dict[LeadId, LeadFile] = field(default_factory=dict)
    bound: dict[Identifier, LeadId] = field(default_factory=dict)
    merged: tuple[tuple[LeadId, LeadId], ...] = ()
    """(absorbed, survivor)."""
    unmerged: tuple[tuple[LeadId, LeadId], ...] = ()
    """(the lead that is one of its own again, the lead that had absorbed it)."""
    erased: tuple[LeadId, ...] = ()
