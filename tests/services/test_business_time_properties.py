"""What holds of every clock, over random calendars in zones that do odd things, and against a plain walk.

The oracle is ``tests/oracles/brute_clock.py``; clocks come from ``tests/oracles/clock_strategies.py`` as
people would write them, and ``calendar_of`` reads them.
"""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import BusinessAllowance, BusinessCalendar
from services.business_time import NoWorkingTime, due_at, open_seconds, open_time
from tests.effort import examples
from tests.oracles.brute_clock import BruteClock
from tests.oracles.clock_strategies import MINUTE, SECOND, clocks, clocks_by_the_second

TICK = timedelta(microseconds=1)


def calendar_of(clock: dict[str, Any]) -> BusinessCalendar:
    fields = {name: clock[name] for name in ("time_zone", "week", "holidays")}
    return BusinessCalendar.model_validate(fields)


def brute(clock: dict[str, Any]) -> BruteClock:
    return BruteClock(clock["time_zone"], clock["week"], clock["holidays"], clock["pauses"])


def due_of(clock: dict[str, Any]) -> datetime | None:
    allowance = BusinessAllowance(minutes=clock["allowance_minutes"])
    try:
        return due_at(clock["start"], allowance, calendar_of(clock), clock["pauses"])
    except NoWorkingTime:
        return None


@examples(10)
@given(clocks())
def test_a_clock_is_due_when_a_walk_minute_by_minute_says_so(clock: dict[str, Any]) -> None:
    start, allowance = clock["start"], clock["allowance_minutes"] * MINUTE
    give_up = start + timedelta(days=14)
    walked = start if not allowance else brute(clock).due_at(start, allowance, MINUTE, give_up)
    due = due_of(clock)
    if walked is None:
        assert due is None or due > give_up
    else:
        assert due == walked


@examples(3)
@given(clocks_by_the_second())
def test_a_clock_is_due_when_a_walk_second_by_second_says_so(clock: dict[str, Any]) -> None:
    allowance, give_up = round(clock["allowance_minutes"] * 60) * SECOND, clock["start"] + timedelta(hours=4)
    walked = brute(clock).due_at(clock["start"], allowance, SECOND, give_up)
    due = due_of(clock)
    assert due is not None
    assert due == walked or (walked is None and due > give_up)


@examples(6)
@given(clocks())
def test_open_time_is_what_a_walk_counts(clock: dict[str, Any]) -> None:
    start = clock["start"]
    end = start + timedelta(days=4)
    counted = sum(1 for _ in brute(clock).counted(start, end, MINUTE))
    assert open_time(start, end, calendar_of(clock), clock["pauses"]) == counted * MINUTE


@examples(8)
@given(clocks(most_minutes=400_000))
def test_a_deadline_is_the_earliest_instant_at_which_all_is_used(clock: dict[str, Any]) -> None:
    due, start, allowance = due_of(clock), clock["start"], clock["allowance_minutes"] * MINUTE
    if due is None or due == start:
        assert due is None or not allowance
        return
    assert open_time(start, due, calendar_of(clock), clock["pauses"]) == allowance
    assert open_time(start, due - TICK, calendar_of(clock), clock["pauses"]) == allowance - TICK


@given(clocks(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_open_time_adds_up_wherever_it_is_divided(clock: dict[str, Any], first: int, second: int) -> None:
    a = clock["start"]
    b = a + timedelta(microseconds=first)
    c = b + timedelta(microseconds=second)
    of = calendar_of(clock), clock["pauses"]
    assert open_time(a, b, *of) + open_time(b, c, *of) == open_time(a, c, *of)
    assert open_seconds(a, c, *of) == open_time(a, c, *of) // timedelta(seconds=1)


@given(clocks(), st.integers(1, 10**11))
def test_a_clock_may_be_stopped_and_go_on_with_what_is_left(clock: dict[str, Any], elapsed: int) -> None:
    due, start, office = due_of(clock), clock["start"], calendar_of(clock)
    stopped = start + timedelta(microseconds=elapsed)
    if due is None or stopped >= due:
        return
    left = clock["allowance_minutes"] * MINUTE - open_time(start, stopped, office, clock["pauses"])
    assert due_at(stopped, left, office, clock["pauses"]) == due


@given(clocks(), st.integers(0, 1000))
def test_more_allowance_is_never_due_earlier_and_a_later_start_never_due_before(
    clock: dict[str, Any], more: int
) -> None:
    due = due_of(clock)
    longer = due_of(clock | {"allowance_minutes": clock["allowance_minutes"] + more})
    later = due_of(clock | {"start": clock["start"] + more * MINUTE})
    assert due is None or longer is None or longer >= due
    assert due is None or later is None or later >= due


@given(clocks(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(clock: dict[str, Any], chance: Any) -> None:
    def untidy(items: Any) -> list[Any]:
        again = [*items, *items]
        chance.shuffle(again)
        return again

    other = clock | {
        "week": {day: untidy(openings) for day, openings in clock["week"].items()},
        "holidays": untidy(clock["holidays"]),
        "pauses": untidy(clock["pauses"]),
    }
    assert due_of(other) == due_of(clock)
