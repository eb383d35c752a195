"""What the lifecycle keeps of a lead: where it stands, who has it, its hand-offs and their clocks.

Frozen data and nothing else; ``turn.py`` is where a step changes it. A running clock keeps the **terms**
that it runs under (its allowance, its calendar, its owner's absences), so that what was used before a
change can be counted as it was agreed then, whatever the agreement says now. Everything here is bounded:
the newest twenty hand-offs, the newest thirty ended clocks of each, eight earlier stretches of a clock, and
as many activities as a brief may need. It goes through JSON and comes back equal.
"""

from dataclasses import field
from datetime import datetime, timedelta

from schemas.agreement.lifecycle import Outcome
from schemas.calendars import Allowance, BusinessCalendar
from schemas.handoffs import ClockEnd, CloseReason
from schemas.records import record
from schemas.scoring import Centipoints
from schemas.vocabulary import LeadId, Name, OwnerId, Scalar, StageId, TeamId

MOST_HANDOFFS = 20
MOST_ENDED_CLOCKS = 30
MOST_STRETCHES = 8
MOST_PAUSES = 20

Interval = tuple[datetime, datetime | None]
"""From and until; ``None`` while it lasts."""


@record(frozen=True, slots=True)
class Score:
    """The score as scoring last said it."""

    fit: Centipoints
    engagement: Centipoints
    cell: Name
    band: Name


@record(frozen=True, slots=True)
class Noted:
    """Something that a brief may tell; ``seq`` says when it became known."""

    at: datetime
    seq: int
    what: str


@record(frozen=True, slots=True)
class Stretch:
    """A part of a clock's run under one set of terms, now over."""

    began_at: datetime
    ended_at: datetime
    calendar: str
    """Key of the hand-off's calendars."""
    counts: str
    """The kind of allowance it was counted for: business time, or any time."""
    stood: tuple[Interval, ...]
    away: tuple[Interval, ...]


@record(frozen=True, slots=True)
class SlaClock:
    """One run of one SLA clock.

    It has used ``used`` before ``since``, and counts on from there in ``calendar``, except while it ``stood``
    (the last of these has no end while it is paused) and while its owner was ``away``. ``next_at`` is when
    something is to be said of it: a warning, the breach, an escalation.
    """

    clock: Name
    turn: int
    started_at: datetime
    allowance: Allowance
    granted: timedelta
    calendar: str
    since: datetime
    used: timedelta = timedelta()
    forgiven: timedelta = timedelta()
    """Worked, and no longer counted against the allowance: a restart."""
    stood: tuple[Interval, ...] = ()
    away: tuple[Interval, ...] = ()
    due_at: datetime | None = None
    next_at: datetime | None = None
    warned_rate: float | None = None
    breached_at: datetime | None = None
    escalated: int = 0
    earlier: tuple[Stretch, ...] = ()
    owner: OwnerId | None = None
    """Who answered for it last."""
    hours_of: tuple[OwnerId | None, TeamId | None] | None = None
    """In whose hours it goes on counting, since the lead went to others and it kept its terms; else None."""
    ended_at: datetime | None = None
    end: ClockEnd | None = None
    working: timedelta | None = None
    """Open, unpaused time from start to end."""

    @property
    def paused(self) -> bool:
        """Whether it stands still now."""
        return bool(self.stood) and self.stood[-1][1] is None


@record(frozen=True, slots=True)
class HandoffState:
    """One hand-off from marketing to sales; open while ``closed_at`` is None."""

    handoff_id: Name
    number: int
    cycle: int
    team: TeamId
    owner: OwnerId | None
    opened_at: datetime
    accepted_at: datetime | None = None
    rejected_at: datetime | None = None
    rejection_reason: Name | None = None
    closed_at: datetime | None = None
    close_reason: CloseReason | None = None
    running: tuple[SlaClock, ...] = ()
    ended: tuple[SlaClock, ...] = ()
    turns: dict[Name, int] = field(default_factory=dict)
    """How often each clock has been started."""
    early: tuple[Name, ...] = ()
    """Clocks that were answered before they began."""
    pauses: tuple[tuple[Name, datetime], ...] = ()
    """What stops clocks now, and since when."""
    calendars: dict[str, BusinessCalendar] = field(default_factory=dict)
    """The calendars that its clocks count in, as they were agreed."""


@record(frozen=True, slots=True)
class LifecycleState:
    """One lead."""

    lead_id: LeadId
    stage: StageId | None = None
    since: datetime | None = None
    cycle: int = 1
    trail: tuple[StageId, ...] = ()
    """The stages of the success path that it entered in this cycle, in order."""
    outcome: Outcome | None = None
    stale_at: datetime | None = None
    """When it stalls, or stalled, at its stage."""
    stalled: bool = False
    owner: OwnerId | None = None
    team: TeamId | None = None
    score: Score | None = None
    trough: Centipoints | None = None
    """The lowest engagement since it was recycled; None while it is not."""
    attributes: dict[Name, Scalar] = field(default_factory=dict)
    """What the brief may hold, and no more."""
    activities: tuple[Noted, ...] = ()
    promises: tuple[Noted, ...] = ()
    handoffs: tuple[HandoffState, ...] = ()
    """Oldest first; only the last may be open."""
    handoff_count: int = 0
    erased: bool = False

    @property
    def open_handoff(self) -> HandoffState | None:
        """The hand-off that waits to be answered or worked, or None."""
        last = self.handoffs[-1] if self.handoffs else None
        return last if last and last.closed_at is None else None
