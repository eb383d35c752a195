"""Faust's aiokafka driver, taught to hand each partition's records over together.

Faust delivers one event at a time, and an event costs it more than deciding one costs us. So each fetch hands
over one message a partition, whose value is everything that was fetched (``Fetched``). What else is
overridden here is where Faust and this protocol disagree: where to read on is in the store and not in the
group's offsets, which are committed for displays alone; nothing is fetched before a partition has been taken
over; and a rebalance waits for the batches in hand.

Every private name that is overridden or used is listed in ``infra.kafka.pinned`` with its signature, and
checked when a worker starts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from infra.kafka.crew import Crew
from infra.kafka.errors import PositionOutsideLog
from infra.kafka.work import Fetched

SCHEME = "relevo"

SHORT_WAIT_SECONDS = 0.02
"""How long a fetch waits while some partitions are not asked because they are busy."""

COMMIT_SECONDS = 2
"""How long giving partitions back waits for the offsets to be committed: they are for displays."""


AWAY_SECONDS = 2
"""How long starting waits between two tries while no broker answers."""

_log = logging.getLogger(__name__)


async def start_when_there(start: Callable[[], Awaitable[None]], give_back: Callable[[], Any]) -> None:
    """Start a client of the brokers; while none of them answers, say so and try again.

    Args:
        start: Starts it, each time a new one.
        give_back: Returns the client that did not come up, to be stopped.
    """
    while True:
        try:
            return await start()
        except KafkaConnectionError as error:
            await give_back().stop()
            _log.warning("Waiting: %s", error)
        await asyncio.sleep(AWAY_SECONDS)


class NothingRead(dict[TP, int | None]):
    """Says of every partition that nothing was read.

    Faust drops what lies before the last offset that it read, silently; after reading on from an earlier one
    that would be everything. What was decided is known to the partition itself.
    """

    def __getitem__(self, tp: TP) -> int | None:
        return None


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that speaks to the brokers."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._begins: dict[TP, int] = {}
        """Where the next fetch of a partition begins; changed on this thread's loop alone."""

    async def on_start(self) -> None:
        """Start, when there is a broker."""
        await start_when_there(super().on_start, self._ensure_consumer)

    async def on_thread_stop(self) -> None:
        """Stop; also while the client waits to ask a broker again that is away.

        aiokafka cancels what waits, and then raises the cancellation as if this thread had been cancelled: it
        would end without a word to whoever waits for it, and the process would hang.
        """
        try:
            await super().on_thread_stop()
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is None or own.cancelling():
                raise

    def _create_worker_consumer(self, transport: "Transport") -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust ties it to its own transactions
        return consumer

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget where fetches begin: one that waits now may come back with the next assignment's records."""
        self._begins.clear()
        await super().on_partitions_revoked(revoked)

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        self._begins.update(partitions)
        await super()._seek_wait(consumer, partitions)

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> dict[TP, list[Fetched]]:
        found = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        # Nothing else runs on this loop between the fetch and here, so no seek can have come between.
        return {tp: [self._together(tp, records)] for tp, records in found.items() if tp in self._begins}

    def _together(self, tp: TP, records: list[Any]) -> Fetched:
        fetched = Fetched(tp.partition, self._begins[tp], records)
        self._begins[tp] = fetched.end
        return fetched

    def unread(self, tp: TP) -> int:
        """Return how many offsets of a partition were not fetched, as far as this process has heard."""
        assignment = self._ensure_consumer()._subscription.subscription.assignment  # noqa: SLF001
        state = None if assignment is None or tp not in assignment.tps else assignment.state_value(tp)
        if state is None or not state.has_valid_position or state.lso is None:
            return 0
        return max(0, int(state.lso) - int(state.position))

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        mine = {
            TopicPartition(*tp): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
            if tp in self.assignment()
        }
        try:
            await self._ensure_consumer().commit(mine)
        except KafkaError as error:  # for displays alone: no reason to stop
            self.log.info("Offsets were not committed: %s", error)
            return False
        return True


