"""A few words for tests about working time: an office, its hours, an instant. 2026-03-02 is a Monday."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.calendars import BusinessAllowance, BusinessCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*WEEKDAYS, "sat", "sun")
OFFICE = {day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in WEEKDAYS}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def calendar(
    time_zone: str = "UTC", week: dict[str, Any] | None = None, holidays: tuple[str, ...] = ()
) -> BusinessCalendar:
    return BusinessCalendar.model_validate(
        {"time_zone": time_zone, "week": OFFICE if week is None else week, "holidays": holidays}
    )


def daily(start: str, end: str) -> dict[str, Any]:
    return {day: [[start, end]] for day in EVERY_DAY}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def minutes(count: float) -> BusinessAllowance:
    return BusinessAllowance(minutes=count)
