"""The poison rule: one bad record is put aside, a stream of them stops the worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.kafka.errors import TooMuchPoison
from infra.kafka.poison import FEWEST, WINDOW, Poison
from schemas.dead_letters import DeadReason


def letters(count: int, reason: DeadReason = DeadReason.NOT_JSON) -> list[DeadReason]:
    return [reason] * count


def fates(dead: list[DeadReason], of: int) -> list[DeadReason | None]:
    """Return what became of so many records, the last of which are dead."""
    return [*[None] * (of - len(dead)), *dead]


def stops(poison: Poison, came: list[DeadReason | None]) -> bool:
    """Say whether the worker stops after these."""
    try:
        poison.take(came)
    except TooMuchPoison:
        return True
    return False


def test_fewer_than_fifty_stop_nothing() -> None:
    poison = Poison()
    assert not stops(poison, fates(letters(FEWEST - 1), FEWEST - 1))


def test_fifty_of_fifty_stop_the_worker_and_say_why() -> None:
    with pytest.raises(
        TooMuchPoison, match="50 of the last 50 facts could not be taken, most of them for not_json"
    ):
        Poison().take(fates(letters(FEWEST), FEWEST))


def test_half_of_the_records_stop_nothing() -> None:
    poison = Poison()
    for _ in range(20):
        assert not stops(poison, fates(letters(50), 100))


def test_more_than_half_of_the_last_thousand_stop_the_worker() -> None:
    poison = Poison()
    poison.take(fates([], WINDOW))
    poison.take(fates(letters(WINDOW // 2), WINDOW // 2))
    with pytest.raises(TooMuchPoison, match="501 of the last 1000"):
        poison.take(fates(letters(1), 1))


def test_of_more_records_than_the_window_holds_the_last_count() -> None:
    dead, sound = letters(WINDOW), [None] * WINDOW
    assert not stops(Poison(), [*dead, *sound])
    assert stops(Poison(), [*sound, *dead])
    assert not stops(Poison(), [fate for pair in zip(sound, dead, strict=True) for fate in pair])


def test_what_was_long_ago_does_not_count() -> None:
    poison = Poison()
    poison.take(fates(letters(49), 49))
    poison.take(fates([], WINDOW))
    assert not stops(poison, fates(letters(49), 49))


def test_people_who_asked_to_be_forgotten_are_no_poison() -> None:
    assert not stops(Poison(), fates(letters(WINDOW, DeadReason.ERASED), WINDOW))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30))
def test_it_stops_exactly_when_most_of_the_window_is_dead(batches: list[tuple[int, int]]) -> None:
    poison, seen = Poison(), list[bool]()
    for dead, alive in batches:
        seen = [*seen, *[False] * alive, *[True] * dead][-WINDOW:]
        is_poison = sum(seen) >= FEWEST and 2 * sum(seen) > len(seen)
        assert stops(poison, fates(letters(dead), dead + alive)) == is_poison
        if is_poison:
            return
