"""Opening hours as stretches of instants: what each is, and that they are worked out once."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given

from schemas.calendars import BusinessCalendar
from services.opening_hours import opening_hours, union
from services.zones import DAY, to_instant, to_microseconds
from tests.effort import examples
from tests.oracles.brute_clock import BruteClock
from tests.oracles.clock_strategies import clocks


def calendar(clock: dict[str, Any]) -> BusinessCalendar:
    return BusinessCalendar.model_validate({name: clock[name] for name in ("time_zone", "week", "holidays")})


@examples(8)
@given(clocks())
def test_spans_are_what_the_definition_says_at_both_ends(clock: dict[str, Any]) -> None:
    begin = to_microseconds(clock["start"])
    end = to_microseconds(clock["start"] + timedelta(days=6))
    brute = BruteClock(clock["time_zone"], clock["week"], clock["holidays"], [])
    ordinary = BruteClock(clock["time_zone"], clock["week"], [], [])
    spans = list(opening_hours(calendar(clock)).spans(begin, end))
    assert (spans[0].begin, spans[-1].end) == (begin, end)
    assert all(earlier.end == later.begin for earlier, later in pairwise(spans))
    for span in spans:
        for at in (to_instant(span.begin), to_instant(span.end - 1)):
            assert brute.is_open(at) is span.open
            assert (not span.open and ordinary.is_open(at)) is (span.holiday is not None)
            assert span.holiday is None or str(span.holiday) in clock["holidays"]


@given(clocks())
def test_windows_are_the_open_spans(clock: dict[str, Any]) -> None:
    begin = to_microseconds(clock["start"])
    end = to_microseconds(clock["start"] + timedelta(days=6))
    hours = opening_hours(calendar(clock))
    spans = [(span.begin, span.end) for span in hours.spans(begin, end) if span.open]
    assert union(hours.windows(begin, end)) == union(spans)


def test_a_night_that_a_holiday_closes_is_closed_by_the_day_it_starts_on() -> None:
    nights = BusinessCalendar.model_validate(
        {"time_zone": "UTC", "week": {"thu": [["22:00", "06:00"]]}, "holidays": ["2026-12-24"]}
    )
    begin, end = (to_microseconds(datetime.fromisoformat(f"2026-12-{day}T00:00Z")) for day in (25, 26))
    morning, rest = opening_hours(nights).spans(begin, end)
    assert (morning.open, morning.holiday) == (False, date(2026, 12, 24))
    assert (rest.open, rest.holiday) == (False, None)


def test_what_two_holidays_close_is_closed_by_the_first() -> None:
    days = BusinessCalendar.model_validate(
        {
            "time_zone": "UTC",
            "week": {"thu": [["12:00", "12:00"]], "fri": [["00:00", "12:00"]]},
            "holidays": ["2026-12-24", "2026-12-25"],
        }
    )
    begin = to_microseconds(datetime.fromisoformat("2026-12-25T00:00Z"))
    (span,) = opening_hours(days).spans(begin, begin + DAY // 2)
    assert span.holiday == date(2026, 12, 24)


def test_equal_calendars_share_what_was_worked_out() -> None:
    written: dict[str, Any] = {"time_zone": "UTC", "week": {"mon": [["09:00", "10:00"]], "tue": []}}
    other: dict[str, Any] = {
        "time_zone": "UTC",
        "week": {"tue": [], "mon": [["09:00", "10:00"]]},
        "name": "x",
    }
    shared = [opening_hours(BusinessCalendar.model_validate(each)) for each in (written, other)]
    assert shared[0] is shared[1]
    moved = BusinessCalendar.model_validate(written | {"time_zone": "Europe/Madrid"})
    assert opening_hours(moved) is not shared[0]


def test_stretches_that_overlap_meet_or_repeat_become_one() -> None:
    assert union([(5, 7), (1, 3), (3, 4), (1, 2), (6, 9), (5, 7)]) == ((1, 4), (5, 9))
    assert union([]) == ()
