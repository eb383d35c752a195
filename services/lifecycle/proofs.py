"""Why a clock stands where it stands: the open, closed and paused stretches of its run, one by one.

A proof rests on a run of a clock as a witness saw it: each stretch with the calendar that was agreed then, so
that it can still be shown after the agreement has changed. A person can check it with a wall calendar.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Label
from schemas.calendars import BusinessCalendar
from schemas.handoffs import ClockEnd
from schemas.vocabulary import Name, OwnerId
from services.business_time import AROUND_THE_CLOCK
from services.clock_proof import Segment, SegmentKind, segments
from services.lifecycle.running import calendar_name
from services.lifecycle.state import SlaClock, Stretch
from services.lifecycle.witness import Run
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


class Verdict(StrEnum):
    """What a clock came to, or how it stands."""

    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    """Past its deadline, and not answered yet."""


_VERDICTS = {
    ClockEnd.MET: Verdict.MET,
    ClockEnd.BREACHED: Verdict.BREACHED,
    ClockEnd.UNANSWERED: Verdict.BREACHED,
    ClockEnd.CANCELLED: Verdict.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class SlaProof:
    """One run of one clock: its stretches add up to ``used`` and ``forgiven`` together."""

    handoff_id: Name
    handoff_number: int
    cycle: int
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
    paused_for: timedelta
    due_at: datetime | None
    verdict: Verdict
    breached_at: datetime | None
    ended_at: datetime | None
    end: ClockEnd | None
    stretches: tuple[ProvenStretch, ...]
    tz_database_version: str = TZ_DATABASE_VERSION


def clock_proofs(runs: Iterable[Run], agreement: Agreement, now: datetime) -> tuple[SlaProof, ...]:
    """Return the proofs of runs of clocks, in their order.

    Args:
        runs: As a witness saw them.
        agreement: For the clocks' labels; what a clock counts is its own.
        now: Up to when running clocks are proven.
    """
    labels = {clock.id: clock.label for clock in agreement.handoff.clocks} if agreement.handoff else {}
    return tuple(_proof(run, labels.get(run.clock.clock, {"en": run.clock.clock}), now) for run in runs)


def _proof(run: Run, label: Label, now: datetime) -> SlaProof:
    clock, handoff = run.clock, run.handoff
    until = clock.ended_at or max(now, clock.since)
    stretches = tuple(_stretches(run, until))
    return SlaProof(
        handoff_id=handoff.handoff_id,
        handoff_number=handoff.number,
        cycle=handoff.cycle,
        clock=clock.clock,
        label=label,
        turn=clock.turn,
        owner=clock.owner,
        started_at=clock.started_at,
        until=until,
        granted=clock.granted,
        used=clock.used + stretches[-1].used,
        forgiven=clock.forgiven,
        paused_for=sum((_total(each.segments, SegmentKind.PAUSED) for each in stretches), timedelta()),
        due_at=clock.due_at,
        verdict=_verdict(clock),
        breached_at=clock.breached_at,
        ended_at=clock.ended_at,
        end=clock.end,
        stretches=stretches,
    )


def _verdict(clock: SlaClock) -> Verdict:
    if clock.end:
        return _VERDICTS[clock.end]
    if clock.paused:
        return Verdict.PAUSED
    return Verdict.OVERDUE if clock.breached_at else Verdict.RUNNING


def _stretches(run: Run, until: datetime) -> Iterator[ProvenStretch]:
    for one in run.counted:
        yield _proven(one.stretch, one.calendar)
    clock = run.clock
    last = Stretch(
        began_at=clock.since,
        ended_at=until,
        calendar=clock.calendar,
        counts=clock.allowance.kind,
        stood=clock.stood,
        away=clock.away,
    )
    yield _proven(last, run.calendar)


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
        used=_total(found, SegmentKind.OPEN),
        segments=found,
    )


def _total(found: Iterable[Segment], kind: SegmentKind) -> timedelta:
    return sum((each.duration for each in found if each.kind is kind), timedelta())
