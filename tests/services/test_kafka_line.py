"""The line on Kafka as verbs know it: what is said reaches the topic, and workers are waited for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import services.line
from infra.embedded.lock import LineBusy
from infra.kafka.cluster import Cluster
from infra.kafka.opening import look_at_topics
from infra.kafka.topics import administration
from infra.store.database import Transaction
from infra.store.opening import open_store
from infra.store.positions import advance, take_over
from infra.time_source import system_time
from infra.wire import write_fact
from schemas.facts import Captured, FactEvent, ImportOpened
from schemas.vocabulary import WorkerName
from services.line import LineStands, OpenLine, open_line
from services.line_host import control_event
from tests.histories import event, subject
from tests.infra.kafka.lines import ROOT, Line

pytestmark = pytest.mark.kafka

PARTITIONS = 2


@pytest.fixture
def store(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store that is filled from a tenant's topics."""
    monkeypatch.setenv("RELEVO_KAFKA", cluster.bootstrap)
    address = f"sqlite:///{tmp_path}/relevo.db"
    with administration(cluster) as admin:
        admin.create(PARTITIONS, 1)
    with open_store(address) as database:
        look_at_topics(cluster, database)
    return address


def said(cluster: Cluster, store: str, folder: Path) -> list[FactEvent]:
    """Return what the log of facts holds."""
    return [one.event for one in Line(cluster, store, folder).log()]


def come_past(connection: Transaction, worker: WorkerName, number: int) -> None:
    """Let a worker's clock come to now, as a tick does."""
    position = take_over(connection, worker, number)
    advance(connection, worker, number, position, clock=system_time())


def let_time_come(line: OpenLine, *, but: int = 0) -> None:
    """Let every worker's clock come to now, but for the last few."""
    places = [(WorkerName.SEQUENCER, 0)]
    places += [
        (name, number)
        for name in WorkerName
        if name is not WorkerName.SEQUENCER
        for number in range(PARTITIONS)
    ]
    with line.database.writing() as connection:
        for name, number in places[: len(places) - but]:
            come_past(connection, name, number)


def test_what_is_said_stands_in_the_topic(store: str, cluster: Cluster, tmp_path: Path) -> None:
    event = control_event(ImportOpened(import_id="x"), "x:opened")
    with open_line(store) as line:
        line.say([event])
        line.host.append([])
    assert said(cluster, store, tmp_path) == [event]


def test_it_is_decided_when_every_worker_has_come_past_it(store: str) -> None:
    with open_line(store) as line:
        line.say([control_event(ImportOpened(import_id="x"), "x:opened")])
        assert not line.decide(patience_seconds=0)
        let_time_come(line, but=1)
        assert not line.decide(patience_seconds=0)
        let_time_come(line)
        assert line.decide(patience_seconds=0)


def test_who_says_nothing_asks_how_far_the_log_is_with_a_heartbeat(
    store: str, cluster: Cluster, tmp_path: Path
) -> None:
    with open_line(store) as line:
        assert not line.decide(patience_seconds=0)
        let_time_come(line)
        assert line.decide(patience_seconds=0)
    assert [event.data.fact.kind for event in said(cluster, store, tmp_path)] == ["heartbeat"]


def test_nobody_else_may_run_the_line(store: str) -> None:
    with open_line(store) as line, pytest.raises(LineBusy, match="workers on Kafka"):
        line.refuse_if_busy()


def test_who_gets_nowhere_is_named_and_waited_for_no_longer(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.line, "TELL_SECONDS", 0.2)
    monkeypatch.setattr(services.line, "STANDS_SECONDS", 0.5)
    told: list[str] = []
    with open_line(store, told=told.append) as line:
        line.say([control_event(ImportOpened(import_id="x"), "x:opened")])
        with pytest.raises(LineStands, match=r"^sequencer has taken nothing .*relevo worker sequencer,"):
            line.decide()
        let_time_come(line, but=1)
        with pytest.raises(LineStands, match=r"^alerts has taken nothing"):
            line.decide()
    assert [sentence.split(", which")[0] for sentence in told] == [
        "Waiting for sequencer",
        "Waiting for alerts",
    ]


def test_a_line_that_gets_on_is_waited_for_and_left_to_itself(store: str) -> None:
    with open_line(store) as line:
        line.say([control_event(ImportOpened(import_id="x"), "x:opened")])
        assert not line.host.is_at_rest()
        let_time_come(line, but=1)
        assert not line.host.is_at_rest()
        still = line.host.standstill()
        assert still is not None
        assert still.worker == "alerts"
        let_time_come(line)
        assert line.host.is_at_rest()
        assert line.host.standstill() is None


@pytest.mark.slow
def test_verbs_end_with_a_sentence_when_no_sequencer_runs(
    store: str, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "facts.jsonl").write_bytes(write_fact(event(Captured(), subject(1), event_id="f")) + b"\n")
    verbs = (("say", "captured", "--email", "ana@example.com"), ("import", "jsonl", "facts.jsonl"))
    environment = os.environ | {"RELEVO_KAFKA": cluster.bootstrap, "PYTHONPATH": str(ROOT)}
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "services.cli", *verb, "--store", store],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for verb in verbs
    ]
    for one in begun:
        _, told = one.communicate()
        assert one.returncode == 2
        first, *_, last = told.splitlines()
        assert first.startswith("Waiting for sequencer")
        assert last.startswith("relevo: sequencer has taken nothing for 30 s")
    assert said(cluster, store, tmp_path)
