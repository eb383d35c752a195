"""What travels from ``leads.journal`` on: entries, ticks and signings.

An **entry** is a fact in its place on the line, with the conclusions that each worker has added. It carries
no personal data. Entries are made by the million, so they are plain frozen dataclasses; pydantic checks
them at the wire (``infra.wire``) and takes them as they are in between.

An entry may have no fact: one that an upstream worker's timer gave birth to (``timer``), or one that says
that the lead's history is another than before (``rewritten``): a merge, an un-merge, the close of an import.
"""

from dataclasses import field
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated

from pydantic import Field

from schemas.alerts import NoticeOpened, NoticeRepeated, NoticeResolved
from schemas.facts import LeadFact
from schemas.frozen import Instant
from schemas.handoffs import (
    ClockEnded,
    ClockMoved,
    ClockStarted,
    Escalated,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    HandoffRejected,
    SlaBreached,
    SlaWarned,
)
from schemas.lifecycle import CycleOpened, LeadStalled, MoveRefused, OwnerChanged, StageChanged, StallEnded
from schemas.records import record
from schemas.scoring import ScoreChanged
from schemas.vocabulary import Flag, LeadId, Scalar, WorkerName

Conclusion = (
    ScoreChanged
    | StageChanged
    | MoveRefused
    | CycleOpened
    | OwnerChanged
    | LeadStalled
    | StallEnded
    | HandoffOpened
    | HandoffAccepted
    | HandoffRejected
    | HandoffClosed
    | ClockStarted
    | ClockMoved
    | ClockEnded
    | SlaWarned
    | SlaBreached
    | Escalated
    | NoticeOpened
    | NoticeRepeated
    | NoticeResolved
)
"""What a worker may decide."""


class Change(StrEnum):
    """What a record does to a conclusion."""

    SAID = "said"
    RESTATED = "restated"
    WITHDRAWN = "withdrawn"


@record(frozen=True, slots=True)
class FiredTimer:
    """The timer that gave birth to an entry."""

    worker: WorkerName
    kind: str
    due_at: Instant


Cause = int | FiredTimer
"""What a conclusion follows from: the ``seq`` of an entry, or a timer."""


@record(frozen=True, slots=True)
class Concluded:
    """A conclusion with its place: who, of whom, when, from what.

    ``at`` is the business instant that it belongs to; ``was`` is what it replaces when ``change`` is not
    ``said``.
    """

    id: str
    worker: WorkerName
    lead_id: LeadId
    at: Instant
    cause: Cause
    agreement: str
    body: Annotated[Conclusion, Field(discriminator="kind")]
    change: Change = Change.SAID
    was: Annotated[Conclusion, Field(discriminator="kind")] | None = None
    ordinal: int = 0
    """Its place among the conclusions of the same cause."""


def conclusion_id(worker: WorkerName, lead_id: LeadId, body: Conclusion, cause: Cause) -> str:
    """Return the id that the same decision has whenever it is made again.

    Returns:
        32 hexadecimal digits over worker, lead, kind, subject and cause (design: a rule, deterministic ids).
    """
    because = cause if isinstance(cause, int) else f"{cause.worker}:{cause.kind}@{cause.due_at.isoformat()}"
    text = f"{worker}\n{lead_id}\n{body.kind}\n{body.subject}\n{because}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


@record(frozen=True, slots=True)
class Entry:
    """One step of one lead's life, on its way down the line.

    ``seq`` orders entries across the tenant (an entry born of a timer repeats the last one of its lead);
    ``at`` is business time, ``stamp`` the log's; ``version`` numbers what the worker that wrote it has said
    of the lead.
    """

    lead_id: LeadId
    seq: int
    at: Instant
    stamp: Instant
    version: int
    fact: Annotated[LeadFact, Field(discriminator="kind")] | None = None
    source: str = ""
    event_id: str = ""
    test: bool = False
    flags: tuple[Flag, ...] = ()
    traits: dict[str, Scalar | None] = field(default_factory=dict)
    """What the sequencer derived from personal data: free_mail, country …"""
    timer: FiredTimer | None = None
    rewritten: bool = False
    """The lead's facts are others than before (a merge, an import's close): every worker folds it again."""
    refold: bool = False
    """The worker before has changed its mind about earlier entries: its reader folds the lead again."""
    conclusions: tuple[Concluded, ...] = ()
    more: bool = False
    """Another entry of the lead, decided together with this one, comes behind: a fold waits for the last."""

    @property
    def cause(self) -> Cause:
        """What a rule's conclusions about this entry follow from."""
        return self.timer or self.seq


@record(frozen=True, slots=True)
class Tick:
    """The log's time has come this far. Ticks carry no number; the highest wins."""

    stamp: Instant


@record(frozen=True, slots=True)
class Signing:
    """A version of the agreement is in force from ``stamp`` on."""

    seq: int
    stamp: Instant
    version: str


JournalRecord = Entry | Tick | Signing
"""What a worker downstream of the sequencer reads."""
