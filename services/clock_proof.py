"""The proof of a clock: the open, closed and paused stretches that its time consists of.

What ``services.business_time`` adds up is shown here piece by piece, with whatever the sum rests on: the
zone, the calendar's version and the tz database's. A person can check it with a wall calendar. There is no
arithmetic here beyond putting neighbours that are alike together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from schemas.calendars import Allowance, BusinessCalendar
from services.business_time import (
    NoDeadline,
    Pause,
    bounds,
    counting,
    deadline,
    granted,
    merged,
    unpaused,
)
from services.opening_hours import OpeningHours, Stretch, opening_hours
from services.zones import TZ_DATABASE_VERSION, to_instant


class SegmentKind(StrEnum):
    """What a clock does in a segment of its proof."""

    OPEN = "open"
    """Counts."""
    CLOSED = "closed"
    PAUSED = "paused"
    """Does not count, whether the calendar is open or not."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which a clock does one thing for one reason."""

    kind: SegmentKind
    began_at: datetime
    ended_at: datetime
    holiday: date | None = None
    """The holiday that closes it; a closed segment without one is closed on any such weekday."""

    @property
    def duration(self) -> timedelta:
        """How long it lasts, > 0."""
        return self.ended_at - self.began_at


def segments(
    from_: datetime, to: datetime, calendar: BusinessCalendar, pauses: Iterable[Pause] = ()
) -> Iterator[Segment]:
    """Yield what a clock does between two instants, in order and without gaps; no neighbours are alike.

    Raises:
        ValueError: As ``open_time``.
    """
    begin, end = bounds(from_, to)
    pieces = _pieces(begin, end, opening_hours(calendar), merged(pauses))
    for (kind, holiday), alike in groupby(pieces, key=lambda piece: piece[:2]):
        stretches = [piece[2:] for piece in alike]
        yield Segment(kind, to_instant(stretches[0][0]), to_instant(stretches[-1][1]), holiday)


@dataclass(frozen=True, slots=True)
class ClockProof:
    """Why a clock is due when it is: the segments add up to ``used``, by the calendar and database named."""

    started_at: datetime
    until: datetime
    due_at: datetime | None
    """``None``: paused without an end, or nothing ever opens."""
    granted: timedelta
    used: timedelta
    """The sum of the open segments."""
    segments: tuple[Segment, ...]
    time_zone: str
    calendar_name: str | None
    calendar_version: str | None
    tz_database_version: str


def proof(
    started_at: datetime,
    allowance: Allowance,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
    *,
    until: datetime | None = None,
) -> ClockProof:
    """Return the proof of a clock up to an instant; without one, up to its deadline, where all is used.

    Raises:
        NoDeadline: It has no deadline, and no instant was given instead.
        ValueError: As ``segments``.
    """
    pauses = tuple(pauses)
    due: datetime | None
    try:
        due = end = deadline(started_at, allowance, calendar, pauses)
    except NoDeadline:
        if until is None:
            raise
        due, end = None, until
    end = end if until is None else until
    found = tuple(segments(started_at, end, counting(allowance, calendar), pauses))
    return ClockProof(
        started_at=started_at,
        until=end,
        due_at=due,
        granted=granted(started_at, allowance, calendar),
        used=sum((each.duration for each in found if each.kind is SegmentKind.OPEN), timedelta()),
        segments=found,
        time_zone=calendar.time_zone,
        calendar_name=calendar.name,
        calendar_version=calendar.version,
        tz_database_version=TZ_DATABASE_VERSION,
    )


Piece = tuple[SegmentKind, date | None, int, int]


def _pieces(begin: int, end: int, hours: OpeningHours, paused: Sequence[Stretch]) -> Iterator[Piece]:
    reached = begin
    for since, until in unpaused(begin, end, paused):
        if reached < since:
            yield SegmentKind.PAUSED, None, reached, since
        for span in hours.spans(since, until):
            yield SegmentKind.OPEN if span.open else SegmentKind.CLOSED, span.holiday, span.begin, span.end
        reached = until
    if reached < end:
        yield SegmentKind.PAUSED, None, reached, end
