"""What the lifecycle concludes about hand-offs from marketing to sales, and about their SLA clocks.

A hand-off is opened when a lead reaches the agreed stage, carries a brief, and starts the agreement's
clocks. A clock's deadline is ``breached_at`` or ``due_at``; when it was noticed is the entry's stamp. A
hand-off's id is the lead's id and the number of the hand-off, so that a fact may name the one it answers.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import Actor, LeadId, Name, OwnerId, Scalar, TeamId, Text


class CloseReason(StrEnum):
    """How a hand-off ended."""

    WORKED = "the lead went on to an outcome or a later stage"
    REJECTED = "sales rejected it"
    EXPIRED = "a clock ran out and the agreement recycles the lead"
    RECYCLED = "the lead was sent back to nurture"
    LOST = "the lead was lost"
    WON = "the lead was won"
    DETOUR = "the lead left the success path"
    AGREEMENT = "the agreement hands nothing over any more"
    ERASED = "the person asked to be forgotten"


class ClockEnd(StrEnum):
    """How an SLA clock ended."""

    MET = "answered in time"
    BREACHED = "answered after the deadline"
    UNANSWERED = "never answered, and its deadline has passed"
    CANCELLED = "no longer called for"


class Activity(Frozen):
    """One line of a brief: what the lead did."""

    at: Instant
    what: Text


class Brief(Frozen):
    """What sales gets to read.

    Who it is stands in the read model, under ``lead_id``; nothing here names a person.
    """

    lead_id: LeadId
    why_now: Text
    cell: Name | None = None
    attributes: dict[Name, Scalar | None] = Field(default_factory=dict)
    activities: tuple[Activity, ...] = ()
    promises: tuple[Activity, ...] = ()


class HandoffOpened(Frozen):
    """Marketing hands the lead to sales."""

    kind: Literal["handoff_opened"] = "handoff_opened"
    handoff_id: Name
    cycle: int
    opened_at: Instant
    team: TeamId
    owner: OwnerId | None
    brief: Brief

    @property
    def subject(self) -> str:
        """The hand-off."""
        return self.handoff_id


class HandoffAccepted(Frozen):
    """Sales took the lead on."""

    kind: Literal["handoff_accepted"] = "handoff_accepted"
    handoff_id: Name
    accepted_at: Instant
    by: Actor | None = None

    @property
    def subject(self) -> str:
        """The hand-off."""
        return self.handoff_id


class HandoffRejected(Frozen):
    """Sales sent the lead back, with a reason from the agreement."""

    kind: Literal["handoff_rejected"] = "handoff_rejected"
    handoff_id: Name
    rejected_at: Instant
    reason: Name
    by: Actor | None = None

    @property
    def subject(self) -> str:
        """The hand-off."""
        return self.handoff_id


class HandoffClosed(Frozen):
    """The hand-off is over; its clocks have ended."""

    kind: Literal["handoff_closed"] = "handoff_closed"
    handoff_id: Name
    closed_at: Instant
    reason: CloseReason

    @property
    def subject(self) -> str:
        """The hand-off."""
        return self.handoff_id


class ClockStarted(Frozen):
    """An SLA clock runs. ``due_at`` is null while it is paused from the start."""

    kind: Literal["clock_started"] = "clock_started"
    handoff_id: Name
    clock: Name
    """The clock's id in the agreement."""
    turn: int = 1
    """Which run of a clock that repeats (next touch)."""
    started_at: Instant
    due_at: Instant | None

    @property
    def subject(self) -> str:
        """One run of one clock of one hand-off."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}"


class ClockMoved(Frozen):
    """The deadline of a running clock changed: a pause, or another owner, calendar or policy."""

    kind: Literal["clock_moved"] = "clock_moved"
    handoff_id: Name
    clock: Name
    turn: int = 1
    due_at: Instant | None
    """The new deadline; null while paused."""
    reason: Literal["paused", "resumed", "owner", "calendar", "policy", "reopened"]
    used_seconds: int
    """What of the allowance was used up before."""

    @property
    def subject(self) -> str:
        """One run of one clock of one hand-off."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}"


class ClockEnded(Frozen):
    """A clock stopped."""

    kind: Literal["clock_ended"] = "clock_ended"
    handoff_id: Name
    clock: Name
    turn: int = 1
    ended_at: Instant
    end: ClockEnd
    elapsed_seconds: int
    """From start to end on the wall."""
    working_seconds: int
    """From start to end, open and unpaused."""

    @property
    def subject(self) -> str:
        """One run of one clock of one hand-off."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}"


class SlaWarned(Frozen):
    """A share of the allowance is used up."""

    kind: Literal["sla_warned"] = "sla_warned"
    handoff_id: Name
    clock: Name
    turn: int = 1
    used_rate: float
    """The rung of the warning ladder, in (0, 1)."""
    due_at: Instant
    owner: OwnerId | None = None

    @property
    def subject(self) -> str:
        """One rung of one run of a clock."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}/{self.used_rate}"


class SlaBreached(Frozen):
    """The deadline passed without an answer."""

    kind: Literal["sla_breached"] = "sla_breached"
    handoff_id: Name
    clock: Name
    turn: int = 1
    breached_at: Instant
    """The deadline."""
    owner: OwnerId | None = None

    @property
    def subject(self) -> str:
        """One run of one clock of one hand-off."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}"


class Escalated(Frozen):
    """A breach went on for as long as the agreement says, and goes to somebody else."""

    kind: Literal["escalated"] = "escalated"
    handoff_id: Name
    clock: Name
    turn: int = 1
    step: int
    """The escalation step, from 1."""
    to: Name
    """The owner who hears of it."""

    @property
    def subject(self) -> str:
        """One step of one run of a clock."""
        return f"{self.handoff_id}/{self.clock}/{self.turn}/{self.step}"
