"""The whole line on Kafka and PostgreSQL, one process a worker, as ``relevo worker`` runs it.

Facts of the demo's year (one in ten late) are said live, not as an import. ``together`` says all of them at
once and waits until the last worker has decided; ``alone`` lets one worker at a time work off what the one
before has left, which is its own rate; ``paced`` says them at a given rate and looks at how old each was,
by the log's own stamps, when it came onto each topic and into a notice.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from statistics import quantiles

from sqlalchemy import select, text

from infra.kafka.cluster import Cluster
from infra.kafka.routes import JOURNAL, NOTICES, input_of
from infra.store.database import Database
from infra.store.opening import open_store
from infra.store.positions import EPOCH
from infra.store.tables.hosts import positions
from infra.store.tables.read_model import timeline
from infra.wire import read_record
from schemas.entries import Entry
from schemas.vocabulary import WorkerName
from services.kafka_line import FactsTopic
from tests.bench.line import year
from tests.bench.peers.machine import cpu_seconds, memory_megabytes
from tests.bench.peers.running import Surroundings, Written
from tests.infra.kafka.lines import NAMES, Line
from tests.servers.postgresql import Server
from tests.waiting import wait_for

PATIENCE_SECONDS = 900
SAY_EVERY_SECONDS = 0.1
TOPICS = (JOURNAL, "leads.scored", "leads.decided")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A line with a store of its own, and the store."""

    line: Line
    database: Database

    def stands(self, worker: str) -> dict[int, tuple[int, int]]:
        """Return, by partition, where a worker stands and how many commits it has made."""
        with self.database.reading() as connection:
            rows = connection.execute(select(positions).where(positions.c.worker == worker)).all()
        return {row.partition: (row.next_offset, row.version % EPOCH) for row in rows}

    def commits(self, worker: str) -> int:
        """Return how many commits a worker has made."""
        return sum(count for _, count in self.stands(worker).values())

    def wait(self, worker: str) -> None:
        """Return when a worker has decided all that its topic holds now."""
        ends = self.line.ends(input_of(WorkerName(worker)).name)

        def reached() -> bool:
            stands = self.stands(worker)
            return all(stands.get(number, (0, 0))[0] >= end for number, end in ends.items())

        wait_for(f"{worker} to come to the end", reached, PATIENCE_SECONDS)

    def store_bytes(self) -> int:
        """Return how large the store is, indexes and all."""
        with self.database.reading() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def pid(self, worker: str) -> int:
        """Return a worker's process."""
        return self.line.of(worker)[0].popen.pid


@contextmanager
def tenant(around: Surroundings, server: Server, name: str, partitions: int) -> Iterator[Tenant]:
    """Give a new tenant; none of its workers runs."""
    folder = around.folder / name
    folder.mkdir()
    cluster = Cluster(around.bootstrap, f"{name}.")
    with server.database() as database, Line(cluster, server.address(database), folder) as line:
        line.make_topics(partitions)
        with open_store(line.store) as store:
            yield Tenant(line, store)


def facts(count: int) -> list[bytes]:
    """Return about so many facts of the demo's year."""
    return [value for _, value in year(count)]


def together(around: Surroundings, server: Server, partitions: int, fact_count: int) -> float:
    """Print the rate of the whole line, and what each worker used; return facts a second."""
    with tenant(around, server, f"line{partitions}", partitions) as one:
        one.line.run(*NAMES)
        values = facts(fact_count)
        clocks = {name: [one.pid(name)] for name in NAMES}
        clocks |= {name: [pid] for name, pid in around.servers.items()}
        before = {name: cpu_seconds(pids) for name, pids in clocks.items()}
        commits = {name: one.commits(name) for name in NAMES}
        begun = time.perf_counter()
        one.line.say(values)
        for name in NAMES:
            one.wait(name)
        seconds = time.perf_counter() - begun
        used = {name: cpu_seconds(pids) - before[name] for name, pids in clocks.items()}
        count = len(values)
        print(
            f"the line, {partitions} partitions: {count:,} facts in {seconds:.1f} s, {count / seconds:,.0f}/s"
        )
        print(
            "  µs CPU a fact:", ", ".join(f"{name} {1e6 * spent / count:.0f}" for name, spent in used.items())
        )
        batches = ((name, count / max(1, one.commits(name) - commits[name])) for name in NAMES)
        print("  facts a commit:", ", ".join(f"{name} {size:.0f}" for name, size in batches))
        print("  MB:", ", ".join(f"{name} {memory_megabytes(one.pid(name)):.0f}" for name in NAMES))
        print(f"  store: {one.store_bytes() / count:,.0f} bytes a fact", flush=True)
        return count / seconds


