"""Batches that wait are taken together, by a partition that has rested."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from infra.kafka.tray import LONGEST_REST_SECONDS, RECORDS_A_BATCH, REST, Tray
from infra.kafka.work import Fetched
from tests.infra.kafka.fetching import fetched


@dataclass
class Clock:
    """A clock that comes on a little whenever somebody looks, and then lets something happen."""

    now: float = 1000.0
    step: float = 0.25
    happens: list[Callable[[], object]] = field(default_factory=list)

    def __call__(self) -> float:
        self.now += self.step
        if self.happens:
            self.happens.pop(0)()
        return self.now


def batch(begin: int, count: int = 2) -> Fetched:
    """Return so many records from an offset on."""
    return fetched(begin, *range(begin, begin + count))


def gathered(tray: Tray) -> tuple[int, int] | None:
    """Gather what waits; return where it begins and ends."""
    found = asyncio.run(tray.gather())
    return None if found is None else (found.begin, found.end)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tray(clock: Clock) -> Tray:
    """A tray on which two batches wait that follow on each other."""
    tray = Tray(clock)
    tray.put(batch(10))
    tray.put(batch(12))
    return tray


def test_what_follows_on_another_is_taken_with_it_and_once(tray: Tray) -> None:
    assert gathered(tray) == (10, 14)
    assert gathered(tray) is None


def test_what_does_not_follow_is_a_batch_by_itself(tray: Tray) -> None:
    tray.put(batch(20))
    assert [gathered(tray), gathered(tray)] == [(10, 14), (20, 22)]


def test_no_more_is_taken_together_than_a_whole_batch(tray: Tray) -> None:
    tray.put(batch(14, RECORDS_A_BATCH - 4))
    tray.put(batch(10 + RECORDS_A_BATCH))
    assert [gathered(tray), gathered(tray)] == [
        (10, 10 + RECORDS_A_BATCH),
        (10 + RECORDS_A_BATCH, 12 + RECORDS_A_BATCH),
    ]


@pytest.mark.parametrize(("took", "rest"), [(0.1, 0.1 * REST), (0.4, 0.4 * REST), (60, LONGEST_REST_SECONDS)])
def test_a_partition_rests_longer_where_its_commit_took_longer(
    tray: Tray, clock: Clock, took: float, rest: float
) -> None:
    clock.step = 0.05
    tray.took(took)
    begun = clock.now
    assert gathered(tray) == (10, 14)
    assert rest <= clock.now - begun < rest + 2 * clock.step


def test_what_comes_while_it_rests_is_taken_as_well(tray: Tray, clock: Clock) -> None:
    tray.took(LONGEST_REST_SECONDS)
    clock.happens = [lambda: None, lambda: tray.put(batch(14))]
    assert gathered(tray) == (10, 16)


def test_where_a_whole_batch_waits_it_does_not_rest(tray: Tray, clock: Clock) -> None:
    tray.put(batch(14, RECORDS_A_BATCH))
    tray.took(LONGEST_REST_SECONDS)
    begun = clock.now
    assert gathered(tray) == (10, 14)
    assert clock.now == begun


def test_what_is_given_back_is_not_waited_for(tray: Tray, clock: Clock) -> None:
    tray.took(LONGEST_REST_SECONDS)
    clock.happens = [tray.clear]
    assert gathered(tray) is None
    tray.put(batch(10))
    assert gathered(tray) == (10, 12)
