"""Why a clock stands where it stands: the open, closed and paused stretches of its run, one by one.

A proof rests on what the clock keeps: each stretch with the calendar that was agreed then, so that it can
still be shown after the agreement has changed. A person can check it with a wall calendar. The newest
hand-off is proven; of earlier ones only the results are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Label
from schemas.calendars import BusinessCalendar
from schemas.handoffs import ClockEnd
from schemas.vocabulary import Name, OwnerId
from services.business_time import AROUND_THE_CLOCK
from services.clock_proof import Segment, SegmentKind, segments
from services.lifecycle.running import calendar_name
from services.lifecycle.state import HandoffState, LifecycleState, SlaClock, Stretch
from services.zones import TZ_DATABASE_VERSION


@dataclass(frozen=True, slots=True)
class ProvenStretch:
    """A part of a clock's run under one set of terms; its open segments add up to ``used``."""

    began_at: datetime
    ended_at: datetime
    calendar: Name
    calendar_version: Name | None
    time_zone: str
    counts: str
    """``business``: opening hours count. Otherwise all time counts, whatever the calendar."""
    used: timedelta
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SlaProof:
    """One run of one clock: ``before`` and the stretches add up to ``used`` and ``forgiven`` together."""

    handoff_id: Name
    clock: Name
    label: Label
    turn: int
    owner: OwnerId | None
    started_at: datetime
    until: datetime
    granted: timedelta
    used: timedelta
    """Of what is granted."""
    forgiven: timedelta
    """Used, and no longer counted: a change of owner, calendar or policy began the clock anew."""
    before: timedelta
    """Used in stretches so long ago that they are kept as a sum."""
    due_at: datetime | None
    paused: bool
    breached_at: datetime | None
    ended_at: datetime | None
    end: ClockEnd | None
    stretches: tuple[ProvenStretch, ...]
    tz_database_version: str = TZ_DATABASE_VERSION


def clock_proofs(state: LifecycleState, agreement: Agreement, now: datetime) -> tuple[SlaProof, ...]:
    """Return the proofs of all clocks of the newest hand-off, ended ones first.

    Args:
        state: The lead.
        agreement: For the clocks' labels; what a clock counts is its own.
        now: Up to when running clocks are proven.
    """
    if not state.handoffs:
        return ()
    handoff = state.handoffs[-1]
    labels = {clock.id: clock.label for clock in agreement.handoff.clocks} if agreement.handoff else {}
    every = (*handoff.ended, *handoff.running)
    return tuple(_proof(handoff, clock, labels.get(clock.clock, {"en": clock.clock}), now) for clock in every)


def _proof(handoff: HandoffState, clock: SlaClock, label: Label, now: datetime) -> SlaProof:
    until = clock.ended_at or max(now, clock.since)
    stretches = tuple(_stretches(handoff, clock, until))
    total = clock.used + clock.forgiven + stretches[-1].used
    return SlaProof(
        handoff_id=handoff.handoff_id,
        clock=clock.clock,
        label=label,
        turn=clock.turn,
        owner=clock.owner,
        started_at=clock.started_at,
        until=until,
        granted=clock.granted,
        used=total - clock.forgiven,
        forgiven=clock.forgiven,
        before=total - sum((each.used for each in stretches), timedelta()),
        due_at=clock.due_at,
        paused=clock.paused,
        breached_at=clock.breached_at,
        ended_at=clock.ended_at,
        end=clock.end,
        stretches=stretches,
    )


def _stretches(handoff: HandoffState, clock: SlaClock, until: datetime) -> Iterator[ProvenStretch]:
    for stretch in clock.earlier:
        yield _proven(stretch, handoff.calendars[stretch.calendar])
    last = Stretch(
        began_at=clock.since,
        ended_at=until,
        calendar=clock.calendar,
        counts=clock.allowance.kind,
        stood=clock.stood,
        away=clock.away,
    )
    yield _proven(last, handoff.calendars[clock.calendar])


def _proven(stretch: Stretch, calendar: BusinessCalendar) -> ProvenStretch:
    counted_in = calendar if stretch.counts == "business" else AROUND_THE_CLOCK
    stops = (*stretch.stood, *stretch.away)
    found = tuple(segments(stretch.began_at, stretch.ended_at, counted_in, stops))
    return ProvenStretch(
        began_at=stretch.began_at,
        ended_at=stretch.ended_at,
        calendar=calendar_name(stretch.calendar),
        calendar_version=calendar.version,
        time_zone=calendar.time_zone,
        counts=stretch.counts,
        used=sum((each.duration for each in found if each.kind is SegmentKind.OPEN), timedelta()),
        segments=found,
    )