def alone(around: Surroundings, server: Server, partitions: int, fact_count: int) -> None:
    """Print each worker's own rate: it works off what the one before has left, while nobody else runs."""
    values = facts(fact_count)
    with tenant(around, server, "alone", partitions) as one:
        for name in NAMES:
            if name == NAMES[0]:
                one.line.run(name)
                one.line.say(values)
            else:
                one.line.start(name)
            wait_for(f"{name} to begin", lambda name=name: one.commits(name) > 0)  # type: ignore[misc]
            begun, cpu = time.perf_counter(), cpu_seconds([one.pid(name)])
            one.wait(name)
            seconds, cpu = time.perf_counter() - begun, cpu_seconds([one.pid(name)]) - cpu
            count = len(values)
            print(
                f"{name} alone: {count / seconds:,.0f} facts/s, {1e6 * cpu / count:.0f} µs CPU a fact",
                flush=True,
            )
            one.line.stop(name)


def paced(around: Surroundings, server: Server, partitions: int, rate: float, seconds: float) -> None:
    """Print how old facts were when they came onto each topic, and when a notice of them was there.

    Args:
        around: The broker.
        server: Where the store is.
        partitions: How many.
        rate: Facts a second.
        seconds: For how long.
    """
    with tenant(around, server, "paced", partitions) as one, ExitStack() as stack:
        one.line.run(*NAMES)
        named = {name: one.line.cluster.name(name) for name in (*TOPICS, NOTICES)}
        topics = {
            name: stack.enter_context(closing(Written(around.bootstrap, topic, partitions)))
            for name, topic in named.items()
        }
        values = facts(round(rate * seconds))
        said = FactsTopic(one.line.cluster)
        begun, told = time.perf_counter(), 0
        while told < len(values):
            due = min(len(values), round((time.perf_counter() - begun) * rate))
            told += said.append(values[told:due])
            threading.Event().wait(SAY_EVERY_SECONDS)
        for name in NAMES:
            one.wait(name)
        reached = len(values) / (time.perf_counter() - begun)
        print(f"age in ms, p50 and p99, at {reached:,.0f} facts/s, {partitions} partitions:")
        for name in TOPICS:
            ages = (_age(stamp, value) for stamp, value in topics[name].records(topics[name].count()))
            _show_ages(f"on {name}", [age for age in ages if age is not None])
        _show_ages(f"on {NOTICES}", _ages_of_notices(one, topics[NOTICES]))


def _age(stamp: int, value: bytes) -> float | None:
    """Return how old an entry was, in ms, when its topic had it; None for a tick."""
    record = read_record(value)
    is_fact = isinstance(record, Entry) and record.timer is None
    return stamp - record.stamp.timestamp() * 1000 if is_fact else None


def _ages_of_notices(one: Tenant, topic: Written) -> list[float]:
    """Return how old what opened an alert was when its notice was there."""
    with one.database.reading() as connection:
        opened = timeline.c.worker == WorkerName.ALERTS, timeline.c.kind == "notice_opened"
        rows = connection.execute(select(timeline.c.body, timeline.c.stamp).where(*opened)).all()
    stamps = {json.loads(row.body)["alert"]["alert_id"]: row.stamp.timestamp() * 1000 for row in rows}
    notices = [(stamp, json.loads(value)) for stamp, value in topic.records(topic.count())]
    return [
        stamp - stamps[said["alert"]["alert_id"]]
        for stamp, said in notices
        if said["kind"] == "notice_opened"
    ]


def _show_ages(what: str, ages: Sequence[float]) -> None:
    cuts = quantiles(ages, n=100)
    print(f"  {what}: {cuts[49]:,.0f}, {cuts[98]:,.0f} ({len(ages):,} records)", flush=True)
