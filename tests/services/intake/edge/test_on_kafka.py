"""The front door before workers on Kafka: what it acknowledged reaches leads.facts, whatever dies or is away.

Killed gateways, brokers that nobody reaches, a store that is halted; and forwarding by itself.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.front_relay import MOST_BYTES, forward
from infra.kafka.opening import look_at_topics
from infra.kafka.producing import Undelivered
from infra.store.database import Database
from infra.store.journal_memory import append_log, undecided
from infra.store.opening import open_store
from infra.store.reading.standing import sizes
from services.kafka_line import sign
from tests.histories import START
from tests.infra.kafka.lines import Line
from tests.servers.postgresql import Server, own_server
from tests.services.intake.conftest import SOURCES, Running, environment
from tests.services.intake.edge.test_kills import Sender, post, send_until_killed
from tests.stores import new_store
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

NOBODY = "127.0.0.1:1"
"""Where no broker answers."""


@dataclass
class Door:
    """A tenant's line, and the gateways before it."""

    line: Line
    started: list[Running]

    def open(self, brokers: str = "") -> Running:
        """Start a gateway."""
        settings = {"RELEVO_STORE": self.line.store, "RELEVO_KAFKA": brokers or self.line.cluster.bootstrap}
        self.started.append(Running(self.line.folder, settings=settings))
        return self.started[-1]

    def said(self) -> list[str]:
        """Return the ids of the tools' facts in leads.facts, repeats included."""
        return [one.event.id for one in self.line.log() if one.event.source != "relevo"]

    def admitted(self) -> int:
        """Return how many facts about leads the sequencer has admitted."""
        with self.line.opened() as database, database.reading() as connection:
            held = sizes(connection)
        return held.fact_count - held.control_count


@contextmanager
def opened(cluster: Cluster, store: str, folder: Path) -> Iterator[Door]:
    """A tenant whose store remembers its topics, with gateways that end with the test."""
    (folder / "sources.yaml").write_text(json.dumps(SOURCES))
    with Line(cluster, store, folder) as line:
        line.make_topics()
        with line.opened() as database:
            look_at_topics(cluster, database)
            sign(cluster, database, None)
        door = Door(line, [])
        try:
            yield door
        finally:
            for one in door.started:
                one.stop()


@pytest.fixture
def door(cluster: Cluster, postgresql: Server, tmp_path: Path) -> Iterator[Door]:
    with postgresql.database() as name, opened(cluster, postgresql.address(name), tmp_path) as door:
        yield door


def ids(senders: list[Sender]) -> tuple[set[str], set[str]]:
    """Return what senders sent, and what was acknowledged."""
    sent = {one for sender in senders for one in sender.sent}
    return sent, {one for sender in senders for one in sender.acknowledged}


@pytest.mark.postgres
def test_a_kill_loses_nothing_and_the_line_counts_nothing_twice(door: Door) -> None:
    running = door.open()
    sent, acknowledged = ids(send_until_killed(running, "s"))
    assert len(acknowledged) <= running.counted()["facts"] <= len(sent)
    running = door.open()
    again = sorted(sent - acknowledged) + sorted(acknowledged)[:20]
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert {post(client, event_id).status_code for event_id in again} == {202}
    assert running.counted() == {"facts": len(sent), "dead": 0}
    wait_for("everything to reach the log", lambda: set(door.said()) == sent)
    door.line.run("sequencer")
    wait_for("the sequencer to admit it", lambda: door.admitted() == len(sent))
    door.line.settle(["sequencer"])
    assert door.admitted() == len(sent)


@pytest.mark.postgres
def test_while_no_broker_answers_requests_are_kept_and_sent_on_later(door: Door) -> None:
    running = door.open(NOBODY)
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert {post(client, f"k{number}").status_code for number in range(5)} == {202}
        wait_for("it to say that facts wait", lambda: "relevo_intake_unsent 5" in client.get("/metrics").text)
        assert client.get("/readyz").status_code == 200
    running.kill()
    assert running.counted() == {"facts": 5, "dead": 0}
    assert door.said() == []
    door.open()
    wait_for("the next one to send them on", lambda: door.said() == [f"k{number}" for number in range(5)])


