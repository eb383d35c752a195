"""The line on Kafka as users run it: processes of ``relevo worker``, started, stopped and killed by tests.

``Line.settle`` is how a test comes to an end that can be compared: each worker comes to the end of its topic
and stops, the sequencer first, so that no more ticks are born. Only who has stopped has published all that it
committed, and only then does the next one's topic have an end.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import select

from infra.kafka.cluster import Cluster
from infra.kafka.routes import FACTS, input_of
from infra.kafka.topics import administration
from infra.store.database import Database
from infra.store.opening import open_store
from infra.store.tables.hosts import positions
from infra.watching import PUBLISHER
from infra.wire import read_fact
from schemas.facts import FactEvent
from schemas.vocabulary import WorkerName
from services.kafka_line import FactsTopic
from tests.histories import Said
from tests.waiting import PATIENCE_SECONDS, TookTooLong, wait_for

ROOT = Path(__file__).parents[3]
NAMES = tuple(name.value for name in WorkerName)
"""Every worker, in the order of the line."""
EVERYBODY = (*NAMES, PUBLISHER)
"""And who publishes the numbers."""


@dataclass
class Process:
    """One worker's process."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Return what it wrote."""
        return self.log.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        """Whether it says that it is."""
        if (code := self.popen.poll()) is not None:
            raise TookTooLong(f"{self.name} ended with {code}: {self.said()[-2000:]}")
        return "Ready:" in self.said()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal that ends it; return how it ended."""
        self.popen.send_signal(how)
        return self.end()

    def end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until it ends; return how."""
        return self.popen.wait(seconds)


@dataclass
class Line:
    """One tenant's line; ``store`` is an address."""

    cluster: Cluster
    store: str
    folder: Path
    module: str = "services.cli"
    processes: list[Process] = field(default_factory=list)

    def make_topics(self, partitions: int = 2) -> None:
        """Make the tenant's topics."""
        with administration(self.cluster) as admin:
            admin.create(partitions, 1)

    def start(self, *names: str, environment: dict[str, str] | None = None) -> list[Process]:
        """Start a process for each name; returns at once."""
        started = [self._start(name, environment or {}) for name in names]
        self.processes += started
        return started

    def run(self, *names: str, environment: dict[str, str] | None = None) -> list[Process]:
        """Start a process for each name, and return when all of them are ready."""
        started = self.start(*names, environment=environment)
        for one in started:
            wait_for(f"{one.name} to be ready", one.is_ready)
        return started

    def _start(self, name: str, environment: dict[str, str]) -> Process:
        log = self.folder / f"{name}-{len(list(self.folder.glob('*.log')))}.log"
        options = ["--store", self.store, "--prefix", self.cluster.prefix, "--metrics", "127.0.0.1:0"]
        options += ["--bootstrap", self.cluster.bootstrap]
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", self.module, "worker", name, *options],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return Process(name, popen, log)

    def of(self, name: str) -> list[Process]:
        """Return a worker's processes that run."""
        return [one for one in self.processes if one.name == name and one.popen.poll() is None]

    def stop(self, *names: str) -> None:
        """Stop workers, gently; all of them without a name."""
        stopping = [one for name in names or EVERYBODY for one in self.of(name)]
        for one in stopping:
            one.popen.send_signal(signal.SIGTERM)
        for one in stopping:
            one.end()

    def __enter__(self) -> "Line":  # noqa: PYI034 - nobody inherits from it
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what still runs."""
        for one in self.processes:
            if one.popen.poll() is None:
                one.kill()

    # --- the log

    def say(self, values: Iterable[bytes]) -> None:
        """Append facts to the log."""
        FactsTopic(self.cluster).append(values)

    def has_topic(self, topic: str) -> bool:
        """Say whether the brokers have a topic."""
        with administration(self.cluster) as admin:
            return self.cluster.name(topic) in admin.found()

    def ends(self, topic: str) -> dict[int, int]:
        """Return where each partition of a topic ends."""
        consumer = KafkaConsumer(**self.cluster.for_kafka_python())
        try:
            places = [
                TopicPartition(self.cluster.name(topic), one) for one in _numbers(consumer, self, topic)
            ]
            return {place.partition: offset for place, offset in consumer.end_offsets(places).items()}
        finally:
            consumer.close()

    def log(self) -> list[Said]:
        """Return the facts in the log, with the instants at which it had them."""
        consumer = KafkaConsumer(**self.cluster.for_kafka_python())
        place = TopicPartition(self.cluster.name(FACTS), 0)
        end = self.ends(FACTS)[0]
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        found: list[Said] = []
        while consumer.position(place) < end:
            for record in consumer.poll(1000).get(place, []):
                fact = read_fact(record.value)
                assert isinstance(fact, FactEvent)
                found.append(Said(instant_of(record.timestamp), fact))
        consumer.close()
        return found

    # --- coming to an end

    def opened(self) -> Database:
        """Return the store."""
        return open_store(self.store)

    def stands(self, worker: str) -> dict[int, int]:
        """Return where a worker stands in each partition."""
        with self.opened() as database, database.reading() as connection:
            rows = connection.execute(select(positions).where(positions.c.worker == worker))
            return {row.partition: row.next_offset for row in rows}

    def reached(self, worker: str, ends: dict[int, int]) -> bool:
        """Say whether a worker has decided everything before these ends, and is not in the midst of it."""
        stands = self.stands(worker)
        return all(stands.get(number, 0) >= end for number, end in ends.items()) and not self._busy(worker)

    def _busy(self, worker: str) -> bool:
        """Say whether a worker has yet to visit leads after a signing, or after the close of an import."""
        begun = select(positions.c.worker).where(
            positions.c.worker == worker, positions.c.cursor.is_not(None)
        )
        with self.opened() as database, database.reading() as connection:
            return connection.execute(begun).first() is not None

    def settle(self, workers: Sequence[str] = NAMES, seconds: float = PATIENCE_SECONDS) -> None:
        """Have everything decided that was said, and stop every process; each worker has so long."""
        self.finish(workers, seconds)
        self.stop()

    def finish(self, workers: Sequence[str] = NAMES, seconds: float = PATIENCE_SECONDS) -> None:
        """Have everything decided that was said, and stop these workers, one after the other."""
        for name in workers:
            heard = self.ends(input_of(WorkerName(name)).name)
            wait_for(f"{name} to come to the end", partial(self.reached, name, heard), seconds)
            self.stop(name)


def _numbers(consumer: KafkaConsumer, line: Line, topic: str) -> list[int]:
    return sorted(consumer.partitions_for_topic(line.cluster.name(topic)) or ())


def instant_of(milliseconds: int) -> datetime:
    """Return the instant of a record's timestamp."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
