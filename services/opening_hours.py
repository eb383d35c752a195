"""A calendar made ready for arithmetic: when it is open, as instants.

Openness is decided on the **wall-clock line**, where every day has 24 hours and nothing ever jumps: a day's
open stretches are its own intervals, unless it is a holiday, and what the day before left over past midnight,
unless that was one. There are at most 28 such days in a calendar (7 weekdays, a holiday or not, after a
holiday or not), each worked out when first met. ``services.zones`` then lays the line over UTC one period of
constant offset at a time: an hour that the clocks repeat is met in two periods, one that they skip in none.

All numbers are microseconds; instants count from 1970 UTC, days are numbered from 1970-01-01.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from schemas.calendars import DAY_MINUTES, BusinessCalendar, Interval, Weekday
from services.zones import DAY, MINUTE, periods

WEEK = 7 * DAY
PATIENCE = 366 * DAY
"""How long a search goes on without finding anything open."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()
_WEEKDAYS = tuple(Weekday)

Stretch = tuple[int, int]
"""Begin and end of ``[begin, end)``."""
Owned = tuple[int, int, int]
"""An opening within a day, and the number of the day whose interval it is: that day or the one before."""


class Span(NamedTuple):
    """A stretch of instants that is open throughout, or closed throughout for one reason."""

    begin: int
    end: int
    open: bool
    holiday: date | None
    """The holiday without which it would be open."""


