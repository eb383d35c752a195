"""A store that is put back from a copy, while the topics keep what was said since: all comes out right.

What a worker says of a record has to follow from the topics alone. A line that decides again what it decided
before cuts its batches in other places, and of each version a reader takes the first that came: the one from
before, or, where that was never sent, the one from after.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from infra.store.caught_up import StoreBehind
from infra.store.copying import copy_store
from infra.store.database import Database
from infra.wire import RECORD
from schemas.entries import Entry
from services.pipeline import WORKERS
from services.verify import verify
from tests.effort import MORE
from tests.histories import Plan, history
from tests.simulation.world import CALM, Topic, World
from tests.stores import new_store

MOST_TURNS = 10_000
"""Far more than it takes: whoever waits for what is never said again has come to stand."""

Takes = Callable[[str, Random], int]
"""How many records a seat takes at once: by its name, and by chance."""


def one_by_one(_seat: str, _rng: Random) -> int:
    return 1


def many(_seat: str, _rng: Random) -> int:
    return 20


def scoring_many(seat: str, _rng: Random) -> int:
    return 20 if seat.startswith("scoring") else 1


def some(_seat: str, rng: Random) -> int:
    return rng.choice((1, 2, 5, 20))


def work_off(world: World, takes: Takes) -> None:
    """Let any seat that has work do some of it, until there is none left; who comes too early waits."""
    for _ in range(MOST_TURNS):
        busy = [seat for seat in world.seats if seat.has_work()]
        if not busy:
            return
        seat = world.rng.choice(busy)
        if seat.incumbent is None:
            seat.sit_down(world.rng, CALM)
        try:
            seat.take(takes(seat.name, world.rng))
        except StoreBehind:
            seat.incumbent = None
    raise AssertionError("somebody waits for ever")


def world_over(database: Database, seed: int) -> World:
    said = history(Random(seed), Plan(facts=60, leads=3))
    return World(database, said, Random(seed), CALM, partitions=1)


def words(topic: Topic) -> dict[tuple[str, int], set[bytes]]:
    """Return what was ever sent under each version of each lead."""
    found: dict[tuple[str, int], set[bytes]] = {}
    for value in topic.partitions[0]:
        record = RECORD.validate_json(value)
        if isinstance(record, Entry):
            found.setdefault((record.lead_id, record.version), set()).add(value)
    return found


@pytest.mark.parametrize("seed", range(9, 9 + MORE))
@pytest.mark.parametrize(("before", "after"), [(one_by_one, scoring_many), (many, one_by_one), (some, some)])
def test_a_store_that_was_put_back_says_the_same_again_and_comes_out_right(
    tmp_path: Path, seed: int, before: Takes, after: Takes
) -> None:
    copy = tmp_path / "copy.db"
    with new_store(tmp_path / "first.db") as database:
        first = world_over(database, seed)
        first.show(20)
        work_off(first, before)
        copy_store(database, copy)
        first.show_all()
        for _ in range(60):  # and then the disk was lost, somewhere on the way
            seat = first.rng.choice(first.seats)
            if seat.has_work():
                seat.take(before(seat.name, first.rng))
    with new_store(copy) as database:
        again = world_over(database, seed)
        for name, topic in first.topics.items():
            again.topics[name].partitions[0].extend(topic.partitions[0])
        again.show_all()
        work_off(again, after)
        assert verify(database, WORKERS).differences == []
    for name in ("scoring", "lifecycle"):
        assert [version for version, said in words(again.topics[name]).items() if len(said) > 1] == []
