"""Proofs: they cover their time without gaps, each piece is what it says, and the open ones add up."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import BusinessAllowance, BusinessCalendar, CalendarAllowance
from services.business_time import ClockPaused, NoWorkingTime, open_time
from services.clock_proof import Segment, SegmentKind, proof, segments
from tests.oracles.brute_clock import BruteClock
from tests.oracles.clock_strategies import clocks

OPEN, CLOSED, PAUSED = SegmentKind.OPEN, SegmentKind.CLOSED, SegmentKind.PAUSED
OFFICE = {day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def calendar(**changes: Any) -> BusinessCalendar:
    return BusinessCalendar.model_validate({"time_zone": "UTC", "week": OFFICE} | changes)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(found: tuple[Segment, ...]) -> list[tuple[str, str, str]]:
    return [(each.kind.value, f"{each.began_at:%a %H:%M}", f"{each.ended_at:%a %H:%M}") for each in found]


def test_a_proof_tells_the_lunch_break_the_night_the_holiday_and_the_pause() -> None:
    office = calendar(holidays=["2026-03-03"], name="Madrid", version="2026-1")
    pause = (at("2026-03-04T09:30"), at("2026-03-04T10:00"))
    shown = proof(at("2026-03-02T12:00"), BusinessAllowance(minutes=360), office, [pause])
    assert told(shown.segments) == [
        ("open", "Mon 12:00", "Mon 13:00"),
        ("closed", "Mon 13:00", "Mon 14:00"),
        ("open", "Mon 14:00", "Mon 18:00"),
        ("closed", "Mon 18:00", "Tue 09:00"),
        ("closed", "Tue 09:00", "Tue 13:00"),
        ("closed", "Tue 13:00", "Tue 14:00"),
        ("closed", "Tue 14:00", "Tue 18:00"),
        ("closed", "Tue 18:00", "Wed 09:00"),
        ("open", "Wed 09:00", "Wed 09:30"),
        ("paused", "Wed 09:30", "Wed 10:00"),
        ("open", "Wed 10:00", "Wed 10:30"),
    ]
    holiday = date(2026, 3, 3)
    assert [each.holiday for each in shown.segments[3:8]] == [None, holiday, None, holiday, None]
    assert (shown.due_at, shown.until) == (at("2026-03-04T10:30"), at("2026-03-04T10:30"))
    assert shown.used == shown.granted == timedelta(hours=6)


def test_a_proof_names_what_it_rests_on() -> None:
    shown = proof(at("2026-03-02T12:00"), BusinessAllowance(minutes=5), calendar(name="Madrid", version="7"))
    assert (shown.time_zone, shown.calendar_name, shown.calendar_version) == ("UTC", "Madrid", "7")
    assert shown.tz_database_version.startswith("20")


def test_a_running_clock_is_proved_up_to_now() -> None:
    shown = proof(
        at("2026-03-02T12:00"), BusinessAllowance(minutes=360), calendar(), until=at("2026-03-02T15:00")
    )
    assert (shown.used, shown.due_at) == (timedelta(hours=2), at("2026-03-03T10:00"))


def test_a_clock_without_a_deadline_is_proved_up_to_an_instant_or_not_at_all() -> None:
    pauses = [(at("2026-03-02T13:00"), None)]
    shown = proof(
        at("2026-03-02T12:00"),
        BusinessAllowance(minutes=90),
        calendar(),
        pauses,
        until=at("2026-03-03T00:00"),
    )
    assert told(shown.segments) == [("open", "Mon 12:00", "Mon 13:00"), ("paused", "Mon 13:00", "Tue 00:00")]
    assert shown.due_at is None
    with pytest.raises(ClockPaused):
        proof(at("2026-03-02T12:00"), BusinessAllowance(minutes=90), calendar(), pauses)


def test_calendar_days_are_proved_around_the_clock_in_the_calendars_zone() -> None:
    madrid = calendar(time_zone="Europe/Madrid")
    shown = proof(at("2026-03-28T08:00"), CalendarAllowance(days=1), madrid)
    assert told(shown.segments) == [("open", "Sat 08:00", "Sun 07:00")]
    assert (shown.granted, shown.time_zone) == (timedelta(hours=23), "Europe/Madrid")


def test_a_clock_with_no_allowance_needs_no_proof() -> None:
    assert proof(at("2026-03-02T12:00"), BusinessAllowance(minutes=0), calendar()).segments == ()


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="swap the two"):
        list(segments(at("2026-03-02T12:00"), at("2026-03-02T11:00"), calendar()))


@given(clocks(), st.integers(1, 9 * 86_400 * 10**6))
def test_segments_cover_their_time_and_the_open_ones_add_up(clock: dict[str, Any], length: int) -> None:
    office = calendar(**{name: clock[name] for name in ("time_zone", "week", "holidays")})
    begin, end = clock["start"], clock["start"] + timedelta(microseconds=length)
    brute = BruteClock(clock["time_zone"], clock["week"], clock["holidays"], clock["pauses"])
    found = list(segments(begin, end, office, clock["pauses"]))
    assert (found[0].began_at, found[-1].ended_at) == (begin, end)
    for earlier, later in pairwise(found):
        assert earlier.ended_at == later.began_at
        assert (earlier.kind, earlier.holiday) != (later.kind, later.holiday)
    assert all(each.duration > timedelta() for each in found)
    counted = sum((each.duration for each in found if each.kind is OPEN), timedelta())
    assert counted == open_time(begin, end, office, clock["pauses"])
    for each in found:
        for instant in (each.began_at, each.ended_at - timedelta(microseconds=1)):
            assert brute.is_paused(instant) is (each.kind is PAUSED)
        assert each.holiday is None or each.kind is CLOSED


@given(clocks())
def test_a_proof_adds_up_to_what_was_granted(clock: dict[str, Any]) -> None:
    office = calendar(**{name: clock[name] for name in ("time_zone", "week", "holidays")})
    allowance = BusinessAllowance(minutes=clock["allowance_minutes"])
    try:
        shown = proof(clock["start"], allowance, office, clock["pauses"])
    except NoWorkingTime:
        assert not any(clock["week"].values())
        return
    assert shown.used == shown.granted == allowance.duration
    assert shown.until == shown.due_at
    assert not shown.segments or shown.segments[-1].kind is OPEN