class Consumer(driver.Consumer):  # type: ignore[misc]
    """The consumer, on the application's loop."""

    _thread: ConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_offset = NothingRead()
        self.crew: Crew = self.app.crew
        self.crew.reading = self

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # --- where to read

    async def perform_seek(self) -> None:
        """Take over what was assigned; Faust calls this behind each rebalance, before the first fetch."""
        if self.app.rebalanced:  # it is also called, needlessly, when a fetch ends in the midst of one
            self.app.rebalanced = False
            await self.crew.seat(tp.partition for tp in self.assignment())

    async def read_from(self, number: int, offset: int) -> None:
        """Read a partition from an offset on.

        Raises:
            PositionOutsideLog: The log does not have it.
        """
        tp = TP(self.app.hears, number)
        if tp not in self.assignment():
            return
        await self._expect_within(tp, offset)
        await self.seek_wait({tp: offset})

    def unread(self, number: int) -> int:
        """Return how many offsets of a partition were not fetched, as far as this process has heard."""
        return self._thread.unread(TP(self.app.hears, number))

    async def _expect_within(self, tp: TP, offset: int) -> None:
        first = (await self.earliest_offsets(tp))[tp]
        end = (await self.highwaters(tp))[tp]
        if not first <= offset <= end:
            raise PositionOutsideLog(self.app.conf.id, f"{tp.topic}/{tp.partition}", offset, first, end)

    # --- what is read

    async def _getmany(self, active_partitions: set[TP], timeout: float) -> dict[TP, list[Fetched]]:
        wanted = {tp for tp in active_partitions if self.crew.wants(tp.partition)}
        if not wanted:  # to ask for no partition is to ask for all
            await asyncio.sleep(SHORT_WAIT_SECONDS / 4)
            return {}
        wait = timeout if len(wanted) == len(active_partitions) else SHORT_WAIT_SECONDS
        generation = self.app.consumer_generation_id
        found: dict[TP, list[Fetched]] = await super()._getmany(wanted, wait)
        if generation != self.app.consumer_generation_id:  # Faust would drop it without a word
            return {}
        for tp, (fetched,) in found.items():
            if fetched.records[0].offset != fetched.begin:
                await self._expect_no_loss(tp, fetched)
            self.crew.expect(fetched)
        return found

    async def _expect_no_loss(self, tp: TP, fetched: Fetched) -> None:
        """Tell a gap that transactions leave from records that were deleted while we read."""
        try:
            await self._expect_within(tp, fetched.begin)
            if (found := fetched.records[0].offset) < fetched.begin:
                place = f"{tp.topic}/{tp.partition}"
                raise PositionOutsideLog(self.app.conf.id, place, fetched.begin, found, fetched.end)
        except PositionOutsideLog as error:
            self.crew.fail(error)

    def _to_message(self, tp: TP, record: Fetched) -> ConsumerMessage:
        last = record.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            [],
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    # --- giving partitions back

    def stop_flow(self) -> None:
        """Stop: partitions are about to be taken away, or the worker stops."""
        self.crew.unseat()
        super().stop_flow()

    async def wait_empty(self) -> None:
        """Wait for the batches in hand, and commit how far they came."""
        await self.crew.rest()
        try:
            await asyncio.wait_for(self.commit(), COMMIT_SECONDS)
        except TimeoutError:
            self.log.info("Offsets were not committed within %d s.", COMMIT_SECONDS)

    # --- the group's offsets, for displays

    def _filter_tps_with_pending_acks(self, topics: Iterable[Any] | None = None) -> Iterator[TP]:
        return iter([tp for tp in self.assignment() if tp.partition in self.crew.posts])

    def _new_offset(self, tp: TP) -> int | None:
        return self.crew.posts[tp.partition].next_offset or None


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's own producer, which it starts before the consumer; nothing is sent by it."""

    async def on_start(self) -> None:
        """Start, when there is a broker."""
        await start_when_there(super().on_start, self._ensure_producer)


class Transport(driver.Transport):  # type: ignore[misc]
    """The transport of ``relevo://`` addresses."""

    Consumer: ClassVar[type[Consumer]] = Consumer
    Producer: ClassVar[type[Producer]] = Producer


def register() -> None:
    """Make the transport known to Faust under its own scheme."""
    TRANSPORTS.aliases[SCHEME] = f"{Transport.__module__}:{Transport.__qualname__}"
