"""One SLA clock: how it starts, stands, goes on under other terms, fires and ends. Arithmetic on frozen data.

A clock's time is counted in **stretches**: within one, the allowance's kind, the calendar and the owner's
absences stay the same. A change of terms closes the stretch with the time used in it, and what is left of
the allowance is counted from there (ADR-0005). Because a clock keeps its terms, none of this asks what the
agreement said earlier. A deadline is the earliest instant by which the allowance is used up; at that
instant the clock has breached, and an answer given then comes too late.

A clock in a calendar that never opens has no deadline, as a paused one has none.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from schemas.agreement.handoff import Carry, Clock, EscalationStep
from schemas.calendars import Allowance, BusinessCalendar
from schemas.handoffs import ClockEnd
from schemas.records import record, replace
from schemas.vocabulary import Name, OwnerId, TeamId
from services.business_time import NoDeadline, counting, deadline, due_at, granted, open_time
from services.lifecycle.state import MOST_PAUSES, MOST_STRETCHES, Interval, SlaClock, Stretch

Calendars = Mapping[str, BusinessCalendar]
"""The calendars that a hand-off's clocks count in, by key."""

_LATE = {ClockEnd.MET: ClockEnd.BREACHED, ClockEnd.CANCELLED: ClockEnd.UNANSWERED}
"""How a clock ends past its deadline, by how it would have ended before."""

Whose = tuple[OwnerId | None, TeamId | None]


@record(frozen=True, slots=True)
class Terms:
    """What a clock runs under from an instant on."""

    allowance: Allowance
    calendar: str
    away: tuple[Interval, ...]
    owner: OwnerId | None
    hours_of: Whose | None = None
    """Whose hours these are, where they are not those of who has the lead."""


def started(clock: Name, turn: int, at: datetime, terms: Terms, calendars: Calendars) -> SlaClock:
    """Return a clock that begins to run; ``scheduled`` gives it its deadline."""
    return SlaClock(
        clock=clock,
        turn=turn,
        started_at=at,
        allowance=terms.allowance,
        granted=granted(at, terms.allowance, calendars[terms.calendar]),
        calendar=terms.calendar,
        since=at,
        away=terms.away,
        owner=terms.owner,
    )


def used_by(clock: SlaClock, at: datetime, calendars: Calendars) -> timedelta:
    """Return how much of the allowance is used by an instant, exact to the microsecond."""
    return clock.used + open_time(clock.since, at, _counts_in(clock, calendars), _stops(clock))


def scheduled(clock: SlaClock, at: datetime, calendars: Calendars, definition: Clock) -> SlaClock:
    """Return a clock that is not paused with its deadline and the instant of its next event, counted anew.

    Neither lies before ``at``: nobody breaks a rule before it is agreed.
    """
    due = clock.due_at if clock.breached_at else _reached(clock, clock.granted, at, calendars)
    clock = replace(clock, due_at=due)
    return replace(clock, next_at=_next_event(clock, at, calendars, definition))


def paused(clock: SlaClock, at: datetime) -> SlaClock:
    """Return the clock standing still; one that has breached keeps its deadline, which has passed."""
    due = clock.due_at if clock.breached_at else None
    return replace(clock, stood=(*clock.stood, (at, None)), due_at=due, next_at=None)


def resumed(clock: SlaClock, at: datetime, calendars: Calendars) -> SlaClock:
    """Return the clock going on with what was left; ``scheduled`` gives it its deadline."""
    clock = replace(clock, stood=(*clock.stood[:-1], (clock.stood[-1][0], at)))
    return clock if len(clock.stood) < MOST_PAUSES else rolled(clock, at, calendars)


def rolled(clock: SlaClock, at: datetime, calendars: Calendars) -> SlaClock:
    """Return the clock with its stretch closed at an instant: another begins under the same terms."""
    used = used_by(clock, at, calendars)
    stretch = Stretch(
        began_at=clock.since,
        ended_at=at,
        calendar=clock.calendar,
        counts=clock.allowance.kind,
        stood=clock.stood,
        away=clock.away,
    )
    return replace(
        clock,
        since=at,
        used=used,
        stood=((at, None),) if clock.paused else (),
        earlier=(*clock.earlier, stretch)[-MOST_STRETCHES:],
    )


