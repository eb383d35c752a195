"""One run: servers, a line on them, what goes wrong meanwhile, and then what is left of it, as a report."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from infra.kafka.cluster import Cluster
from infra.store.tables.hosts import positions
from infra.store.tables.read_model import facts
from schemas.vocabulary import WorkerName
from services.kafka_line import FactsTopic
from tests.chaos.checked import Checked
from tests.chaos.checks import check_everything
from tests.chaos.driver import Driver
from tests.chaos.feeding import Feeder
from tests.chaos.schedule import Kind, schedule
from tests.infra.kafka.lines import EVERYBODY, Line
from tests.servers.kafka import JavaBroker
from tests.servers.postgresql import own_server
from tests.waiting import wait_for

PATIENCE_SECONDS = 240
"""How long a worker may take to be ready among all others, and to come to the end when all is well again."""


@dataclass(frozen=True)
class Dose:
    """How much of it.

    Attributes:
        seed: Decides what goes wrong and what is said.
        seconds: For how long things go wrong.
        processes: Of each worker, at the beginning.
        partitions: Of the topics by lead.
        rate: Facts a second that are said.
        leads: Of so many.
        floor: Facts a second that must have come through the whole line by the time it is drained; how many
            of them come while things go wrong is up to the machine.
        outage_seconds: How long PostgreSQL stays away at most.
    """

    seed: int = 1
    seconds: float = 300
    processes: int = 3
    partitions: int = 4
    rate: float = 40
    leads: int = 500
    floor: float = 5
    outage_seconds: float = 30


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    dose: Dose
    injected: Mapping[Kind, int]
    hung: tuple[str, ...]
    ended_alone: tuple[str, ...]
    said_count: int
    refused_count: int
    meanwhile_count: int
    """Facts that had come through the whole line when things stopped going wrong."""
    decided_count: int
    """And when it was drained."""
    drain_seconds: float
    checked: tuple[Checked, ...]

    @property
    def rate(self) -> float:
        """Facts a second through the whole line, from the first fault until it was drained."""
        return self.decided_count / (self.dose.seconds + self.drain_seconds)

    @property
    def wrong(self) -> list[str]:
        """What is not as it should be, in words."""
        found = [f"ended by itself: {one}" for one in self.ended_alone]
        found += [f"{one.what}: {each}" for one in self.checked for each in one.wrong]
        found += [f"{one.what}: there were none" for one in self.checked if not one.count]
        found += [f"{kind}: there were none" for kind in _asked_for(self.dose) if not self.injected.get(kind)]
        if self.rate < self.dose.floor:
            found.append(
                f"{self.rate:.1f} facts/s came through the line; at least {self.dose.floor:g} were to"
            )
        return found


def _asked_for(dose: Dose) -> set[Kind]:
    return {fault.kind for fault in schedule(dose.seed, dose.seconds, dose.outage_seconds)}


def run(dose: Dose, folder: Path) -> Outcome:
    """Run it; everything that was started is stopped again."""
    with _set_up(dose, folder) as driver:
        line = driver.line
        feeder = Feeder(FactsTopic(line.cluster), dose.seed, rate=dose.rate, leads=dose.leads)
        feeder.start()
        driver.run(schedule(dose.seed, dose.seconds, dose.outage_seconds), dose.seconds)
        meanwhile = _decided(line)
        feeder.stop()
        begun = time.monotonic()
        driver.drain(PATIENCE_SECONDS)
        drained = time.monotonic() - begun
        decided = _decided(line)
        checked = check_everything(line, feeder.said, folder)
    return Outcome(
        dose,
        Counter(driver.injected),
        tuple(driver.hung),
        tuple(driver.ended_alone),
        len(feeder.said),
        feeder.refused_count,
        meanwhile,
        decided,
        drained,
        tuple(checked),
    )


@contextmanager
def _set_up(dose: Dose, folder: Path) -> Iterator[Driver]:
    """Start the servers, and of each worker as many processes as are asked for."""
    with (
        JavaBroker(folder / "broker") as broker,
        own_server() as server,
        server.database() as name,
        Line(Cluster(broker.address), server.address(name), folder) as line,
    ):
        line.make_topics(dose.partitions)
        for one in line.start(*EVERYBODY * dose.processes):
            wait_for(f"{one.name} to be ready", one.is_ready, PATIENCE_SECONDS)
        yield Driver(line, broker, server)


def _decided(line: Line) -> int:
    """Return how many facts every worker has come past."""
    at_the_end = select(func.min(positions.c.clock)).where(
        positions.c.worker.in_((WorkerName.METRICS, WorkerName.ALERTS))
    )
    with line.opened() as database, database.reading() as connection:
        clock = connection.execute(at_the_end).scalar()
        count = select(func.count()).select_from(facts).where(facts.c.stamp <= clock)
        return connection.execute(count).scalar_one()
