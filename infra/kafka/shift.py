"""One worker's process from start to end: looked around, hired, run, watched, measured, stopped.

``Shift`` is what ``relevo worker`` runs. The order is that of its ``run``: nothing is read before brokers
answer, private names are as they should be and topics are those the store knows; nothing is said to be ready
before every partition of the first assignment has been taken over.
"""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass

from infra.journal.ports import SequencerRule
from infra.kafka import host
from infra.kafka.cluster import Cluster
from infra.kafka.crew import Crew
from infra.kafka.errors import BrokersAway, HostError
from infra.kafka.heart import Heart
from infra.kafka.hiring import Premises, line_workers, sequencers
from infra.kafka.measuring import Gauges, Measures, Window
from infra.kafka.opening import topics_when_there
from infra.kafka.pinned import expect_pinned
from infra.kafka.post import Post
from infra.kafka.producing import Publisher
from infra.kafka.routes import FACTS, input_of
from infra.kafka.topics import expect_an_answer
from infra.kafka.watchdog import Watchdog
from infra.kafka.work import Work
from infra.store.database import Database
from infra.time_source import TimeSource, system_time
from infra.watching import Watch
from infra.worker import Worker
from schemas.vocabulary import WorkerName

RARELY = (100_000, 50, 100)
"""How often to look for reference cycles: a hundred times less than Python does. What a batch makes dies by
its reference counts; looking for cycles among it costs an eighth of the time (docs/performance.md)."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One worker's process.

    Attributes:
        cluster: The brokers; somebody has waited until they answer (``infra.kafka.opening``).
        database: The store.
        worker: Who works: a worker of the line, or the sequencer's rule.
        metrics: Where metrics are shown, ``host:port``.
        ready: Called once, when every partition of the first assignment is at work.
        watch: Looks at the numbers as the log's time comes on; for the worker that counts them.
        now: This machine's time; only the sequencer asks.
    """

    cluster: Cluster
    database: Database
    worker: Worker | SequencerRule
    metrics: str
    ready: Callable[[], None]
    watch: Watch | None = None
    now: TimeSource = system_time

    @property
    def name(self) -> WorkerName:
        """The worker's name."""
        return self.worker.name if isinstance(self.worker, Worker) else WorkerName.SEQUENCER

    async def run(self) -> None:
        """Work until a signal comes.

        Raises:
            HostError: Something is for a person to see to.
        """
        expect_pinned()
        gc.set_threshold(*RARELY)
        partitions = topics_when_there(self.cluster, self.database)
        measures, stopping = Measures(self.name), asyncio.Event()
        premises = Premises(self.cluster, self.database, partitions, measures)
        crew = Crew(self.name, self._hire(premises), stopping.set, measures.batch_seconds.observe)
        measures.registry.register(Gauges(crew, self.database, self.name))
        app = host.application(self.cluster, self.name, self.cluster.name(input_of(self.name).name), crew)
        window = Window(self.metrics, measures.registry, crew)
        watchdog = Watchdog(crew.sightings, excuse=self._nobody_answers)
        heart = self._heart(crew, asyncio.get_running_loop())
        window.open()
        watchdog.start()
        heart.start()
        try:
            await host.run(app, stopping, self.ready)
        finally:
            heart.stop()
            watchdog.stop()
            window.close()

    def _hire(self, premises: Premises) -> Callable[[Post], Work]:
        if isinstance(self.worker, Worker):
            return line_workers(self.worker, premises, self.watch)
        return sequencers(self.worker, premises)

    def _heart(self, crew: Crew, loop: asyncio.AbstractEventLoop) -> Heart:
        """Return the sequencer's heart; that of any other worker never beats."""
        beats = self.name is WorkerName.SEQUENCER

        def fail(error: HostError) -> None:
            loop.call_soon_threadsafe(crew.fail, error)

        return Heart(
            self.cluster.name(FACTS),
            Publisher(self.cluster, f"{self.name}-heart"),
            self.now,
            lambda: crew.next_offset(0) if beats else None,
            fail,
        )

    def _nobody_answers(self) -> bool:
        try:
            expect_an_answer(self.cluster, 1)
        except BrokersAway:
            return True
        return False
