"""The whole line as processes on a real broker comes to what the embedded line comes to."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from infra.kafka.cluster import Cluster
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.infra.kafka.lines import NAMES, Line
from tests.servers.postgresql import Server
from tests.stores import in_time, picture, unlike
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

FAILOVER_SECONDS = 20
DRAIN_SECONDS = 10


def expect_what_the_embedded_line_says(line: Line, folder: Path) -> None:
    """Expect the store to agree with its facts, and to say what the embedded line says of the same log."""
    stands = line.stands("sequencer")[0]
    with line.opened() as database, in_time(folder / "embedded.db", line.log()[:stands]) as embedded:
        report = verify(database, WORKERS)
        assert report.agrees, report.differences[:5]
        assert report.fact_count > 0
        assert unlike(picture(embedded), picture(database)) == {}


def test_the_line_on_kafka_comes_to_the_same_store_as_the_embedded_line(line: Line, tmp_path: Path) -> None:
    line.run(*NAMES)
    line.say(one.value for one in history(Random(5), Plan(facts=200, leads=12)))
    line.settle()
    expect_what_the_embedded_line_says(line, tmp_path)


@pytest.mark.postgres
def test_over_postgresql_it_comes_to_the_same_store(
    cluster: Cluster, postgresql: Server, tmp_path: Path
) -> None:
    with (
        postgresql.database() as name,
        Line(cluster, postgresql.address(name), tmp_path) as line,
    ):
        line.make_topics(partitions=3)
        line.run(*NAMES, "scoring", "lifecycle")
        line.say(one.value for one in history(Random(10), Plan(facts=200, leads=12)))
        line.of("scoring")[0].kill()
        line.settle()
        expect_what_the_embedded_line_says(line, tmp_path)


def test_workers_that_come_go_and_die_change_nothing(line: Line, tmp_path: Path) -> None:
    said = [one.value for one in history(Random(6), Plan(facts=300, leads=12))]
    line.run(*NAMES)
    line.say(said[:100])
    line.run("scoring", "lifecycle")
    line.say(said[100:200])
    line.of("scoring")[0].kill()
    line.of("lifecycle")[1].kill()
    line.run("metrics")
    line.say(said[200:])
    line.settle()
    expect_what_the_embedded_line_says(line, tmp_path)


def test_another_takes_over_from_a_process_that_was_killed(line: Line) -> None:
    first, second = line.run("sequencer", "sequencer")
    worker = first if "reads on" in first.said() else second
    other = second if worker is first else first
    worker.kill()
    begun = time.monotonic()
    wait_for("the other to take the log over", lambda: "sequencer/0 reads on" in other.said())
    assert time.monotonic() - begun < FAILOVER_SECONDS


def test_a_worker_that_is_told_to_stop_drains_in_time(line: Line) -> None:
    line.run("sequencer", "scoring")
    line.say(one.value for one in history(Random(7), Plan(facts=300, leads=12)))
    for one in [*line.of("sequencer"), *line.of("scoring")]:
        begun = time.monotonic()
        assert one.kill(signal.SIGTERM) == 0
        assert time.monotonic() - begun < DRAIN_SECONDS
        assert one.said().endswith("Stopped.\n")
