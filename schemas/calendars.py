"""When an office is open, and how much time an agreement grants: calendars and allowances.

A **calendar** is a zone, a week of opening intervals and a set of holidays, written as people write them:
times of day as ``"HH:MM"``, intervals as pairs, days as ``mon`` to ``sun``. Openings and holidays may be
unsorted, repeated or overlapping; open time counts once. An **allowance** is one of three types that never
mix: business time, elapsed time or calendar days. What they come to as instants is decided in
``services/business_time.py`` (ADR-0004); no arithmetic is here.
"""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictFloat,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from schemas.frozen import Frozen
from schemas.vocabulary import Name

DAY_MINUTES = 24 * 60

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Weekday(StrEnum):
    """A day of the week; members stand in ISO order, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Interval(NamedTuple):
    """One opening, ``[start, end)`` in minutes since the midnight of the day it starts on.

    ``0 <= start < 1440`` and ``start < end <= start + 1440``: an end beyond 1440 lies on the morning after.
    """

    start: int
    end: int


def _minutes(text: object) -> int:
    if isinstance(text, int) and not isinstance(text, bool):
        # YAML 1.1 reads an unquoted 13:00 as the base-60 number 780.
        raise ValueError(f"{text} is a number, not a time of day; write it in quotes, like '13:00'")
    if not isinstance(text, str) or not _TIME_OF_DAY.fullmatch(text):
        raise ValueError(
            f"{_shown(text)} is not a time of day; write HH:MM from 00:00 to 24:00, like '09:00'"
        )
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=4096)
def _read_interval(start_text: object, end_text: object) -> Interval:
    start, end = _minutes(start_text), _minutes(end_text)
    if start == DAY_MINUTES:
        raise ValueError("24:00 only ends an interval; start the next day's interval at 00:00")
    return Interval(start, end if end > start else end + DAY_MINUTES)


def _interval(value: object) -> Interval:
    if isinstance(value, Interval):
        return value
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"{_shown(value)} is not an opening; write a pair, like ['09:00', '18:00']")
    try:
        return _read_interval(*value)
    except TypeError:  # an unhashable element: no text, and no cache for it
        return _read_interval(*map(repr, value))


def _written(interval: Interval) -> list[str]:
    end = interval.end if interval.end <= DAY_MINUTES else interval.end - DAY_MINUTES
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in (interval.start, end)]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


Opening = Annotated[
    Interval,
    PlainValidator(_interval),
    PlainSerializer(_written),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "pattern": r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"},
            "minItems": 2,
            "maxItems": 2,
            "description": "Start and end of day, HH:MM; an end not after the start lies on the next day.",
        }
    ),
]
"""An interval as written, ``["09:00", "13:00"]``; ``"24:00"`` is a valid end, equal ends are 24 hours."""


def _plain_date(value: object) -> object:
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError(f"{_shown(value)} is not a date; write YYYY-MM-DD, like '2026-12-25'")
    if not isinstance(value, str | date):
        raise ValueError(f"{_shown(value)} is not a date; write YYYY-MM-DD in quotes")
    return _real_date(value) if isinstance(value, str) else value


def _real_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:  # 30 February
        raise ValueError(f"{text!r} is no day of the calendar; write a real date") from error


Holiday = Annotated[date, BeforeValidator(_plain_date)]
"""A local date on which nothing opens."""


def _sorted(holidays: frozenset[date]) -> list[date]:
    return sorted(holidays)


Holidays = Annotated[frozenset[Holiday], PlainSerializer(_sorted)]
"""A set of dates; written out in order, so that equal calendars are equal bytes."""


@lru_cache(maxsize=1)
def time_zone_names() -> frozenset[str]:
    """Return every IANA zone name of the pinned tz database, links included."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _zones_by_what_is_said() -> dict[str, str]:
    """Return names by themselves and by their last part, in lower case."""
    names = sorted(time_zone_names())
    return {name.casefold().split("/")[-1]: name for name in names} | {
        name.casefold(): name for name in names
    }


def _unknown_zone(name: str) -> str:
    zones, said = _zones_by_what_is_said(), name.casefold()
    # Likeness takes long to find: it is looked for among those of about the length only.
    alike = [each for each in zones if each[0] == said[:1] and abs(len(each) - len(said)) <= 2]
    near = [said] if said in zones else get_close_matches(said, alike, n=1)
    return f"did you mean {zones[near[0]]!r}?" if near else "write an IANA name, like 'Europe/Madrid'"


def _known_zone(name: str) -> str:
    if name not in time_zone_names():
        raise ValueError(f"{_shown(name)} is not a time zone; {_unknown_zone(name)}")
    return name


