"""Brokers and a store that go away in the midst of work and come back: waited for, and nothing lost."""

from pathlib import Path
from random import Random

import pytest

from infra.kafka.cluster import Cluster
from tests.histories import Plan, history
from tests.infra.kafka.lines import NAMES, Line
from tests.infra.kafka.test_line import expect_what_the_embedded_line_says
from tests.servers.kafka import JavaBroker
from tests.servers.postgresql import own_server
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SAID = [one.value for one in history(Random(12), Plan(facts=160, leads=8))]


def everybody_runs(line: Line) -> bool:
    return all(one.popen.poll() is None for one in line.processes)


def test_a_broker_that_crashes_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    with (
        JavaBroker(tmp_path / "broker") as broker,
        Line(Cluster(broker.address), f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line,
    ):
        line.make_topics()
        line.run(*NAMES)
        line.say(SAID[:80])
        (sequencer,) = line.of("sequencer")
        broker.stop(hard=True)
        wait_for("the sequencer to notice", lambda: "Local: Message timed out" in sequencer.said())
        assert everybody_runs(line)
        broker.start()
        line.say(SAID[80:])
        line.settle()
        expect_what_the_embedded_line_says(line, tmp_path)


def test_workers_that_are_stopped_while_the_broker_is_away_end_as_they_are_told(tmp_path: Path) -> None:
    with (
        JavaBroker(tmp_path / "broker") as broker,
        Line(Cluster(broker.address), f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line,
    ):
        line.make_topics()
        workers = line.run(*NAMES)
        broker.stop(hard=True)
        wait_for("all to notice", lambda: all("Unable connect to node" in one.said() for one in workers))
        line.stop()
        assert [(one.name, one.popen.returncode) for one in workers] == [(name, 0) for name in NAMES]
        assert [one.name for one in workers if "Traceback" in one.said()] == []


@pytest.mark.postgres
def test_a_store_that_crashes_and_comes_back_is_waited_for(cluster: Cluster, tmp_path: Path) -> None:
    with (
        own_server() as server,
        server.database() as name,
        Line(cluster, server.address(name), tmp_path) as line,
    ):
        line.make_topics()
        line.run(*NAMES)
        line.say(SAID[:80])
        (sequencer,) = line.of("sequencer")
        server.halt()
        wait_for("the sequencer to notice", lambda: "takes its partition over again" in sequencer.said())
        assert everybody_runs(line)
        server.start()
        line.say(SAID[80:])
        line.settle()
        expect_what_the_embedded_line_says(line, tmp_path)