def changed(clock: SlaClock, how: Carry, at: datetime, terms: Terms, calendars: Calendars) -> SlaClock:
    """Return the clock under other terms; ``scheduled`` gives it its deadline.

    ``carry``: what was used stays used, as counted until now, and the rest is counted under the new terms.
    ``restart``: nothing is used. ``keep``: it runs on under the terms it has.
    """
    if how == "keep":
        return replace(clock, owner=terms.owner, hours_of=terms.hours_of)
    clock = rolled(clock, at, calendars)
    if how == "restart":
        clock = replace(clock, used=timedelta(), forgiven=clock.forgiven + clock.used, warned_rate=None)
    grants = clock.granted
    if how == "restart" or terms.allowance != clock.allowance:
        start = at if how == "restart" else clock.started_at
        grants = granted(start, terms.allowance, calendars[terms.calendar])
    return replace(
        clock,
        allowance=terms.allowance,
        granted=grants,
        calendar=terms.calendar,
        away=terms.away,
        owner=terms.owner,
        hours_of=terms.hours_of,
    )


def ended(clock: SlaClock, at: datetime, end: ClockEnd, calendars: Calendars) -> SlaClock:
    """Return the clock at its end: as ``end`` says, and once its breach was said as late, answered or not."""
    working = clock.forgiven + used_by(clock, at, calendars)
    if clock.paused:
        clock = replace(clock, stood=(*clock.stood[:-1], (clock.stood[-1][0], at)))
    late = clock.breached_at is not None
    return replace(
        clock,
        next_at=None,
        ended_at=at,
        end=_LATE.get(end, end) if late else end,
        working=working,
    )


def rung_due(clock: SlaClock, definition: Clock) -> float | None:
    """Return the rung of the warning ladder that comes next, or None."""
    said = clock.warned_rate or 0.0
    return min((rate for rate in definition.warn_at if rate > said), default=None)


def escalation_due(clock: SlaClock, definition: Clock) -> EscalationStep | None:
    """Return the escalation step that comes next, or None."""
    steps = definition.escalate
    return steps[clock.escalated] if clock.escalated < len(steps) else None


def _next_event(clock: SlaClock, at: datetime, calendars: Calendars, definition: Clock) -> datetime | None:
    if clock.breached_at is None:
        return _next_before_breach(clock, at, calendars, definition)
    step = escalation_due(clock, definition)
    if step is None:
        return None
    try:
        due = deadline(clock.breached_at, step.after, calendars[clock.calendar], _stood_since_breach(clock))
    except NoDeadline:
        return None
    return max(due, at)


def _next_before_breach(
    clock: SlaClock, at: datetime, calendars: Calendars, definition: Clock
) -> datetime | None:
    rung = rung_due(clock, definition)
    if rung is None or clock.due_at is None:
        return clock.due_at
    warned_at = _reached(clock, clock.granted * rung, at, calendars)
    return clock.due_at if warned_at is None else min(warned_at, clock.due_at)


def _reached(clock: SlaClock, used: timedelta, at: datetime, calendars: Calendars) -> datetime | None:
    """Return when so much is used, no earlier than ``at``; None if it never is."""
    left = max(used - clock.used, timedelta())
    try:
        return max(due_at(clock.since, left, _counts_in(clock, calendars), _stops(clock)), at)
    except NoDeadline:
        return None


def _counts_in(clock: SlaClock, calendars: Calendars) -> BusinessCalendar:
    return counting(clock.allowance, calendars[clock.calendar])


def _stops(clock: SlaClock) -> tuple[Interval, ...]:
    return (*clock.stood, *clock.away)


def _stood_since_breach(clock: SlaClock) -> Iterable[Interval]:
    """Yield pauses that may lie after the breach; those before it change nothing, and absences are none."""
    for stretch in clock.earlier:
        yield from stretch.stood
    yield from clock.stood
