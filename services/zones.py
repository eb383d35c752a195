"""Time zones from the pinned tz database, as plain offsets.

A zone is a line of **periods** of constant UTC offset. Within one, wall time is UTC plus a number, so what is
said about wall time (opening hours) becomes a statement about instants by one subtraction, and nothing else
needs to know that daylight saving, half-hour shifts or skipped days exist.

The zones come from the ``tzdata`` package, never from the system's files, so that every host computes the
same deadline and a proof can name the database. ``zoneinfo.reset_tzpath`` would do that for the whole process
and for other people's code; reading the file does it for ours. Instants here are integers: microseconds since
1970, UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

from schemas.calendars import time_zone_names

TZ_DATABASE_VERSION: str = tzdata.IANA_VERSION
"""The release of the IANA tz database in use, such as ``2026f``."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
END_OF_TIME = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
"""The last instant that a ``datetime`` can hold."""

# Offsets are asked for within these bounds only: at the very ends of datetime's range wall time overflows.
_FIRST_SECOND = (datetime(1, 1, 3, tzinfo=UTC) - EPOCH) // timedelta(seconds=1)
_LAST_SECOND = (datetime(9999, 12, 29, tzinfo=UTC) - EPOCH) // timedelta(seconds=1)

_CHUNK_SECONDS = 400 * 86_400
PROBE_SECONDS = 4 * 86_400
"""Two changes of a zone's offset lie further apart than this, so equal offsets at both ends of it mean that
nothing happened between. The closest are six days and 23 hours apart (Recife, 2000); a test reads all."""

Period = tuple[int, int, int]
"""Begin, end and offset, in microseconds: wall time is UTC plus the offset throughout ``[begin, end)``."""


def to_microseconds(instant: datetime) -> int:
    """Return microseconds since 1970 for an aware instant, exactly.

    Raises:
        ValueError: The instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give aware instants, in UTC")
    return (instant - EPOCH) // _MICROSECOND


def to_instant(microseconds: int) -> datetime:
    """Return the aware UTC instant so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


@cache
def zone_info(name: str) -> ZoneInfo:
    """Return a zone of the pinned tz database by its IANA name.

    Raises:
        ValueError: The database has no zone of this name.
    """
    if name not in time_zone_names():
        raise ValueError(f"{name!r} is not a time zone; write an IANA name, like 'Europe/Madrid'")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def periods(zone: str, begin: int, end: int) -> Iterator[Period]:
    """Yield the periods of ``[begin, end)``, in order and cut to it; neighbours may share an offset."""
    chunk = begin // (_CHUNK_SECONDS * SECOND)
    at = begin
    while at < end:
        for since, until, offset in _chunk(zone, chunk):
            if since < end and until > at:
                yield max(since, at), min(until, end), offset
        chunk += 1
        at = chunk * _CHUNK_SECONDS * SECOND


@lru_cache(maxsize=4096)
def _chunk(name: str, number: int) -> tuple[Period, ...]:
    """Return the periods of one stretch of 400 days: found once, then remembered."""
    zone = zone_info(name)
    begin = known = number * _CHUNK_SECONDS
    end = begin + _CHUNK_SECONDS
    offset = _offset(zone, begin)
    found = []
    while known < end - 1:
        probe = min(known + PROBE_SECONDS, end - 1)
        if _offset(zone, probe) == offset:
            known = probe
            continue
        known = _change(zone, known, probe)
        found.append((begin * SECOND, known * SECOND, offset * SECOND))
        begin, offset = known, _offset(zone, known)
    found.append((begin * SECOND, end * SECOND, offset * SECOND))
    return tuple(found)


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the first second in ``(before, after]`` whose offset is not that of ``before``, by bisection."""
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    """Return the offset in seconds at a second since 1970."""
    instant = datetime.fromtimestamp(min(max(second, _FIRST_SECOND), _LAST_SECOND), zone)
    shift = instant.utcoffset() or timedelta()
    return shift.days * 86_400 + shift.seconds
