"""What the lifecycle concludes about stages: moves, refusals, cycles, and leads that stand still.

Every conclusion names its ``subject``: with the worker, the kind and the cause it makes the conclusion's
id, so that folding the same history again finds the same ids. Stage names are the agreement's.
"""

from enum import StrEnum
from typing import Literal

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import Actor, Name, OwnerId, StageId, TeamId


class MoveReason(StrEnum):
    """Why a lead moved."""

    FACT = "a fact that enters this stage was said"
    SCORE = "the score reached what the stage asks for"
    CLAIM = "a tool that may move it claimed the stage"
    ACCEPTED = "sales accepted the hand-off"
    REJECTED = "sales rejected the hand-off"
    EXPIRED = "the hand-off's clock ran out and the agreement recycles it"
    RECYCLED = "it was sent back to nurture"
    REOPENED = "it is worked again"
    GATE = "the gate before it was passed"
    AGREEMENT = "the agreement no longer has its stage"


class RefusalReason(StrEnum):
    """Why a lead was not moved, or an answer not taken. The value is the text that people see."""

    NOT_YOUR_STAGE = "this side may not move a lead at this stage"
    UNKNOWN_STAGE = "the agreement has no such stage"
    NOT_CLAIMABLE = "the agreement lets no tool claim this stage"
    BACKWARD = "a lead goes back only by recycling or reopening"
    CLOSED = "the lead is closed; reopen it first"
    NOT_CLOSED = "the lead is neither closed nor recycled"
    NO_HANDOFF = "no hand-off is open"
    STALE_HANDOFF = "the answer names a hand-off that is no longer open"
    ALREADY_ANSWERED = "the hand-off has been answered already"
    UNKNOWN_REASON = "the agreement has no such reason"
    UNKNOWN_OWNER = "the agreement has no such owner or team"


class StageChanged(Frozen):
    """The lead moved.

    ``skipped`` are the stages of the success path between the two, treated as the agreement says.
    """

    kind: Literal["stage_changed"] = "stage_changed"
    from_stage: StageId | None
    to_stage: StageId
    entered_at: Instant
    cycle: int
    reason: MoveReason
    detail: Name | None = None
    by: Actor | None = None
    skipped: tuple[StageId, ...] = ()
    skipped_as: Literal["passed_through", "skipped"] = "passed_through"
    seconds_in_from_stage: int | None = None
    """Elapsed seconds spent at ``from_stage``; null on the first stage."""

    @property
    def subject(self) -> str:
        """One move into a stage within a cycle."""
        return f"{self.cycle}/{self.to_stage}"


class MoveRefused(Frozen):
    """A fact asked for something that the agreement does not allow; nothing changed."""

    kind: Literal["move_refused"] = "move_refused"
    asked: Name
    """The fact's kind, or the stage that was claimed."""
    reason: RefusalReason
    at_stage: StageId | None
    by: Actor | None = None

    @property
    def subject(self) -> str:
        """One refusal of one request."""
        return self.asked


class CycleOpened(Frozen):
    """The lead begins a new numbered cycle; what it went through before stays as it is."""

    kind: Literal["cycle_opened"] = "cycle_opened"
    cycle: int
    reason: MoveReason
    detail: Name | None = None

    @property
    def subject(self) -> str:
        """The cycle's number."""
        return str(self.cycle)


class OwnerChanged(Frozen):
    """The lead belongs to somebody else, or to a team's queue."""

    kind: Literal["owner_changed"] = "owner_changed"
    owner: OwnerId | None
    team: TeamId | None
    reason: Literal["assigned", "handed_over", "accepted", "escalated", "agreement"]

    @property
    def subject(self) -> str:
        """A lead has one owner."""
        return "owner"


class LeadStalled(Frozen):
    """The lead stayed at a stage longer than the agreement allows."""

    kind: Literal["lead_stalled"] = "lead_stalled"
    stage: StageId
    cycle: int
    since: Instant
    """When it entered the stage."""
    due_at: Instant
    """When it should have left."""
    owner: OwnerId | None = None

    @property
    def subject(self) -> str:
        """One stay at one stage."""
        return f"{self.cycle}/{self.stage}"


class StallEnded(Frozen):
    """A stalled lead moved on."""

    kind: Literal["stall_ended"] = "stall_ended"
    stage: StageId
    cycle: int
    stalled_seconds: int
    """From ``due_at`` to the move."""

    @property
    def subject(self) -> str:
        """The stay that was stalled."""
        return f"{self.cycle}/{self.stage}"
