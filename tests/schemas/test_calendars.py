"""Calendars and allowances as people write them, and what they hear when they write them wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.calendars import (
    MAX_MINUTES,
    Allowance,
    BusinessAllowance,
    BusinessCalendar,
    CalendarAllowance,
    ElapsedAllowance,
    Interval,
    Weekday,
    allowance_text,
    time_zone_names,
)
from tests.oracles.clock_strategies import WEEKS

ALLOWANCE: TypeAdapter[Allowance] = TypeAdapter(Allowance)


def calendar(**changes: Any) -> BusinessCalendar:
    return BusinessCalendar.model_validate({"time_zone": "Europe/Madrid", "week": {}} | changes)


def complaint(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        calendar(**changes)
    (error,) = caught.value.errors()
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


def test_a_calendar_is_read_as_it_is_written() -> None:
    read = calendar(week={"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}, holidays=["2026-12-25"])
    assert read.week == {Weekday.MON: (Interval(540, 780), Interval(840, 1080))}
    assert read.holidays == {date(2026, 12, 25)}


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        (["09:00", "24:00"], (540, 1440)),
        (["09:00", "00:00"], (540, 1440)),
        (["22:00", "06:00"], (1320, 1800)),
        (["09:00", "09:00"], (540, 1980)),
        (["00:00", "00:00"], (0, 1440)),
        (("00:00", "24:00"), (0, 1440)),
        (Interval(540, 780), (540, 780)),
    ],
)
def test_an_end_that_is_not_after_the_start_lies_on_the_next_day(written: Any, minutes: Any) -> None:
    assert calendar(week={"sun": [written]}).week[Weekday.SUN] == (Interval(*minutes),)


def test_a_date_that_yaml_has_read_is_a_holiday() -> None:
    assert calendar(holidays=[date(2026, 12, 25)]).holidays == {date(2026, 12, 25)}


@pytest.mark.parametrize(
    ("changes", "path", "remedy"),
    [
        ({"time_zone": "Europe/Madird"}, "time_zone", "did you mean 'Europe/Madrid'?"),
        ({"time_zone": "europe/madrid"}, "time_zone", "did you mean 'Europe/Madrid'?"),
        ({"time_zone": "Madrid"}, "time_zone", "did you mean 'Europe/Madrid'?"),
        ({"time_zone": ""}, "time_zone", "write an IANA name"),
        ({"time_zone": "Qqqqqqqq"}, "time_zone", "write an IANA name"),
        ({"time_zone": "../zones"}, "time_zone", "is not a time zone"),
        ({"week": {"monday": []}}, "week.monday", "'mon'"),
        ({"week": {"mon": [["9:00", "10:00"]]}}, "week.mon.0", "'9:00' is not a time of day; write HH:MM"),
        ({"week": {"mon": [["09:00", "24:30"]]}}, "week.mon.0", "'24:30' is not a time of day"),
        ({"week": {"mon": [["24:00", "01:00"]]}}, "week.mon.0", "start the next day's interval at 00:00"),
        (
            {"week": {"mon": [[540, 780]]}},
            "week.mon.0",
            "540 is a number, not a time of day; write it in quotes",
        ),
        ({"week": {"mon": [[True, "10:00"]]}}, "week.mon.0", "True is not a time of day"),
        ({"week": {"mon": [["09:00"]]}}, "week.mon.0", "write a pair"),
        ({"week": {"mon": ["09:00-10:00"]}}, "week.mon.0", "write a pair"),
        ({"week": {"mon": [[["09:00"], {}]]}}, "week.mon.0", "is not a time of day"),
        ({"week": {"mon": [["x" * 900, "10:00"]]}}, "week.mon.0", "... is not a time of day"),
        ({"holidays": ["25/12/2026"]}, "holidays.0", "write YYYY-MM-DD"),
        ({"holidays": ["2026-12-25", "1766620800"]}, "holidays.1", "write YYYY-MM-DD"),
        ({"holidays": [20261225]}, "holidays.0", "write YYYY-MM-DD in quotes"),
        ({"holidays": ["2026-02-30"]}, "holidays.0", "'2026-02-30' is no day of the calendar; write a"),
        ({"holiday": ["2026-12-25"]}, "holiday", "Extra inputs"),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_a_remedy(
    changes: dict[str, Any], path: str, remedy: str
) -> None:
    said = complaint(**changes)
    assert said.startswith(f"{path}")
    assert remedy in said


def test_equal_calendars_are_equal_bytes_in_whatever_order_they_were_written() -> None:
    one = calendar(holidays=["2026-12-25", "2026-01-01", "2026-01-06"])
    other = calendar(holidays=["2026-01-06", "2026-12-25", "2026-01-01", "2026-01-01"])
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()
    assert '"holidays":["2026-01-01","2026-01-06","2026-12-25"]' in one.model_dump_json()


def test_an_interval_is_written_out_as_people_write_it() -> None:
    week = {"mon": [["09:00", "24:00"], ["22:00", "06:00"], ["09:00", "09:00"]]}
    assert calendar(week=week).model_dump(mode="json")["week"] == week


@given(WEEKS)
def test_a_calendar_that_is_written_out_and_read_again_is_the_same(week: dict[str, Any]) -> None:
    read = calendar(week=week)
    assert BusinessCalendar.model_validate_json(read.model_dump_json()) == read
    assert BusinessCalendar.model_validate(read.model_dump()) == read


def test_the_schema_shows_intervals_as_pairs_of_times() -> None:
    opening = BusinessCalendar.model_json_schema()["properties"]["week"]["additionalProperties"]["items"]
    assert (opening["type"], opening["minItems"], opening["maxItems"]) == ("array", 2, 2)


def test_links_of_the_tz_database_are_names_too() -> None:
    assert {"Europe/Madrid", "US/Eastern", "UTC"} <= time_zone_names()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"kind": "business", "minutes": 240}, BusinessAllowance(minutes=240)),
        ({"kind": "elapsed", "minutes": 0.5}, ElapsedAllowance(minutes=0.5)),
        ({"kind": "calendar", "days": 3}, CalendarAllowance(days=3)),
    ],
)
def test_an_allowance_is_one_of_three_kinds(written: Any, read: Allowance) -> None:
    assert ALLOWANCE.validate_python(written) == read


@given(st.integers(0, 10**6))
def test_minutes_with_a_fraction_are_the_whole_seconds_they_mean(seconds: int) -> None:
    assert BusinessAllowance(minutes=seconds / 60).duration == timedelta(seconds=seconds)
    assert ElapsedAllowance(minutes=seconds / 60).duration == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "minutes", [-1, 0.001, True, "240", float("nan"), float("inf"), MAX_MINUTES + 1, 10**400, None]
)
def test_minutes_that_no_agreement_can_mean_are_refused(minutes: Any) -> None:
    with pytest.raises(ValidationError):
        ALLOWANCE.validate_python({"kind": "business", "minutes": minutes})


@pytest.mark.parametrize(
    "written",
    [{"kind": "calendar", "days": 1.5}, {"kind": "calendar", "minutes": 5}, {"minutes": 5}, {"kind": "x"}],
)
def test_an_allowance_of_no_kind_or_two_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        ALLOWANCE.validate_python(written)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("4 business hours", BusinessAllowance(minutes=240)),
        ("1 business hour", BusinessAllowance(minutes=60)),
        ("90 business minutes", BusinessAllowance(minutes=90)),
        ("0.5 business minutes", BusinessAllowance(minutes=0.5)),
        ("30 elapsed minutes", ElapsedAllowance(minutes=30)),
        ("36 elapsed hours", ElapsedAllowance(minutes=2160)),
        ("60 elapsed days", ElapsedAllowance(minutes=86400)),
        ("0 elapsed minutes", ElapsedAllowance(minutes=0)),
        ("1 calendar day", CalendarAllowance(days=1)),
        ("3 calendar days", CalendarAllowance(days=3)),
    ],
)
def test_an_allowance_may_be_written_as_it_is_said(said: str, read: Allowance) -> None:
    assert ALLOWANCE.validate_python(said) == read
    assert ALLOWANCE.validate_python(allowance_text(read)) == read


def test_an_allowance_is_said_in_the_largest_unit_without_remainder() -> None:
    assert allowance_text(BusinessAllowance(minutes=240)) == "4 business hours"
    assert allowance_text(BusinessAllowance(minutes=90)) == "90 business minutes"
    assert allowance_text(ElapsedAllowance(minutes=2880)) == "2 elapsed days"
    assert allowance_text(CalendarAllowance(days=1)) == "1 calendar day"


@pytest.mark.parametrize("said", ["2 business days", "4 hours", "-1 business hours", "", 240, None])
def test_an_allowance_that_is_said_otherwise_is_answered_with_examples(said: Any) -> None:
    with pytest.raises(ValidationError, match="write 4 business hours"):
        ALLOWANCE.validate_python(said)