TimeZoneName = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
"""A name of the IANA tz database."""


class BusinessCalendar(Frozen):
    """When an office is open: local opening intervals by weekday, but not on holidays.

    Weekdays that are absent are closed. An interval belongs to the day it starts on, holiday and all.
    """

    time_zone: TimeZoneName
    """The IANA zone of the opening hours: Europe/Madrid."""
    week: dict[Weekday, tuple[Opening, ...]]
    """The openings of each weekday, as pairs; a weekday that is absent is closed."""
    holidays: Holidays = frozenset()
    """The dates on which nothing opens."""
    name: Name | None = None
    """What a clock's proof calls it."""
    version: Name | None = None
    """Which version of it a clock's proof names."""


def _whole_seconds(minutes: float) -> float:
    if abs(minutes * 60 - round(minutes * 60)) > 1e-6:
        raise ValueError(f"{minutes} minutes are no whole number of seconds; round to 1/60")
    return minutes


MAX_MINUTES = 100 * 366 * DAY_MINUTES
"""A hundred years: what is longer is a slip of the pen, and would outrun the calendar."""

Minutes = Annotated[StrictInt | StrictFloat, Field(ge=0, le=MAX_MINUTES), AfterValidator(_whole_seconds)]
"""Minutes of an allowance, fractions allowed down to the whole second; 0 is due at the start."""


class BusinessAllowance(Frozen):
    """Time counted only while the calendar is open."""

    kind: Literal["business"] = "business"
    minutes: Minutes

    @property
    def duration(self) -> timedelta:
        """The open time granted, in whole seconds."""
        return timedelta(seconds=round(self.minutes * 60))


class ElapsedAllowance(Frozen):
    """Time counted around the clock."""

    kind: Literal["elapsed"] = "elapsed"
    minutes: Minutes

    @property
    def duration(self) -> timedelta:
        """The elapsed time granted, in whole seconds."""
        return timedelta(seconds=round(self.minutes * 60))


class CalendarAllowance(Frozen):
    """Days on the wall calendar: due at the same wall-clock time, that many days on (RFC 5545 §3.3.6)."""

    kind: Literal["calendar"] = "calendar"
    days: Annotated[StrictInt, Field(ge=0, le=100 * 366)]


_ALLOWANCE = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,4})?) (business minute|business hour|elapsed minute|elapsed hour|elapsed day)s?"
    r"|([0-9]{1,5}) calendar days?"
)
_UNIT_MINUTES = {"minute": 1, "hour": 60, "day": DAY_MINUTES}


def _read_allowance(value: object) -> object:
    """Read an allowance as people say it; one that is spelled out is left as it is."""
    if isinstance(value, dict | Frozen):
        return value
    said = _ALLOWANCE.fullmatch(value) if isinstance(value, str) else None
    if said is None:
        raise ValueError(
            f"{_shown(value)} is no allowance; write 4 business hours, 30 elapsed minutes, 60 elapsed days"
            " or 3 calendar days (a business day has no fixed length: write its hours)"
        )
    if said[3]:
        return {"kind": "calendar", "days": int(said[3])}
    kind, unit = said[2].split(" ")
    minutes = float(said[1]) * _UNIT_MINUTES[unit]
    return {"kind": kind, "minutes": int(minutes) if minutes.is_integer() else minutes}


_AnyAllowance = Annotated[
    BusinessAllowance | ElapsedAllowance | CalendarAllowance, Field(discriminator="kind")
]

Allowance = Annotated[
    _AnyAllowance,
    BeforeValidator(
        _read_allowance,
        json_schema_input_type=_AnyAllowance | Annotated[str, StringConstraints(pattern=_ALLOWANCE.pattern)],
    ),
]
"""What an agreement grants; three types, so that one is never counted as another.

Written ``{kind: business, minutes: 240}``, or as people say it: ``4 business hours``.
"""


def allowance_text(allowance: BusinessAllowance | ElapsedAllowance | CalendarAllowance) -> str:
    """Return an allowance as people say it, ``4 business hours``: in the largest unit without remainder."""
    if isinstance(allowance, CalendarAllowance):
        return _counted(allowance.days, "calendar day")
    units = (
        [("hour", 60), ("minute", 1)]
        if allowance.kind == "business"
        else [("day", DAY_MINUTES), ("hour", 60)]
    )
    for unit, minutes in units:
        if allowance.minutes and allowance.minutes % minutes == 0:
            return _counted(allowance.minutes / minutes, f"{allowance.kind} {unit}")
    return _counted(allowance.minutes, f"{allowance.kind} minute")


def _counted(count: float, unit: str) -> str:
    return f"{count:.10g} {unit}" + ("" if count == 1 else "s")
