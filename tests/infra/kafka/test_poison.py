"""The poison rule: one bad record is put aside, a stream of them stops the worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.kafka.errors import TooMuchPoison
from infra.kafka.poison import FEWEST, WINDOW, Poison
from schemas.dead_letters import DeadReason


def letters(count: int, reason: DeadReason = DeadReason.NOT_JSON) -> list[DeadReason]:
    return [reason] * count


def stops(poison: Poison, dead: list[DeadReason], of: int) -> bool:
    """Say whether the worker stops."""
    try:
        poison.take(dead, of)
    except TooMuchPoison:
        return True
    return False


def test_fewer_than_fifty_stop_nothing() -> None:
    poison = Poison()
    assert not stops(poison, letters(FEWEST - 1), FEWEST - 1)


def test_fifty_of_fifty_stop_the_worker_and_say_why() -> None:
    with pytest.raises(
        TooMuchPoison, match="50 of the last 50 facts could not be taken, most of them for not_json"
    ):
        Poison().take(letters(FEWEST), FEWEST)


def test_half_of_the_records_stop_nothing() -> None:
    poison = Poison()
    for _ in range(20):
        assert not stops(poison, letters(50), 100)


def test_more_than_half_of_the_last_thousand_stop_the_worker() -> None:
    poison = Poison()
    poison.take([], WINDOW)
    poison.take(letters(WINDOW // 2), WINDOW // 2)
    with pytest.raises(TooMuchPoison, match="501 of the last 1000"):
        poison.take(letters(1), 1)


def test_what_was_long_ago_does_not_count() -> None:
    poison = Poison()
    poison.take(letters(49), 49)
    poison.take([], WINDOW)
    assert not stops(poison, letters(49), 49)


def test_people_who_asked_to_be_forgotten_are_no_poison() -> None:
    assert not stops(Poison(), letters(WINDOW, DeadReason.ERASED), WINDOW)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30))
def test_it_stops_exactly_when_most_of_the_window_is_dead(batches: list[tuple[int, int]]) -> None:
    poison, seen = Poison(), list[bool]()
    for dead, alive in batches:
        seen = [*seen, *[False] * alive, *[True] * dead][-WINDOW:]
        is_poison = sum(seen) >= FEWEST and 2 * sum(seen) > len(seen)
        assert stops(poison, letters(dead), dead + alive) == is_poison
        if is_poison:
            return
