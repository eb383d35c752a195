"""When clocks are due: the definition, clause by clause. 2026-03-02 is a Monday."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.calendars import BusinessCalendar, CalendarAllowance, ElapsedAllowance
from services.business_time import (
    AROUND_THE_CLOCK,
    ClockPaused,
    NoWorkingTime,
    counting,
    deadline,
    due_at,
    next_opening,
    open_seconds,
    open_time,
)
from tests.services.offices import DAY, HOUR, at, calendar, daily, minutes

# Opening hours.


def test_the_lunch_break_does_not_count() -> None:
    assert due_at(at("2026-03-02T12:00"), minutes(120), calendar()) == at("2026-03-02T15:00")


def test_a_clock_that_ends_at_closing_time_is_due_then_and_not_next_morning() -> None:
    assert due_at(at("2026-03-02T17:00"), minutes(60), calendar()) == at("2026-03-02T18:00")
    assert due_at(at("2026-03-02T09:00"), minutes(240), calendar()) == at("2026-03-02T13:00")


def test_a_second_more_than_the_day_has_is_due_a_second_after_the_next_opening() -> None:
    assert due_at(at("2026-03-02T09:00"), timedelta(hours=8, seconds=1), calendar()) == at(
        "2026-03-03T09:00:01"
    )


def test_a_clock_started_while_closed_begins_to_count_at_the_next_opening() -> None:
    assert due_at(at("2026-03-06T20:00"), minutes(30), calendar()) == at("2026-03-09T09:30")


def test_opening_time_is_open_and_closing_time_is_not() -> None:
    assert next_opening(at("2026-03-02T09:00"), calendar()) == at("2026-03-02T09:00")
    assert next_opening(at("2026-03-02T13:00"), calendar()) == at("2026-03-02T14:00")
    assert next_opening(at("2026-03-06T18:00"), calendar()) == at("2026-03-09T09:00")


def test_a_holiday_is_closed_all_day() -> None:
    assert due_at(at("2026-03-02T17:30"), minutes(60), calendar(holidays=("2026-03-03",))) == at(
        "2026-03-04T09:30"
    )


def test_the_evening_before_a_holiday_is_open_past_midnight() -> None:
    nights = calendar(week=daily("22:00", "06:00"), holidays=("2026-03-03",))
    assert due_at(at("2026-03-02T22:00"), minutes(480), nights) == at("2026-03-03T06:00")


def test_the_morning_after_a_holiday_is_closed_because_its_night_belongs_to_the_holiday() -> None:
    nights = calendar(week=daily("22:00", "06:00"), holidays=("2026-03-03",))
    assert next_opening(at("2026-03-03T06:00"), nights) == at("2026-03-04T22:00")


def test_a_holiday_costs_its_own_night_and_no_other() -> None:
    nights = calendar(week=daily("22:00", "06:00"), holidays=("2026-03-10",))
    assert open_time(at("2026-03-02T12:00"), at("2026-03-23T12:00"), nights) == 20 * 8 * HOUR


def test_a_weekday_that_is_absent_still_has_the_end_of_the_night_before() -> None:
    friday_night = calendar(week={"fri": [["22:00", "02:00"]]})
    assert open_seconds(at("2026-03-07T00:00"), at("2026-03-08T00:00"), friday_night) == 2 * 3600


def test_a_day_may_end_at_24_00_and_the_next_go_on_without_a_gap() -> None:
    evenings = calendar(week={"mon": [["20:00", "24:00"]], "tue": [["00:00", "04:00"]]})
    assert due_at(at("2026-03-02T20:00"), minutes(480), evenings) == at("2026-03-03T04:00")
    assert open_time(at("2026-03-02T00:00"), at("2026-03-04T00:00"), evenings) == 8 * HOUR


def test_equal_ends_are_24_hours() -> None:
    long_monday = calendar(week={"mon": [["09:00", "09:00"]]})
    assert open_time(at("2026-03-01T00:00"), at("2026-03-05T00:00"), long_monday) == 24 * HOUR
    assert due_at(at("2026-03-02T00:00"), minutes(1440), long_monday) == at("2026-03-03T09:00")


def test_openings_that_overlap_or_are_repeated_count_once() -> None:
    untidy = calendar(
        week={"mon": [["12:00", "18:00"], ["09:00", "13:00"], ["09:00", "13:00"], ["10:00", "11:00"]]}
    )
    assert open_time(at("2026-03-02T00:00"), at("2026-03-03T00:00"), untidy) == 9 * HOUR


def test_a_night_that_overlaps_the_next_morning_counts_once() -> None:
    untidy = calendar(week={"mon": [["22:00", "10:00"]], "tue": [["08:00", "12:00"]]})
    assert open_time(at("2026-03-02T00:00"), at("2026-03-04T00:00"), untidy) == 14 * HOUR


def test_wall_time_is_the_zones_and_instants_are_utc() -> None:
    assert due_at(at("2026-01-12T08:00"), minutes(60), calendar("Europe/Madrid")) == at("2026-01-12T09:00")
    assert due_at(at("2026-07-13T07:00"), minutes(60), calendar("Europe/Madrid")) == at("2026-07-13T08:00")


# Daylight saving, and stranger things that zones do.


def test_an_hour_that_occurs_twice_counts_twice() -> None:
    # Madrid, 25 October 2026: 02:00 to 03:00 passes first at +02:00, then at +01:00.
    night = calendar("Europe/Madrid", daily("02:00", "03:00"))
    assert open_time(at("2026-10-24T12:00"), at("2026-10-25T12:00"), night) == 2 * HOUR
    assert due_at(at("2026-10-25T00:00"), minutes(120), night) == at("2026-10-25T02:00")


def test_an_interval_that_ends_within_the_repeated_hour_opens_a_second_time() -> None:
    # Open until 00:30 UTC, closed until the clocks show 02:00 again at 01:00, open until they show 02:30.
    night = calendar("Europe/Madrid", daily("01:30", "02:30"))
    assert due_at(at("2026-10-24T23:30"), minutes(60), night) == at("2026-10-25T00:30")
    assert next_opening(at("2026-10-25T00:30"), night) == at("2026-10-25T01:00")
    assert due_at(at("2026-10-24T23:30"), minutes(90), night) == at("2026-10-25T01:30")


def test_an_hour_that_does_not_occur_does_not_count() -> None:
    # Madrid, 29 March 2026: after 01:59:59 comes 03:00:00.
    night = calendar("Europe/Madrid", daily("02:00", "03:00"))
    assert open_time(at("2026-03-28T12:00"), at("2026-03-29T12:00"), night) == timedelta()
    assert next_opening(at("2026-03-29T00:00"), night) == at("2026-03-30T00:00")


def test_an_interval_around_the_skipped_hour_is_an_hour_shorter() -> None:
    night = calendar("Europe/Madrid", daily("00:00", "06:00"))
    assert open_time(at("2026-03-28T23:00"), at("2026-03-29T12:00"), night) == 5 * HOUR


def test_a_midnight_that_does_not_occur_costs_the_day_its_first_hour() -> None:
    # São Paulo, 4 November 2018: the day begins at 01:00.
    sao_paulo = calendar("America/Sao_Paulo", daily("00:00", "24:00"))
    assert open_time(at("2018-11-04T03:00"), at("2018-11-05T02:00"), sao_paulo) == 23 * HOUR


def test_half_an_hour_of_daylight_saving_is_half_an_hour() -> None:
    # Lord Howe, 5 April 2026: 01:30 to 02:00 occurs twice.
    lord_howe = calendar("Australia/Lord_Howe", daily("01:00", "03:00"))
    assert open_time(at("2026-04-04T12:00"), at("2026-04-05T00:00"), lord_howe) == 2.5 * HOUR


def test_the_friday_that_samoa_skipped_is_not_worked_and_its_night_still_ends_on_saturday() -> None:
    # Apia, 2011: Thursday 29 December was followed by Saturday 31 December.
    office = calendar("Pacific/Apia")
    assert due_at(at("2011-12-29T20:00"), minutes(480), office) == at("2012-01-01T20:00")
    nights = calendar("Pacific/Apia", {"fri": [["22:00", "06:00"]]})
    assert open_time(at("2011-12-29T10:00"), at("2012-01-02T10:00"), nights) == 6 * HOUR


def test_offsets_with_seconds_are_kept_to_the_second() -> None:
    # Monrovia, 7 January 1972: the offset of -00:44:30 became zero.
    monrovia = calendar("Africa/Monrovia", daily("00:00", "01:00"))
    assert next_opening(at("1972-01-06T12:00"), monrovia) == at("1972-01-07T00:44:30")
    assert open_time(at("1972-01-06T12:00"), at("1972-01-07T12:00"), monrovia) == timedelta(
        minutes=15, seconds=30
    )


# Allowances.


def test_no_allowance_is_due_at_the_start_open_or_not() -> None:
    assert due_at(at("2026-03-01T03:00"), minutes(0), calendar()) == at("2026-03-01T03:00")
    assert due_at(at("2026-03-01T03:00"), minutes(0), calendar(week={})) == at("2026-03-01T03:00")


def test_microseconds_of_the_start_are_kept() -> None:
    start = at("2026-03-02T12:59:59.123456")
    assert due_at(start, minutes(1), calendar()) == at("2026-03-02T14:00:59.123456")


def test_an_instant_with_another_offset_is_understood_and_the_answer_is_in_utc() -> None:
    start = datetime.fromisoformat("2026-03-02T11:00:00+02:00")
    due = due_at(start, minutes(60), calendar())
    assert (due, due.tzinfo) == (at("2026-03-02T10:00"), UTC)


def test_what_is_left_goes_on_in_another_calendar() -> None:
    madrid, new_york = calendar("Europe/Madrid"), calendar("America/New_York")
    changed_at = at("2026-03-02T11:00")
    used = open_time(at("2026-03-02T08:00"), changed_at, madrid)
    assert used == 3 * HOUR
    assert due_at(changed_at, minutes(240).duration - used, new_york) == at("2026-03-02T15:00")


def test_elapsed_time_runs_at_night_and_over_the_change_of_clocks() -> None:
    friday = at("2026-03-27T20:00")
    assert deadline(friday, ElapsedAllowance(minutes=72 * 60), calendar("Europe/Madrid")) == friday + 3 * DAY


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-28T08:00", 1, "2026-03-29T07:00"),  # over a day of 23 hours
        ("2026-10-24T08:00", 2, "2026-10-26T09:00"),  # over a day of 25 hours
        ("2026-03-28T01:30", 1, "2026-03-29T01:30"),  # 02:30 does not occur and is read as 03:30
        ("2026-10-24T00:30", 1, "2026-10-25T00:30"),  # 02:30 occurs twice, and is the first
        ("2026-10-25T01:30", 0, "2026-10-25T01:30"),  # from the second, no days are not an hour back
    ],
)
def test_calendar_days_end_at_the_same_wall_clock_time(start: str, days: int, due: str) -> None:
    assert deadline(at(start), CalendarAllowance(days=days), calendar("Europe/Madrid")) == at(due)


def test_elapsed_time_and_calendar_days_do_not_ask_for_opening_hours() -> None:
    closed = calendar("Europe/Madrid", week={})
    assert deadline(at("2026-03-02T00:00"), CalendarAllowance(days=1), closed) == at("2026-03-03T00:00")
    assert deadline(at("2026-03-02T00:00"), ElapsedAllowance(minutes=5), closed) == at("2026-03-02T00:05")
    with pytest.raises(NoWorkingTime):
        deadline(at("2026-03-02T00:00"), minutes(5), closed)


def test_only_business_time_is_counted_in_the_given_calendar() -> None:
    assert counting(minutes(5), calendar()) == calendar()
    assert counting(ElapsedAllowance(minutes=5), calendar()) is AROUND_THE_CLOCK
    assert counting(CalendarAllowance(days=5), calendar()) is AROUND_THE_CLOCK
    assert BusinessCalendar.model_validate(AROUND_THE_CLOCK.model_dump()) == AROUND_THE_CLOCK


# Pauses.


def test_a_pause_puts_off_the_deadline_by_the_open_time_in_it() -> None:
    pause = (at("2026-03-02T10:00"), at("2026-03-02T13:30"))
    assert due_at(at("2026-03-02T09:00"), minutes(120), calendar(), [pause]) == at("2026-03-02T15:00")


def test_a_clock_that_runs_out_as_its_pause_begins_is_due_then() -> None:
    pause = (at("2026-03-02T10:00"), at("2026-03-02T11:00"))
    assert due_at(at("2026-03-02T09:00"), minutes(60), calendar(), [pause]) == at("2026-03-02T10:00")


def test_pauses_that_overlap_or_are_repeated_or_unsorted_stop_the_clock_once() -> None:
    pauses = [
        (at("2026-03-02T10:30"), at("2026-03-02T11:30")),
        (at("2026-03-02T10:00"), at("2026-03-02T11:00")),
        (at("2026-03-02T10:00"), at("2026-03-02T11:00")),
        (at("2026-03-02T10:10"), at("2026-03-02T10:10")),
    ]
    assert due_at(at("2026-03-02T09:00"), minutes(120), calendar(), pauses) == at("2026-03-02T12:30")


def test_a_pause_that_began_before_the_start_counts_from_the_start() -> None:
    pauses = [
        (at("2026-02-01T00:00"), at("2026-03-02T10:00")),
        (at("2026-01-01T00:00"), at("2026-01-02T00:00")),
    ]
    assert due_at(at("2026-03-02T09:00"), minutes(60), calendar(), pauses) == at("2026-03-02T11:00")
    assert open_seconds(at("2026-03-02T09:00"), at("2026-03-02T11:00"), calendar(), pauses) == 3600


def test_pauses_put_off_elapsed_time_and_calendar_days_too() -> None:
    pause = (at("2026-03-02T20:00"), at("2026-03-02T22:00"))
    assert deadline(at("2026-03-02T12:00"), ElapsedAllowance(minutes=600), calendar(), [pause]) == at(
        "2026-03-03"
    )
    assert deadline(at("2026-03-02T12:00"), CalendarAllowance(days=1), calendar(), [pause]) == at(
        "2026-03-03T14:00"
    )


def test_a_pause_without_an_end_leaves_no_deadline_unless_it_is_due_before() -> None:
    pauses = [(at("2026-03-02T11:00"), None)]
    assert due_at(at("2026-03-02T09:00"), minutes(120), calendar(), pauses) == at("2026-03-02T11:00")
    with pytest.raises(ClockPaused, match="paused since 2026-03-02T11:00:00"):
        due_at(at("2026-03-02T09:00"), minutes(121), calendar(), pauses)
    with pytest.raises(ClockPaused):
        due_at(at("2026-03-02T12:00"), minutes(1), calendar(), pauses)


def test_time_up_to_an_open_ended_pause_is_used() -> None:
    pauses = [(at("2026-03-02T11:00"), None)]
    assert open_time(at("2026-03-02T09:00"), at("2026-03-05T09:00"), calendar(), pauses) == 2 * HOUR


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        due_at(
            at("2026-03-02T09:00"), minutes(0), calendar(), [(at("2026-03-02T11:00"), at("2026-03-02T10:00"))]
        )
