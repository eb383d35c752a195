"""Random calendars and clocks for hypothesis, as people would write them, drawn towards what is hard.

Half of the starts lie around an instant at which one of the zones does something odd: the hour that is
skipped or repeated, at night or at midnight, half an hour, two hours, or a whole day.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracles.brute_clock import DAYS

# Zone, and a day on which its clocks are changed. All offsets since 1973 are whole minutes.
ODD_DAYS = (
    ("Europe/Madrid", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Europe/Dublin", date(2018, 10, 28)),  # its winter time is the exception in the database
    ("America/New_York", date(2026, 3, 8)),
    ("America/Los_Angeles", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight does not occur
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Caracas", date(2007, 12, 9)),  # half an hour back
    ("America/Nuuk", date(2024, 3, 31)),  # the change is on the evening before
    ("America/St_Johns", date(2006, 10, 29)),  # at one minute past midnight
    ("Africa/Cairo", date(2010, 8, 11)),  # paused for Ramadan
    ("Africa/Casablanca", date(2024, 3, 10)),
    ("Africa/Lagos", date(2026, 1, 1)),
    ("Antarctica/Troll", date(2026, 3, 29)),  # two hours
    ("Asia/Beirut", date(2023, 3, 30)),
    ("Asia/Gaza", date(2011, 8, 1)),
    ("Asia/Kathmandu", date(1986, 1, 1)),  # a quarter of an hour
    ("Asia/Kolkata", date(2026, 1, 1)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("Asia/Tokyo", date(2026, 1, 1)),
    ("Australia/Adelaide", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour of daylight saving
    ("Pacific/Apia", date(2011, 12, 30)),  # a Friday that did not occur
    ("Pacific/Auckland", date(2026, 9, 27)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),  # a Saturday that did not occur
)

# Changes between offsets of which one at least is no whole number of minutes.
ODD_SECONDS = (
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),
    ("America/La_Paz", datetime(1932, 3, 21, 3, 32, 36, tzinfo=UTC)),
    ("America/Paramaribo", datetime(1935, 1, 1, 3, 40, 52, tzinfo=UTC)),
    ("America/St_Johns", datetime(1925, 10, 26, 1, 30, 52, tzinfo=UTC)),
    ("Europe/Dublin", datetime(1916, 5, 21, 2, 25, 21, tzinfo=UTC)),
    ("Europe/Moscow", datetime(1918, 9, 15, 20, 28, 41, tzinfo=UTC)),
    ("Pacific/Tongatapu", datetime(1945, 9, 9, 11, 40, 48, tzinfo=UTC)),
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def _time_of_day(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


TIMES = st.one_of(st.integers(0, 1439), st.sampled_from((0, 30, 60, 90, 120, 150, 180, 540, 1080, 1410)))
OPENINGS = st.tuples(TIMES, st.one_of(TIMES, st.just(1440))).map(lambda pair: [_time_of_day(m) for m in pair])
WEEKS = st.dictionaries(st.sampled_from(DAYS), st.lists(OPENINGS, max_size=3), min_size=3)


@st.composite
def starts(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone, and an instant on a whole minute: within three days of the zone's odd day, or anywhere."""
    zone, day = draw(st.sampled_from(ODD_DAYS))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    if draw(st.booleans()):
        return zone, noon + draw(st.integers(-3 * 1440, 3 * 1440)) * MINUTE
    return zone, datetime(1973, 1, 1, tzinfo=UTC) + draw(st.integers(0, 64 * 365 * 1440)) * MINUTE


@st.composite
def clocks(draw: st.DrawFn, most_minutes: int = 1200) -> dict[str, Any]:
    """A clock on whole minutes, as a case has it (but with datetimes), and none of it tidy."""
    zone, start = draw(starts())
    near = st.integers(-3, 12).map(lambda days: str(start.date() + timedelta(days=days)))
    pause = st.tuples(st.integers(-3000, 6000), st.integers(0, 3000)).map(
        lambda pair: (start + pair[0] * MINUTE, start + (pair[0] + pair[1]) * MINUTE)
    )
    return {
        "time_zone": zone,
        "week": draw(WEEKS),
        "holidays": draw(st.lists(near, max_size=3)),
        "start": start,
        "allowance_minutes": draw(st.integers(0, most_minutes)),
        "pauses": draw(st.lists(pause, max_size=3)),
    }


@st.composite
def clocks_by_the_second(draw: st.DrawFn) -> dict[str, Any]:
    """A clock within hours of a change of offset that is not on a whole minute; starts and pauses neither."""
    zone, change = draw(st.sampled_from(ODD_SECONDS))
    start = change + draw(st.integers(-2 * 3600, 1800)) * SECOND
    opening = draw(st.integers(0, 1380))
    hours = [[_time_of_day(opening), _time_of_day((opening + 900) % 1440)]]
    pause = start + draw(st.integers(-600, 3600)) * SECOND
    return {
        "time_zone": zone,
        "week": {day: list(hours) for day in DAYS},
        "holidays": [],
        "start": start,
        "allowance_minutes": draw(st.integers(1, 3600)) / 60,
        "pauses": [(pause, pause + draw(st.integers(0, 1200)) * SECOND)],
    }
