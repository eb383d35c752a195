"""The sequencer's heartbeat: twice a second a fact that says nothing, so that the log's time comes on.

Read back, it becomes a tick behind everything that came before it in the log. There is one on its way at a
time: while the sequencer has a backlog, no tick could pass it anyway. What the broker stamped it with is held
against this machine's clock: when the two are far apart, one of them is wrong, and every deadline with it.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from infra.kafka.errors import ClocksDiffer, HostError, LogHasNoTime
from infra.kafka.producing import Publisher, Receipt, Sending, Undelivered
from infra.time_source import TimeSource
from infra.wire import write_fact
from schemas.facts import TYPE_PREFIX, FactData, FactEvent, Heartbeat

BEAT_SECONDS = 0.5
MOST_APART = timedelta(seconds=30)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


class Heart:
    """Sends heartbeats while the log is this process's to read.

    Args:
        topic: The log of facts, as it is named on the brokers.
        publisher: Its own.
        now: This machine's time.
        next_offset: Says where the sequencer stands; None while the log is not this process's.
        fail: Called with what must stop the worker.
    """

    def __init__(
        self,
        topic: str,
        publisher: Publisher,
        now: TimeSource,
        next_offset: Callable[[], int | None],
        fail: Callable[[HostError], None],
    ) -> None:
        self._topic = topic
        self._publisher = publisher
        self._now = now
        self._next_offset = next_offset
        self._fail = fail
        self._on_its_way: int | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stop.set()
        self._thread.join(timeout=2 * BEAT_SECONDS)

    def beat(self) -> None:
        """Send one heartbeat, unless one is on its way or the log is not this process's.

        Raises:
            HostError: The log's time is not to be relied on.
        """
        next_offset = self._next_offset()
        if next_offset is None or (self._on_its_way is not None and next_offset <= self._on_its_way):
            return
        before = self._now()
        try:
            receipt = self._publisher.send([Sending(self._topic, 0, b"relevo", _heartbeat())])
        except Undelivered as error:
            _log.warning("A heartbeat was not taken: %s", error)
            return
        if receipt is not None:
            self._on_its_way = receipt.offset
            self._compare(receipt, before, self._now())

    def _compare(self, receipt: Receipt, before: datetime, after: datetime) -> None:
        if receipt.stamped_ms is None:
            raise LogHasNoTime(self._topic)
        stamped = _EPOCH + timedelta(milliseconds=receipt.stamped_ms)
        if not before - MOST_APART <= stamped <= after + MOST_APART:
            raise ClocksDiffer(
                f"the log stamped a record {stamped.isoformat()} when this machine's clock said "
                f"{after.isoformat()}; set both by NTP, then start the worker again"
            )

    def _run(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                self.beat()
            except HostError as error:
                self._fail(error)
                return


def _heartbeat() -> bytes:
    event = FactEvent(
        id=uuid4().hex,
        source="relevo",
        type=f"{TYPE_PREFIX}heartbeat",
        data=FactData(fact=Heartbeat()),
    )
    return write_fact(event)
