"""The line in a world where everything that may go wrong does, seed by seed.

To run many: ``RELEVO_SEEDS=1000:3000 pytest tests/simulation/test_simulation.py`` runs those seeds, and a
seed that fails says so in the test's name. The same seed is the same world, always.
"""

import os
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

from infra.wire import RECORD
from schemas.entries import Entry, Tick
from services.pipeline import WORKERS
from services.verify import verify
from tests.effort import MORE
from tests.histories import Plan, Said, history
from tests.simulation.world import CALM, Mishaps, Topic, World
from tests.stores import in_time, new_store, picture, unlike

FIRST, LAST = (int(part) for part in os.environ.get("RELEVO_SEEDS", f"0:{5 * MORE}").split(":"))


def told(seed: int) -> list[Said]:
    return history(Random(seed), Plan(facts=16))


def entries_once(topic: Topic) -> dict[str, dict[int, Entry]]:
    """Return what a reader of the topic takes: of each lead's records, the first of each version."""
    found: dict[str, dict[int, Entry]] = defaultdict(dict)
    for partition in topic.partitions:
        for value in partition:
            record = RECORD.validate_json(value)
            if isinstance(record, Entry):
                assert found[record.lead_id].setdefault(record.version, record) == record
    return found


def expect_each_said_once(topic: Topic) -> None:
    """Expect versions without a gap, the same words under the same version, and no conclusion twice."""
    for lead_id, by_version in entries_once(topic).items():
        assert sorted(by_version) == list(range(1, len(by_version) + 1)), f"gap in {topic.name} of {lead_id}"
        said = [
            (one.id, one.change, str(one.body))
            for entry in by_version.values()
            for one in entry.conclusions
            if one.worker == topic.name
        ]
        repeats = {one for one in said if said.count(one) > 1}
        withdrawn = {one[0] for one in said if one[1] == "withdrawn"}
        assert {one for one in repeats if one[0] not in withdrawn} == set()


def expect_no_timer_early(topic: Topic, stamps_heard: Topic) -> None:
    """Expect each entry born of a timer to be due by a time that the log had reached."""
    for number, partition in enumerate(topic.partitions):
        records = [RECORD.validate_json(value) for value in stamps_heard.partitions[number]]
        reached = max((one.stamp for one in records), default=None)
        for value in partition:
            record = RECORD.validate_json(value)
            if isinstance(record, Entry) and record.timer:
                assert record.timer.due_at <= record.stamp
                assert reached is not None
                assert record.stamp <= reached


def expect_ticks_behind_what_came_before(topic: Topic) -> None:
    """Expect no lead's new version to carry a stamp from before a tick that it follows."""
    for partition in topic.partitions:
        clock, seen = None, set()
        for value in partition:
            record = RECORD.validate_json(value)
            if isinstance(record, Tick):
                clock = record.stamp if clock is None else max(clock, record.stamp)
            elif isinstance(record, Entry) and (record.lead_id, record.version) not in seen:
                seen.add((record.lead_id, record.version))
                assert clock is None or record.stamp >= clock


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_whatever_goes_wrong_the_store_comes_to_what_the_facts_say(seed: int, tmp_path: Path) -> None:
    said = told(seed)
    with in_time(tmp_path / "calm.db", said) as calm, new_store(tmp_path / "wild.db") as wild:
        world = World(wild, said, Random(seed), Mishaps())
        world.run()
        assert verify(wild, WORKERS).differences == []
        assert unlike(picture(calm), picture(wild)) == {}
    journal, scored, decided = (world.topics[name] for name in ("journal", "scoring", "lifecycle"))
    for topic in (journal, scored, decided, world.topics["alerts"]):
        expect_each_said_once(topic)
    for topic in (journal, scored, decided):
        expect_ticks_behind_what_came_before(topic)
    for topic in (scored, decided):
        expect_no_timer_early(topic, journal)


def test_the_worlds_are_as_wild_as_they_claim(tmp_path: Path) -> None:
    crashes: set[str] = set()
    fenced = lost = 0
    for seed in range(2):
        with new_store(tmp_path / f"{seed}.db") as database:
            world = World(database, told(seed), Random(seed), Mishaps(crash=0.8, usurper=0.2))
            world.run()
        crashes |= {*world.crashes} | {crash.split()[0] for crash in world.crashes}
        fenced += world.fenced
        lost += world.lost
    assert {"before COMMIT", "after COMMIT", "publish", "BEGIN", "INSERT", "UPDATE"} <= crashes
    assert fenced
    assert lost


def test_a_calm_world_sends_every_record_once(tmp_path: Path) -> None:
    with new_store(tmp_path / "calm.db") as database:
        world = World(database, told(1), Random(1), CALM)
        world.run()
    for topic in world.topics.values():
        for partition in topic.partitions:
            entries = [value for value in partition if isinstance(RECORD.validate_json(value), Entry)]
            assert len(entries) == len(set(entries))
