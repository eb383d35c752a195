"""Opening hours as ``--open`` has them, read and written: ``mon-fri=09:00-13:00,14:00-18:00``."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from services.cli.failures import Refused

if TYPE_CHECKING:
    from schemas.calendars import BusinessCalendar, Interval

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_HOLIDAYS = 3
_OPTIONS = {"time_zone": "--zone", "week": "--open", "holidays": "--holiday"}
"""Which option each part of a calendar comes from: people know those, not the model."""


def read_hours(zone: str, openings: Sequence[str], holidays: Sequence[str]) -> "BusinessCalendar":
    """Return a calendar from options.

    Args:
        zone: Its time zone.
        openings: Days and hours, each like ``mon-fri=09:00-13:00,14:00-18:00``.
        holidays: Days on which nothing opens.

    Raises:
        Refused: One of them cannot be read.
    """
    from pydantic import ValidationError

    from infra.plain_errors import PlainValue, plain_errors
    from schemas.calendars import BusinessCalendar

    week: dict[str, list[list[str]]] = {}
    for text in openings:
        days, _, hours = text.partition("=")
        for name in _days(days, text):
            week.setdefault(name, []).extend(_hours(hours, text))
    document = {"time_zone": zone, "week": week, "holidays": list(holidays)}
    try:
        return BusinessCalendar.model_validate(document)
    except ValidationError as error:
        first = plain_errors(error, PlainValue(document), BusinessCalendar)[0]
        raise Refused(f"{_OPTIONS[str(first.at[0])]}: {first.message}; {first.remedy}") from error


def hours_text(calendar: "BusinessCalendar") -> str:
    """Write a calendar's hours: ``mon-thu=09:00-14:00,15:00-18:00 fri=08:00-15:00, 2 holidays``."""
    written = " ".join(_week(calendar)) or "never"
    count = len(calendar.holidays)
    if not count:
        return written
    if count <= _MOST_HOLIDAYS:
        return f"{written}, but not on {', '.join(map(str, sorted(calendar.holidays)))}"
    return f"{written}, but not on {count} holidays"


def _week(calendar: "BusinessCalendar") -> Iterator[str]:
    week = {str(day): openings for day, openings in calendar.week.items()}
    for hours, alike in groupby(_DAYS, key=lambda day: _written(week.get(day, ()))):
        days = list(alike)
        if hours:
            yield f"{days[0] if len(days) == 1 else f'{days[0]}-{days[-1]}'}={hours}"


def _written(openings: "Sequence[Interval]") -> str:
    return ",".join(f"{_time(one.start)}-{_time(one.end)}" for one in sorted(openings))


def _time(minute: int) -> str:
    within = minute if minute <= 24 * 60 else minute - 24 * 60
    return f"{within // 60:02}:{within % 60:02}"


def _days(text: str, whole: str) -> Sequence[str]:
    first, _, last = text.strip().lower().partition("-")
    if first not in _DAYS or (last and last not in _DAYS):
        raise Refused(f"--open {whole}: days are written like mon, or mon-fri, before an equals sign")
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    return [_DAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]


def _hours(text: str, whole: str) -> list[list[str]]:
    pairs = [part.strip().split("-") for part in text.split(",")]
    if not all(len(pair) == 2 for pair in pairs):
        raise Refused(f"--open {whole}: hours are written like 09:00-13:00, more of them with commas")
    return pairs
