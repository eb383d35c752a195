"""Clocks that run for years, clocks that have no deadline, and what is no clock at all."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.calendars import BusinessCalendar, CalendarAllowance
from services.business_time import (
    AROUND_THE_CLOCK,
    BeyondTime,
    ClockPaused,
    NoDeadline,
    NoWorkingTime,
    deadline,
    due_at,
    granted,
    next_opening,
    open_time,
)
from tests.services.offices import DAY, HOUR, WEEKDAYS, at, calendar, daily, minutes

TICK = timedelta(microseconds=1)


# Long allowances, for which whole weeks are taken at once.


def test_two_years_of_weeks_end_at_closing_time_on_the_last_friday() -> None:
    assert due_at(at("2026-03-02T09:00"), minutes(104 * 5 * 480), calendar()) == at("2028-02-25T18:00")
    assert due_at(at("2026-03-02T09:00"), minutes(104 * 5 * 480 + 1), calendar()) == at("2028-02-28T09:01")


def test_a_week_that_begins_in_the_night_of_a_holiday_is_not_like_the_others() -> None:
    nights = calendar(week=daily("22:00", "06:00"), holidays=("2026-03-03",))
    assert due_at(at("2026-03-04T00:00"), minutes(30 * 480), nights) == at("2026-04-03T06:00")


# No deadline.


def closed_for(days: int) -> BusinessCalendar:
    first = at("2026-01-01T00:00").date()
    return calendar(week=daily("00:00", "24:00"), holidays=tuple(str(first + n * DAY) for n in range(days)))


def test_a_calendar_without_openings_has_no_working_time() -> None:
    for never in (calendar(week={}), calendar(week={"mon": []})):
        for granted_minutes in (1, 100_000):
            with pytest.raises(NoWorkingTime):
                due_at(at("2026-01-01T00:00"), minutes(granted_minutes), never)
        with pytest.raises(NoWorkingTime):
            next_opening(at("2026-01-01T00:00"), never)


def test_an_opening_within_366_days_is_waited_for_and_one_after_exactly_366_is_not() -> None:
    with pytest.raises(NoWorkingTime, match="within 366 days of 2026-01-01T00:00:00"):
        due_at(at("2026-01-01T00:00"), minutes(1), closed_for(366))
    with pytest.raises(NoWorkingTime):
        next_opening(at("2026-01-01T00:00"), closed_for(366))
    a_moment_later = at("2026-01-01T00:00") + TICK
    assert due_at(a_moment_later, minutes(1), closed_for(366)) == at("2027-01-02T00:01")
    assert next_opening(a_moment_later, closed_for(366)) == at("2027-01-02T00:00")


def test_366_closed_days_after_some_progress_end_the_search_too() -> None:
    with pytest.raises(NoWorkingTime, match="within 366 days of 2026-01-01T00:00:00"):
        due_at(at("2025-12-31T23:00"), minutes(61), closed_for(366))
    assert due_at(at("2025-12-31T23:00"), minutes(61), closed_for(365)) == at("2027-01-01T00:01")


def test_366_closed_days_after_weeks_that_were_skipped_end_the_search_too() -> None:
    half_a_year = 184 * 1440
    with pytest.raises(NoWorkingTime):
        due_at(at("2025-07-01T00:00"), minutes(half_a_year + 1), closed_for(366))
    assert due_at(at("2025-07-01T00:00"), minutes(half_a_year + 1), closed_for(365)) == at("2027-01-01T00:01")


def test_weeks_are_not_skipped_over_the_end_of_366_closed_days() -> None:
    # The last holiday is a Friday; the weekend after it is closed as ever, and no longer near a holiday.
    week = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
    office = BusinessCalendar.model_validate(closed_for(366).model_dump() | {"week": week})
    with pytest.raises(NoWorkingTime):
        due_at(at("2026-01-01T00:00"), minutes(100 * 1440), office)


def test_366_days_are_counted_from_the_last_closing_of_the_weeks_that_were_skipped() -> None:
    # Mondays only, of which 52 are holidays: from the end of one Monday to the next open one are 370 days.
    free = tuple(str(at("2026-01-05T00:00").date() + 7 * n * DAY) for n in range(52))
    mondays = calendar(week={"mon": [["00:00", "24:00"]]}, holidays=free)
    with pytest.raises(NoWorkingTime, match="within 366 days of 2025-12-30T00:00:00"):
        due_at(at("2025-09-01T00:00"), minutes(20 * 1440), mondays)


def test_paused_days_are_not_days_without_working_time() -> None:
    two_years = (at("2026-03-02T10:00"), at("2028-03-02T10:00"))
    assert due_at(at("2026-03-02T09:00"), minutes(120), calendar(), [two_years]) == at("2028-03-02T11:00")
    away = (at("2026-01-02T00:00"), at("2026-01-03T00:00"))
    with pytest.raises(NoWorkingTime):
        due_at(at("2026-01-01T00:00"), minutes(1), closed_for(367), [away])
    assert due_at(at("2026-01-01T00:00"), minutes(1), closed_for(366), [away]) == at("2027-01-02T00:01")


def test_a_pause_does_not_hide_366_closed_days_before_it() -> None:
    later = (at("2027-02-01T00:00"), at("2027-02-02T00:00"))
    with pytest.raises(NoWorkingTime):
        due_at(at("2026-01-01T00:00"), minutes(1), closed_for(380), [later])
    with pytest.raises(NoWorkingTime):
        due_at(at("2026-01-01T00:00"), minutes(1), closed_for(380), [(at("2027-01-02T00:00"), None)])
    with pytest.raises(ClockPaused):
        due_at(at("2026-01-01T00:00"), minutes(1), closed_for(380), [(at("2027-01-01T23:59"), None)])


def test_a_deadline_after_the_year_9999_is_said_to_be_beyond_time() -> None:
    start = at("9999-12-31T00:00")
    with pytest.raises(BeyondTime):
        due_at(start, minutes(2 * 1440), AROUND_THE_CLOCK)
    with pytest.raises(BeyondTime):
        due_at(start, minutes(2 * 1440), AROUND_THE_CLOCK, [(start, start + HOUR)])
    with pytest.raises(BeyondTime):
        deadline(start, CalendarAllowance(days=1), calendar("Europe/Madrid"))
    with pytest.raises(NoWorkingTime):
        next_opening(start + 20 * HOUR, calendar())
    with pytest.raises(NoDeadline):
        due_at(datetime.max.replace(tzinfo=UTC), minutes(1), AROUND_THE_CLOCK)


def test_a_negative_allowance_a_naive_instant_and_swapped_ends_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        due_at(at("2026-03-02T09:00"), timedelta(minutes=-1), calendar())
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no time zone"):
        granted(naive, CalendarAllowance(days=1), calendar())
    with pytest.raises(ValueError, match="swap the two"):
        open_time(at("2026-03-02T09:00"), at("2026-03-02T08:00"), calendar())
