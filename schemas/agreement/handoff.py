"""The agreement's hand-off.

Which stage opens one, what the brief holds, reasons, clocks, pauses, and what a change does to a clock.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.agreement.conditions import FactPattern
from schemas.agreement.lifecycle import Label
from schemas.calendars import Allowance
from schemas.frozen import Frozen
from schemas.vocabulary import Name, OwnerId, StageId, TeamId

ClockStart = Literal["opened", "accepted", "touched"]
"""What starts a clock: the hand-off opens; sales accepts; each touch (the clock then repeats: next touch)."""

Carry = Literal["carry", "restart", "keep"]
"""What happens to a running clock: ``carry`` keeps used and paused time and counts the rest anew;
``restart`` begins from zero; ``keep`` leaves the
deadline as it was."""


class Reason(Frozen):
    """A reason that people choose from."""

    id: Name
    """What tools send."""
    label: Label
    """What people read."""


class EscalationStep(Frozen):
    """What happens when a breach goes on."""

    after: Allowance
    """Counted from the breach, in the clock's calendar."""
    to: OwnerId | Literal["manager"]
    """An owner, or the manager of the team that the lead was handed to."""
    reassign: bool = False
    """Whether the lead itself goes over to ``to``."""


class Clock(Frozen):
    """One SLA of the hand-off."""

    id: Name
    """What numbers and reports call it."""
    label: Label
    """What people call it."""
    starts: ClockStart
    """When it starts: the hand-off opens, sales accepts, or at each touch anew."""
    stops: Annotated[tuple[FactPattern, ...], Field(min_length=1)]
    """The facts that answer it; a refused fact answers nothing."""
    allowance: Allowance
    """How long sales has."""
    calendar: Literal["owner", "team"] | Name = "owner"
    """Whose opening hours.

    The owner's (the team's while there is no owner), the team's, or a calendar by name.
    """
    warn_at: Annotated[tuple[Annotated[float, Field(gt=0, lt=1)], ...], Field(max_length=8)] = ()
    """Shares of the allowance at which to warn."""
    escalate: Annotated[tuple[EscalationStep, ...], Field(max_length=8)] = ()
    """What happens when nobody answers after the breach, step by step."""
    on_breach: Literal["keep", "recycle"] = "keep"
    """``recycle``: the hand-off expires and the lead goes back, at once."""


class Pause(Frozen):
    """While this lasts, the clocks stand still."""

    id: Name
    """What reports call it."""
    begins: FactPattern
    """The fact that begins it."""
    ends: Annotated[tuple[FactPattern, ...], Field(min_length=1)]
    """The facts that end it."""
    clocks: tuple[Name, ...] = ()
    """Which clocks; none named: all."""


class BriefForm(Frozen):
    """What sales gets to read, at most."""

    attributes: tuple[Name, ...] = ()
    """Which attributes of the lead."""
    activity_count: Annotated[int, Field(ge=0, le=50)] = 5
    """How many of the lead's last activities."""
    promise_count: Annotated[int, Field(ge=0, le=20)] = 5
    """How many of the last promises made to it."""


class OnChange(Frozen):
    """What a change does to running clocks."""

    owner: Carry = "carry"
    """When the lead gets another owner."""
    calendar: Carry = "carry"
    """When the owner's calendar is another."""
    policy: Carry = "carry"
    """When the agreement grants another allowance."""


class Handoff(Frozen):
    """How marketing hands a lead to sales."""

    opens_at: StageId
    """The stage at which a hand-off opens."""
    to_team: TeamId
    """The team that gets the lead."""
    accepted_stage: StageId | None = None
    """Where an accepted lead goes; null: it stays."""
    rejected_stage: StageId
    """Where a rejected or expired lead goes: a recycling detour."""
    brief: BriefForm = BriefForm()
    """What sales gets to read about the lead."""
    rejection_reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    """Why sales may reject a lead."""
    recycle_reasons: tuple[Reason, ...] = ()
    """Why a lead may go back to nurture."""
    lost_reasons: tuple[Reason, ...] = ()
    """Why a lead may be lost."""
    clocks: tuple[Clock, ...] = ()
    """The SLAs that sales answers to."""
    pauses: tuple[Pause, ...] = ()
    """What makes clocks stand still."""
    pause_when_absent: bool = False
    """Whether an owner's absence pauses the owner's clocks."""
    on_change: OnChange = OnChange()
    """What happens to running clocks when the owner, the calendar or the agreement changes."""
    backdating_minutes: Annotated[int, Field(ge=0)] = 60
    """How many minutes before it is received an answer may be dated."""
