"""Running a peer: start its processes, wait until every event has its score, look at clocks, check, stop.

The events lie in their topic before a peer starts. Its rate is taken between the first record that it wrote
and the last one, by the log's own stamps, so that neither how long a runtime takes to start nor how often
anybody looks is in it. CPU seconds are those of the same span, as near as looking five times a second comes.
"""

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, TopicPartition

from tests.bench.peers.job import Plan, check
from tests.bench.peers.machine import cpu_seconds, memory_megabytes

ROOT = Path(__file__).parents[3]
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 600
QUIET_SECONDS = 10


class Stuck(Exception):
    """A peer did not come to the end."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who does the job.

    Attributes:
        name: Who.
        guarantee: What it promises.
        commands: Each of its processes.
        scored: The topic that it writes.
        events: How many events it is to do; a slow one is given fewer.
    """

    name: str
    guarantee: str
    commands: Sequence[Sequence[str]]
    scored: str
    events: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a run takes place: the broker, the servers by name and process, and a folder for logs."""

    bootstrap: str
    servers: Mapping[str, int]
    folder: Path


@dataclass(frozen=True, slots=True)
class Result:
    """What a peer came to: CPU seconds by who used them, and the most memory of one of its processes."""

    peer: Peer
    events: int
    seconds: float
    cpu: Mapping[str, float]
    megabytes: float

    @property
    def rate(self) -> float:
        """Events a second on the wall."""
        return self.events / self.seconds


def run(peer: Peer, plan: Plan, around: Surroundings) -> Result:
    """Have a peer do the job, and return what it came to.

    Raises:
        Stuck: It ended early, or took too long.
        Wrong: What it said is not right, so its rate is worth nothing.
    """
    with (
        closing(Written(around.bootstrap, peer.scored, plan.partitions)) as written,
        _started(peer, around.folder) as processes,
    ):
        clocks = {"client": [one.pid for one in processes]}
        clocks |= {name: [pid] for name, pid in around.servers.items()}
        _wait(processes, written, 1, around.folder)
        begun = _read(clocks)
        _wait(processes, written, peer.events, around.folder)
        ended = _read(clocks)
        megabytes = max(memory_megabytes(one.pid) for one in processes)
        said = list(written.records(peer.events))
    check(plan, (value for _, value in said), peer.events)
    stamps = [stamp for stamp, _ in said]
    seconds = (max(stamps) - min(stamps)) / 1000
    cpu = {name: ended[name] - begun[name] for name in clocks}
    return Result(peer, len(said), seconds, cpu, megabytes)


def _read(clocks: Mapping[str, list[int]]) -> dict[str, float]:
    return {name: cpu_seconds(pids) for name, pids in clocks.items()}


@contextmanager
def _started(peer: Peer, folder: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    processes = []
    for number, command in enumerate(peer.commands):
        with (folder / f"{peer.scored}-{number}.log").open("ab") as log:
            processes.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT))
    try:
        yield processes
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            try:
                one.wait(15)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def _wait(processes: "list[subprocess.Popen[bytes]]", written: "Written", count: int, folder: Path) -> None:
    """Return when the topic holds so many records."""
    gives_up = time.monotonic() + PATIENCE_SECONDS
    while written.count() < count:
        if any(one.poll() is not None for one in processes):
            raise Stuck(f"a process ended early; see {folder}")
        if time.monotonic() > gives_up:
            raise Stuck(f"{written.count()} of {count} records after {PATIENCE_SECONDS} s; see {folder}")
        threading.Event().wait(LOOK_SECONDS)


class Written:
    """What is written to a topic from now on, as a consumer sees it that reads what was committed."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        settings = {"bootstrap.servers": bootstrap, "group.id": "peers-look", "enable.auto.commit": False}
        self._consumer = Consumer(settings)
        self._places = [TopicPartition(topic, number) for number in range(partitions)]
        self._begins = self._ends()

    def count(self) -> int:
        """Return how many records there are; the markers of transactions count, too."""
        return sum(self._ends()) - sum(self._begins)

    def records(self, count: int) -> Iterator[tuple[int, bytes]]:
        """Yield when the log had each record (ms) and what it says, until there were so many."""
        begins = zip(self._places, self._begins, strict=True)
        self._consumer.assign([TopicPartition(place.topic, place.partition, at) for place, at in begins])
        found = 0
        while found < count and (some := self._consumer.consume(10_000, QUIET_SECONDS)):
            for message in some:
                if (error := message.error()) is not None:
                    raise KafkaError(error.code())
                found += 1
                yield message.timestamp()[1], message.value() or b""

    def close(self) -> None:
        """Look no longer."""
        self._consumer.close()

    def _ends(self) -> list[int]:
        return [self._consumer.get_watermark_offsets(place, 10)[1] for place in self._places]
