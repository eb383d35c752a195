"""The definition of working time, walked instant by instant.

Each instant is asked for its wall clock, and the wall clock is held against the calendar as a person wrote
it: nothing here is merged, cached, sorted or skipped. It shares no code with the product, not even the
reading of an interval; only the tz database is the same one. A walk in steps of a minute is exact when the
start, the openings, the pauses and the zone's offsets all lie on whole minutes; anything else needs seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY = timedelta(days=1)


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone of the pinned database."""
    with (files("tzdata") / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file)


def seconds(time_of_day: str) -> int:
    """Return the seconds since midnight of an HH:MM."""
    hours, minutes = time_of_day.split(":")
    return int(hours) * 3600 + int(minutes) * 60


@dataclass(frozen=True)
class BruteClock:
    """A clock in a calendar, with both as they are written."""

    time_zone: str
    week: dict[str, list[list[str]]]
    holidays: list[str]
    pauses: list[tuple[datetime, datetime]]

    def is_open(self, instant: datetime) -> bool:
        """Tell whether an instant is open, by the definition."""
        wall = instant.astimezone(zone(self.time_zone))
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        return self._opens(wall.date(), second) or self._opens(wall.date() - ONE_DAY, second + 86_400)

    def _opens(self, day: date, second: int) -> bool:
        if str(day) in self.holidays:
            return False
        for start, end in self.week.get(DAYS[day.weekday()], []):
            opens, closes = seconds(start), seconds(end)
            if closes <= opens:
                closes += 86_400
            if opens <= second < closes:
                return True
        return False

    def is_paused(self, instant: datetime) -> bool:
        """Tell whether the clock stands at an instant."""
        return any(since <= instant < until for since, until in self.pauses)

    def counted(self, begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
        """Yield each step of ``[begin, end)`` that counts."""
        at = begin
        while at < end:
            if self.is_open(at) and not self.is_paused(at):
                yield at
            at += step

    def due_at(
        self, start: datetime, allowance: timedelta, step: timedelta, give_up: datetime
    ) -> datetime | None:
        """Return when the allowance is used up; ``None`` if not by ``give_up``."""
        used = timedelta()
        for at in self.counted(start.astimezone(UTC), give_up, step):
            used += step
            if used >= allowance:
                return at + step
        return None
