"""What is missing from a topic: told by lead, and for how long."""

from datetime import timedelta

import pytest

from infra.gaps import LONGEST, Awaited, Gap, Missing, NothingAwaited
from schemas.entries import Entry
from tests.builders import instant

NOON = instant("2026-03-02 12:00")


def entry(version: int, lead_id: str = "L1") -> Entry:
    return Entry(lead_id, version, NOON, NOON, version)


def test_nothing_is_missing_until_something_came_too_early() -> None:
    awaited = Awaited("scoring")
    awaited.took(entry(1))
    assert (awaited.missing, awaited.holds(NOON), awaited.stand(3, 7)) == ((), False, 7)


def test_what_is_missing_is_missing_until_what_came_too_early_has_come_again() -> None:
    awaited = Awaited("scoring")
    awaited.pass_over(entry(5), taken=2)
    awaited.pass_over(entry(4), taken=2)
    awaited.took(entry(1, "L2"))
    assert awaited.missing == (Missing("L1", 2, 5),)
    awaited.took(entry(3))
    awaited.took(entry(4))
    assert awaited.missing == (Missing("L1", 4, 5),)
    awaited.took(entry(5))
    assert len(awaited.missing) == 0


def test_the_position_stays_where_it_stood_when_the_first_was_missed() -> None:
    awaited = Awaited("scoring")
    awaited.pass_over(entry(3), taken=1)
    assert [awaited.stand(4, 9), awaited.stand(9, 12)] == [4, 4]
    awaited.took(entry(2))
    awaited.took(entry(3))
    assert awaited.stand(4, 15) == 15
    awaited.pass_over(entry(9), taken=3)
    assert awaited.stand(15, 20) == 15


def test_time_is_held_for_a_minute_of_ticks_and_then_the_missing_are_named() -> None:
    awaited = Awaited("scoring")
    awaited.pass_over(entry(3), taken=1)
    assert awaited.holds(NOON)
    assert awaited.holds(NOON + LONGEST - timedelta(microseconds=1))
    with pytest.raises(Gap, match=r"^scoring: .*: lead L1 from version 2 on \(3 came\)$"):
        awaited.holds(NOON + LONGEST)


def test_of_many_leads_a_few_are_named() -> None:
    missing = [Missing(f"L{number}", 0, 2) for number in range(7)]
    assert str(Gap("scoring", missing)).endswith("lead L4 from version 1 on (2 came), and of 2 leads more")
    assert "more" not in str(Gap("scoring", missing[:5]))


def test_where_nothing_can_be_lost_a_gap_is_one_at_once() -> None:
    with pytest.raises(Gap, match=r"lead L1 from version 2 on \(3 came\)"):
        NothingAwaited("scoring").pass_over(entry(3), taken=1)