class OpeningHours:
    """When a calendar is open."""

    def __init__(
        self, time_zone: str, week: Iterable[tuple[Weekday, tuple[Interval, ...]]], holidays: Iterable[date]
    ) -> None:
        self._time_zone = time_zone
        self._week = dict(week)
        self._holidays = frozenset(holiday.toordinal() - _EPOCH_ORDINAL for holiday in holidays)
        self._days: dict[tuple[int, bool, bool], tuple[Stretch, ...]] = {}

    @property
    def never(self) -> bool:
        """No weekday opens at all."""
        return not any(self._week.values())

    def windows(self, begin: int, end: int) -> Iterator[Stretch]:
        """Yield the open stretches of ``[begin, end)`` in order; neighbours may meet."""
        for since, until, offset in periods(self._time_zone, begin, end):
            for day in range((since + offset) // DAY, (until + offset - 1) // DAY + 1):
                yield from self._clipped(day, day * DAY - offset, since, until)

    def spend(self, begin: int, end: int, needed: int, idle_since: int) -> tuple[int, int]:
        """Spend open time of ``[begin, end)`` until none is needed any more.

        Args:
            begin: Where to start.
            end: Where to stop.
            needed: Open time to spend, > 0.
            idle_since: When open time was last met, or the search began; at most ``begin``.

        Returns:
            The instant by which all is spent, and 0; or the instant when open time was last met, and what is
            still needed: at ``end``, or as soon as nothing will open within ``PATIENCE`` of that instant.
        """
        if self.never:
            return idle_since, needed
        if self._always:  # elapsed time, which is asked for often
            spent = min(needed, end - begin)
            return begin + spent, needed - spent
        for since, until, offset in periods(self._time_zone, begin, end):
            day = (since + offset) // DAY
            while (midnight := day * DAY - offset) < until:
                if needed > WEEK and since <= midnight < idle_since + WEEK:
                    weeks = self._skippable_weeks(day, (until - midnight) // DAY, needed)
                    day += 7 * weeks
                    needed -= weeks * self._week_total
                    midnight += weeks * WEEK
                    idle_since = midnight if weeks else idle_since
                for opening, closing in self._clipped(day, midnight, since, until):
                    if opening - idle_since >= PATIENCE:
                        return idle_since, needed
                    if closing - opening >= needed:
                        return opening + needed, 0
                    needed -= closing - opening
                    idle_since = closing
                day += 1
        return idle_since, needed

    def spans(self, begin: int, end: int) -> Iterator[Span]:
        """Yield what ``[begin, end)`` consists of, in order and without gaps; neighbours may be alike."""
        for since, until, offset in periods(self._time_zone, begin, end):
            for day in range((since + offset) // DAY, (until + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for start, stop, is_open, holiday in self._day_spans(day):
                    first, last = max(midnight + start, since), min(midnight + stop, until)
                    if first < last:
                        yield Span(first, last, is_open, holiday)

    def _clipped(self, day: int, midnight: int, since: int, until: int) -> Iterator[Stretch]:
        for opens, closes in self._open(day):
            opening, closing = midnight + opens, midnight + closes
            if opening < until and closing > since:
                yield max(opening, since), min(closing, until)

    def _skippable_weeks(self, day: int, room: int, needed: int) -> int:
        """Return how many of the weeks that fill ``room`` days are alike and too short, leaving the last one.

        A week without holidays holds the same open time from whichever day it is counted; the week that is
        left over is walked, so that the end of its last opening is known.
        """
        following = bisect_left(self._sorted_holidays, day - 1)
        if following < len(self._sorted_holidays):
            room = min(room, self._sorted_holidays[following] - day)
        return max(0, min(room // 7 - 1, (needed - 1) // self._week_total))

    @cached_property
    def _always(self) -> bool:
        if self._holidays or len(self._week) < len(_WEEKDAYS):
            return False
        return all(self._open(day) == ((0, DAY),) for day in range(len(_WEEKDAYS)))

    @cached_property
    def _sorted_holidays(self) -> list[int]:
        return sorted(self._holidays)

    @cached_property
    def _week_total(self) -> int:
        """The open time of seven days without a holiday; > 0 unless the calendar never opens."""
        plain = OpeningHours(self._time_zone, self._week.items(), ())
        return sum(closes - opens for day in range(7) for opens, closes in plain._open(day))

    def _open(self, day: int) -> tuple[Stretch, ...]:
        key = (day % 7, day in self._holidays, day - 1 in self._holidays)
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = union(
                (begin, end) for begin, end, owner in self._openings(day) if owner not in self._holidays
            )
        return found

    def _day_spans(self, day: int) -> Iterator[Span]:
        openings = self._openings(day)
        edges = {0, DAY, *(edge for begin, end, _ in openings for edge in (begin, end))}
        for begin, end in pairwise(sorted(edges)):
            owners = [owner for since, until, owner in openings if since <= begin < until]
            if all(owner in self._holidays for owner in owners):
                holiday = date.fromordinal(min(owners) + _EPOCH_ORDINAL) if owners else None
                yield Span(begin, end, open=False, holiday=holiday)
            else:
                yield Span(begin, end, open=True, holiday=None)

    def _openings(self, day: int) -> list[Owned]:
        """Return what would be open on a day were there no holidays."""
        weekday = day + _EPOCH_WEEKDAY
        today = self._week.get(_WEEKDAYS[weekday % 7], ())
        yesterday = self._week.get(_WEEKDAYS[(weekday - 1) % 7], ())
        own = [(start * MINUTE, min(end, DAY_MINUTES) * MINUTE, day) for start, end in today]
        tail = [(0, (end - DAY_MINUTES) * MINUTE, day - 1) for _, end in yesterday if end > DAY_MINUTES]
        return own + tail


def union(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return what stretches cover together, in order; what overlaps or meets becomes one."""
    merged: list[Stretch] = []
    for begin, end in sorted(stretches):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def opening_hours(calendar: BusinessCalendar) -> OpeningHours:
    """Return a calendar's opening hours; equal calendars share one, and the days it has worked out."""
    return _opening_hours(calendar.time_zone, frozenset(calendar.week.items()), calendar.holidays)


@lru_cache(maxsize=1024)
def _opening_hours(
    time_zone: str, week: frozenset[tuple[Weekday, tuple[Interval, ...]]], holidays: frozenset[date]
) -> OpeningHours:
    return OpeningHours(time_zone, week, holidays)
