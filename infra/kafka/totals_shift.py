"""The process that publishes the numbers, from start to end: its turns, what it waits for, what it shows.

The counterpart of ``infra.kafka.shift`` for a worker that reads no records of the line. Several processes may
run; those whose turn it is not stand by, and are ready. librdkafka does the group's membership here: what
Faust is for (batches, positions in a log) is not needed.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from prometheus_client import CollectorRegistry, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from infra.kafka.cluster import Cluster
from infra.kafka.crew import NOT_TOLD
from infra.kafka.errors import TopicsWrong
from infra.kafka.measuring import Window
from infra.kafka.opening import topics_when_there
from infra.kafka.producing import Undelivered
from infra.kafka.routes import TOTALS
from infra.kafka.thinned import LIBRDKAFKA
from infra.kafka.topics import administration
from infra.kafka.totals import Bureau, LookAt, Turn
from infra.kafka.watchdog import Sighting, Watchdog
from infra.patience import pauses
from infra.store.database import Database
from infra.store.errors import StoreUnavailable
from infra.store.positions import Fenced
from infra.watching import PUBLISHER

LOOK_SECONDS = 5.0
"""How often the numbers are looked at, while that is quick."""
REST = 9
"""How many times as long as a look took it rests at least: looking takes a tenth of the time at most."""

SESSION_SECONDS, HEARTBEAT_SECONDS = 10, 3
POLL_SECONDS = 0.2
HANGS_SECONDS = 300
"""A look that takes longer hangs."""

END_OF_PARTITION = KafkaError._PARTITION_EOF  # noqa: SLF001 - its public name begins so
_log = logging.getLogger(__name__)


class TotalsShift:
    """One process that publishes the numbers, or stands by.

    Args:
        cluster: The brokers.
        database: The store.
        look: Looks at the numbers.
        metrics: Where metrics are shown, ``host:port``.
        announce: Called once, when it is ready.
    """

    def __init__(
        self, cluster: Cluster, database: Database, look: LookAt, metrics: str, announce: Callable[[], None]
    ) -> None:
        self._cluster = cluster
        self._database = database
        self._look = look
        self._metrics = metrics
        self._announce = announce
        self._turn: Turn | None = None
        self._waits_for: str | None = None
        self._settled = self._announced = False
        self._fences = self._said = 0
        self._next_look_at = 0.0
        self._stirred_at = time.monotonic()

    @property
    def hindrance(self) -> str | None:
        """Why it neither publishes nor stands by; None while it does.

        Like any worker it is at work once it has taken over what is its own. How long the first look takes
        depends on how much there is to add up, and on what else the machine does.
        """
        if self._waits_for is not None:
            return f"{PUBLISHER}: {self._waits_for}"
        return None if self._settled else NOT_TOLD

    def run(self, stopping: threading.Event) -> None:
        """Publish until a signal comes.

        Raises:
            HostError: Something is for a person to see to.
        """
        bureau = self._opened(stopping)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        waits = pauses(first=0.5)
        with self._shown():
            while not stopping.is_set():
                try:
                    self._serve(bureau, stopping)
                except (StoreUnavailable, Undelivered, Fenced) as error:
                    self._fences += isinstance(error, Fenced)
                    if stopping.is_set():
                        return  # whoever begins next takes back what was begun, and says it
                    pause, self._waits_for = next(waits), str(error)
                    _log.warning("%s begins anew in %.1f s: %s", PUBLISHER, pause, error)
                    stopping.wait(pause)

    def _opened(self, stopping: threading.Event) -> Bureau:
        partitions = topics_when_there(self._cluster, self._database)
        name = self._cluster.name(TOTALS)
        with administration(self._cluster) as admin:
            found = admin.found().get(name)
        if found is None:
            raise TopicsWrong(f"{name}: no such topic; run relevo topics create")
        return Bureau(self._cluster, self._database, self._look, partitions.notices, stopping.is_set)

    def _serve(self, bureau: Bureau, stopping: threading.Event) -> None:
        """Be a member of the group until something goes wrong."""

        def given(consumer: Consumer, partitions: list[TopicPartition]) -> None:
            if partitions:
                self._turn, self._next_look_at = Turn(bureau), 0.0
                _log.info("Its turn begins")
                consumer.assign([TopicPartition(one.topic, 0, OFFSET_BEGINNING) for one in partitions])
            self._settled, self._waits_for = True, None

        consumer = Consumer(self._consumer_settings(), logger=LIBRDKAFKA)
        try:
            consumer.subscribe([self._cluster.name(TOTALS)], given, self._taken_away, self._taken_away)
            while not stopping.is_set():
                self._take(consumer.poll(POLL_SECONDS))
                self._stirred_at = time.monotonic()
                self._say_ready()
        except KafkaException as error:
            raise Undelivered(str(error)) from error
        finally:
            self._taken_away()
            consumer.close()

    def _taken_away(self, *_: object) -> None:
        self._settled = False
        if self._turn is not None:
            _log.info("Its turn is over")
            self._turn.close()
            self._turn = None

    def _take(self, message: Message | None) -> None:
        turn = self._turn
        if message is not None and (error := message.error()) is not None:
            if error.code() != END_OF_PARTITION:
                raise Undelivered(error.str())
            if turn is not None:
                turn.caught_up = True
        elif message is not None and turn is not None:
            turn.read(message)
        if turn is not None and turn.caught_up and time.monotonic() >= self._next_look_at:
            self._publish(turn)

    def _publish(self, turn: Turn) -> None:
        before, is_first = turn.said_count, turn.look_count == 0
        turn.publish()
        self._said += turn.said_count - before
        if is_first:
            _log.info("Its first look took %.1f s; it said %d totals", turn.look_seconds, turn.said_count)
        self._next_look_at = time.monotonic() + max(LOOK_SECONDS, REST * turn.look_seconds)

    def _say_ready(self) -> None:
        if self.hindrance is None and not self._announced:
            self._announced = True
            self._announce()

    def _consumer_settings(self) -> dict[str, Any]:
        return self._cluster.for_confluent() | {
            "client.id": f"relevo-{PUBLISHER}",
            "group.id": self._cluster.group(PUBLISHER),
            "session.timeout.ms": SESSION_SECONDS * 1000,
            "heartbeat.interval.ms": HEARTBEAT_SECONDS * 1000,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "log_level": 3,
        }

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """Show metrics, and have a watchdog look."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # a second series of each
        registry = CollectorRegistry()
        registry.register(self)
        window = Window(self._metrics, registry, self)
        watchdog = Watchdog(self._sightings, patience_seconds=HANGS_SECONDS)
        window.open()
        watchdog.start()
        try:
            yield
        finally:
            watchdog.stop()
            window.close()

    def _sightings(self) -> list[Sighting]:
        return [Sighting(PUBLISHER, self._waits_for is None, self._stirred_at)]

    def collect(self) -> Iterator[Metric]:
        """Yield what is shown: a collector, as prometheus-client calls it."""
        turn = self._turn
        yield _gauge("relevo_ready", "1 while it publishes, or stands by.", float(self.hindrance is None))
        partition = {"partition": "0"}
        waits = float(self._waits_for is not None)
        yield _gauge("relevo_waiting", "1 while it waits for the store or a broker.", waits, **partition)
        yield _gauge(
            "relevo_fences", "How often another had taken its turn.", float(self._fences), **partition
        )
        said = CounterMetricFamily("relevo_totals_said", "Totals that were published.", labels=["worker"])
        said.add_metric([PUBLISHER], self._said)
        yield said
        if turn is None or turn.look is None:
            return
        yield _gauge("relevo_totals", "Totals that the topic holds.", float(len(turn.board)))
        yield _gauge("relevo_totals_look_seconds", "How long the last look took.", turn.look_seconds)
        as_of = turn.look.as_of.timestamp()
        yield _gauge("relevo_totals_timestamp_seconds", "As of when they are, in seconds since 1970.", as_of)


def _gauge(name: str, sentence: str, value: float, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, sentence, labels=["worker", *labels])
    family.add_metric([PUBLISHER, *labels.values()], value)
    return family