@pytest.mark.postgres
def test_while_the_store_is_away_nothing_is_acknowledged(cluster: Cluster, tmp_path: Path) -> None:
    with (
        own_server() as server,
        server.database() as name,
        opened(cluster, server.address(name), tmp_path) as door,
        httpx.Client(base_url=door.open().url, timeout=60) as client,
    ):
        assert post(client, "before").status_code == 202
        server.halt()
        answer = post(client, "during")
        assert (answer.status_code, answer.json()["code"]) == (503, "log_away")
        assert int(answer.headers["retry-after"]) >= 5
        assert client.post("/v1/hooks/crm", json={}).status_code == 401
        server.start()
        wait_for("the store to be back", lambda: post(client, "during").status_code == 202)
        wait_for("both to reach the log", lambda: set(door.said()) == {"before", "during"})


@pytest.mark.postgres
def test_two_gateways_on_one_store_lose_nothing(door: Door) -> None:
    one, other = door.open(), door.open()
    for running, name in ((one, "a"), (other, "b")):
        with httpx.Client(base_url=running.url, timeout=30) as client:
            assert {post(client, f"{name}{number}").status_code for number in range(20)} == {202}
    everything = {f"{name}{number}" for name in "ab" for number in range(20)}
    wait_for("everything to reach the log", lambda: set(door.said()) == everything)
    assert one.counted() == {"facts": 40, "dead": 0}


# --- forwarding, without processes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with new_store(tmp_path / "relevo.db") as database:
        yield database


def leave(database: Database, *values: bytes) -> None:
    with database.writing() as connection:
        append_log(connection, values, START)


def left(database: Database) -> int:
    with database.reading() as connection:
        return undecided(connection)


def test_what_was_acknowledged_is_gone_and_what_was_not_waits(database: Database) -> None:
    leave(database, *(str(number).encode() for number in range(700)))
    said: list[bytes] = []

    def append(values: Sequence[bytes]) -> None:
        if len(said) == 500:
            raise Undelivered("away")
        said.extend(values)

    with pytest.raises(Undelivered):
        forward(database, append)
    assert (said[0], said[-1], left(database)) == (b"0", b"499", 200)


def test_what_no_topic_takes_is_cut_off(database: Database) -> None:
    leave(database, b"x" * (MOST_BYTES + 1))
    said: list[bytes] = []
    assert forward(database, said.extend) == 1
    assert [len(one) for one in said] == [MOST_BYTES]


def test_facts_that_wait_are_undecided_where_the_log_is_a_topic(cluster: Cluster, tmp_path: Path) -> None:
    with Line(cluster, f"sqlite:///{tmp_path / 'k.db'}", tmp_path) as line:
        line.make_topics()
        with open_store(line.store) as database:
            look_at_topics(cluster, database)
            leave(database, b"1")
            assert left(database) == 1
            forward(database, lambda _: None)
            assert left(database) == 0


@pytest.mark.postgres
def test_what_is_fetched_reaches_the_log_as_what_is_sent_does(door: Door) -> None:
    folder = door.line.folder
    (folder / "leads.csv").write_text("id,email\n1,ana@example.com\n2,bo@example.com\n")
    source = {
        "name": "fair",
        "kind": "csv_folder",
        "pull": {"folder": ".", "settle": "0s"},
        "mapping": {"subject": {"email": "email"}, "facts": [{"kind": "captured", "id": "id"}]},
    }
    (folder / "sources.yaml").write_text(json.dumps({"sources": [source]}))
    settings = {"RELEVO_STORE": door.line.store, "RELEVO_KAFKA": door.line.cluster.bootstrap}
    for new in (2, 0):
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", "pull", "--once"],
            cwd=folder,
            env=environment(**settings),
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"fair: {new} new rows" in done.stdout
    wait_for("both to reach the log", lambda: set(door.said()) == {"1:captured", "2:captured"})
