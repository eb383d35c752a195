"""Arithmetic on working time: when an allowance runs out, and how much of it is used.

An instant is **open** when its wall-clock time in the calendar's zone lies in ``[start, end)`` of one of the
intervals of that local weekday and that local date is no holiday; an interval that crosses midnight belongs,
holiday and all, to the day it starts on. A clock is due at the **earliest** instant by which the open,
unpaused time since its start adds up to its allowance: one that ends at closing time is due then, not next
morning. Nothing else follows from daylight saving: an hour that occurs twice counts twice, one that does not
occur does not count (ADR-0004).

Pure, and exact to the microsecond: integers throughout, no float. ``services.opening_hours`` finds what is
open and ``services.clock_proof`` shows it. Instants given are aware; those returned are in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never

from schemas.calendars import (
    DAY_MINUTES,
    Allowance,
    BusinessAllowance,
    BusinessCalendar,
    CalendarAllowance,
    ElapsedAllowance,
    Interval,
    Weekday,
)
from services.opening_hours import PATIENCE, OpeningHours, Stretch, opening_hours, union
from services.zones import END_OF_TIME, to_instant, to_microseconds, zone_info

# NoDeadline
# ├── NoWorkingTime     the calendar does not open
# ├── ClockPaused       the clock stands until somebody ends its pause
# └── BeyondTime        later than a datetime can say


class NoDeadline(Exception):
    """There is no instant at which this clock is due."""


class NoWorkingTime(NoDeadline):
    """Nothing opens within 366 days."""


class ClockPaused(NoDeadline):
    """The clock is paused, and nobody has said until when."""


class BeyondTime(NoDeadline):
    """The clock would be due after the year 9999."""


Pause = tuple[datetime, datetime | None]
"""When a pause began and ended; ``None`` while it lasts."""

# Constructed, not validated: validation reads the tz database, and importing reads no files.
AROUND_THE_CLOCK = BusinessCalendar.model_construct(
    time_zone="UTC",
    week={day: (Interval(0, DAY_MINUTES),) for day in Weekday},
    name="around the clock",
)
"""The calendar in which elapsed time is counted: always open."""


def due_at(
    started_at: datetime,
    allowance: BusinessAllowance | timedelta,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
) -> datetime:
    """Return the earliest instant by which the open, unpaused time since the start adds up to the allowance.

    A clock that goes on after a change (another owner's calendar, another policy) is due at
    ``due_at(changed_at, granted - used, calendar, pauses)``: what is left, counted from the change.

    Args:
        started_at: When the clock started.
        allowance: Open time granted, >= 0; nothing is due at the start, open or not.
        calendar: Whose working time counts.
        pauses: When the clock stood; unsorted, overlapping or begun before the start as they come.

    Returns:
        An instant in UTC, never before ``started_at``, exact to the microsecond.

    Raises:
        NoWorkingTime: 366 days of unpaused time bring nothing open, counted from the start or from the last
            open instant.
        ClockPaused: It is not due before a pause that has no end.
        BeyondTime: It is due after the year 9999.
        ValueError: A naive instant, a negative allowance, or a pause that ends before it begins.

    Source: ADR-0004.
    """
    needed = allowance if isinstance(allowance, timedelta) else allowance.duration
    return due_within(opening_hours(calendar), started_at, needed, pauses)


def due_within(
    hours: OpeningHours, started_at: datetime, needed: timedelta, pauses: Iterable[Pause] = ()
) -> datetime:
    """Return ``due_at`` for opening hours that are at hand; the rest of its contract holds."""
    start, left = to_microseconds(started_at), needed // timedelta(microseconds=1)
    if left < 0:
        raise ValueError(f"the allowance is {needed}; it cannot be negative")
    paused = merged(pauses)
    if not left:
        return to_instant(start)
    reached = idle_since = start
    for since, until in unpaused(start, END_OF_TIME, paused):
        idle_since += since - reached  # a pause is nobody's idleness
        at, left = hours.spend(since, until, left, idle_since)
        if not left:
            return to_instant(at)
        if until - at >= PATIENCE:
            raise NoWorkingTime(f"nothing opens within 366 days of {to_instant(at).isoformat()}")
        reached, idle_since = until, at
    if reached < END_OF_TIME:
        raise ClockPaused(f"paused since {to_instant(reached).isoformat()}, and not due before")
    raise BeyondTime("due after the year 9999; shorten the allowance")


def granted(started_at: datetime, allowance: Allowance, calendar: BusinessCalendar) -> timedelta:
    """Return the time that an allowance grants to a clock, counted in ``counting(allowance, calendar)``.

    N calendar days last until the same wall-clock time N local days later, as RFC 5545 §3.3.6 adds a nominal
    duration; a wall time that occurs twice is the first, one that does not occur is read with the offset
    before the gap (§3.3.5), so that 02:30 on the night of the change to summer time is 03:30.

    Raises:
        BeyondTime: The days end after the year 9999.
    """
    match allowance:
        case BusinessAllowance() | ElapsedAllowance():
            return allowance.duration
        case CalendarAllowance():
            return _until_days_later(to_instant(to_microseconds(started_at)), allowance.days, calendar)
        case _:
            assert_never(allowance)


def _until_days_later(started_at: datetime, days: int, calendar: BusinessCalendar) -> timedelta:
    try:
        wall_time = started_at.astimezone(zone_info(calendar.time_zone))
        end = (wall_time + timedelta(days=days)).replace(fold=0).astimezone(UTC)
    except OverflowError as error:
        raise BeyondTime("due after the year 9999; shorten the allowance") from error
    return max(end - started_at, timedelta())  # no days, from the second of two equal wall times


def counting(allowance: Allowance, calendar: BusinessCalendar) -> BusinessCalendar:
    """Return the calendar in which an allowance's time is counted: the given one for business time only."""
    return calendar if isinstance(allowance, BusinessAllowance) else AROUND_THE_CLOCK


def deadline(
    started_at: datetime, allowance: Allowance, calendar: BusinessCalendar, pauses: Iterable[Pause] = ()
) -> datetime:
    """Return when a clock is due, whichever kind of allowance it has.

    Pauses stop all three: elapsed time and calendar days are put off by the time paused.

    Raises:
        NoDeadline, ValueError: As ``due_at``.
    """
    return due_at(started_at, granted(started_at, allowance, calendar), counting(allowance, calendar), pauses)


def open_time(
    from_: datetime, to: datetime, calendar: BusinessCalendar, pauses: Iterable[Pause] = ()
) -> timedelta:
    """Return the open, unpaused time of ``[from_, to)``, exact to the microsecond.

    Raises:
        ValueError: A naive instant, ``to`` before ``from_``, or a pause that ends before it begins.
    """
    hours = opening_hours(calendar)
    begin, end = bounds(from_, to)
    running = unpaused(begin, end, merged(pauses))
    return timedelta(
        microseconds=sum(
            closes - opens for since, until in running for opens, closes in hours.windows(since, until)
        )
    )


def open_seconds(
    from_: datetime, to: datetime, calendar: BusinessCalendar, pauses: Iterable[Pause] = ()
) -> int:
    """Return ``open_time`` in whole seconds, rounded down; to add up instants with fractions, use that."""
    return open_time(from_, to, calendar, pauses) // timedelta(seconds=1)


def next_opening(instant: datetime, calendar: BusinessCalendar) -> datetime:
    """Return the first open instant from this one on; itself when it is open.

    Raises:
        NoWorkingTime: Nothing opens within 366 days.
    """
    begin = to_microseconds(instant)
    for opens, _ in opening_hours(calendar).windows(begin, min(begin + PATIENCE, END_OF_TIME)):
        return to_instant(opens)
    raise NoWorkingTime(f"nothing opens within 366 days of {instant.isoformat()}")


def unpaused(begin: int, end: int, paused: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield what pauses, merged and in order, leave of ``[begin, end)``."""
    at = begin
    for since, until in paused:
        if since >= end:
            break
        if since > at:
            yield at, since
        at = max(at, until)
    if at < end:
        yield at, end


def merged(pauses: Iterable[Pause]) -> tuple[Stretch, ...]:
    """Return pauses in microseconds, in order and apart from one another; one without an end lasts for ever.

    Raises:
        ValueError: A naive instant, or a pause that ends before it begins.
    """
    return union(_pause(pause) for pause in pauses)


def _pause(pause: Pause) -> Stretch:
    since, until = pause
    begin, end = to_microseconds(since), END_OF_TIME if until is None else to_microseconds(until)
    if end < begin:
        raise ValueError(f"the pause from {since} ends before it begins, at {until}; swap the two")
    return begin, end


def bounds(from_: datetime, to: datetime) -> Stretch:
    """Return two instants in microseconds.

    Raises:
        ValueError: One is naive, or the second comes first.
    """
    begin, end = to_microseconds(from_), to_microseconds(to)
    if end < begin:
        raise ValueError(f"{to.isoformat()} comes before {from_.isoformat()}; swap the two")
    return begin, end
