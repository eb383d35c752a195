"""Sending records, in order, until every one of them is acknowledged.

An idempotent producer of librdkafka: it numbers what it sends, so that its own retries neither repeat nor
reorder. It may still lose one record and deliver later ones (a record that timed out, say), so after any
error it is thrown away, and whoever sent begins again with what the outbox holds. One ``Publisher`` is one
thread's.

A ``SoleVoice`` is for what strangers read, who know nothing of our numbers: all records of a call stand or
none does, and of two processes of one name the brokers hear the one that began last.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Message, Producer

from infra.kafka.cluster import Cluster
from infra.kafka.thinned import LIBRDKAFKA
from schemas.topics import LARGEST_RECORD_BYTES

GIVE_UP_SECONDS = 10
"""How long a record may stay undelivered before the sender is told; it then sends again."""

_POLL_SECONDS = 0.1
_ANSWER_SECONDS = 1.0
_UNSENDABLE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.RECORD_LIST_TOO_LARGE}


class Undelivered(Exception):
    """A record was not acknowledged: a broker is away, or refuses it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the broker said of the last record sent.

    ``stamped_ms`` is when the log had it (milliseconds since 1970), or None: the log does not say.
    """

    offset: int
    stamped_ms: int | None


@dataclass(frozen=True, slots=True)
class Sending:
    """One record on its way to a partition of a topic; the topic's name is that on the brokers."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


def _settings(cluster: Cluster, name: str) -> dict[str, Any]:
    return cluster.for_confluent() | {
        "client.id": name,
        "enable.idempotence": True,
        "acks": "all",
        "linger.ms": 5,
        "compression.type": "lz4",
        "message.max.bytes": LARGEST_RECORD_BYTES,
        "message.timeout.ms": GIVE_UP_SECONDS * 1000,
        "queue.buffering.max.messages": 1_000_000,
        "log_level": 3,
    }


class Publisher:
    """Sends records and waits until they are acknowledged."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._settings = _settings(cluster, name)
        self._producer: Producer | None = None

    def send(self, records: Sequence[Sending], is_late: Callable[[], bool] = bool) -> Receipt | None:
        """Send records in their order; return when every one of them is acknowledged.

        Args:
            records: What to send.
            is_late: Says whether there is no more time to wait for acknowledgements.

        Returns:
            What the broker said of the one that was acknowledged last; None if there was none to send.

        Raises:
            Undelivered: One was not, or it is late; those behind it may have been.
        """
        if not records:
            return None
        if self._producer is None:
            self._producer = Producer(self._settings, logger=LIBRDKAFKA)
        delivery = _Delivery(len(records))
        try:
            for one in records:
                self._produce(self._producer, one, delivery)
            while delivery.left and delivery.error is None:
                self._producer.poll(_POLL_SECONDS)
                if is_late() and delivery.left and delivery.error is None:
                    delivery.error = f"{records[-1].topic}: not acknowledged by the time to stop"
        except KafkaException as error:
            self.close()
            raise Undelivered(str(error)) from error
        if delivery.error is not None:
            self.close()
            raise Undelivered(delivery.error)
        return delivery.receipt

    def _produce(self, producer: Producer, one: Sending, delivery: "_Delivery") -> None:
        while delivery.error is None:
            try:
                producer.produce(
                    one.topic, one.value, one.key, partition=one.partition, on_delivery=delivery.told
                )
            except BufferError:
                producer.poll(_POLL_SECONDS)
            else:
                return

    def close(self) -> None:
        """Throw the producer away, with whatever it had not sent."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.poll(0)
            self._producer = None


class _Delivery:
    """How one call of ``send`` is getting on."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.error: str | None = None
        self.receipt: Receipt | None = None

    def told(self, error: KafkaError | None, message: Message) -> None:
        """Take note of one record's fate."""
        self.left -= 1
        if error is None:
            kind, timestamp = message.timestamp()
            stamped = timestamp if kind == TIMESTAMP_LOG_APPEND_TIME else None
            self.receipt = Receipt(message.offset() or 0, stamped)
        elif self.error is None:
            what = f"{message.topic()}/{message.partition()}"
            hint = "; raise max.message.bytes (relevo topics check)" if error.code() in _UNSENDABLE else ""
            self.error = f"{what}: {error.str()}{hint}"


class SoleVoice:
    """Sends records in transactions, as the only process of its name.

    Args:
        cluster: The brokers.
        name: Whose voice it is.
        is_late: Says whether there is no more time to wait for the brokers.
    """

    def __init__(self, cluster: Cluster, name: str, is_late: Callable[[], bool] = bool) -> None:
        self._settings = _settings(cluster, name) | {"transactional.id": cluster.group(name)}
        self._is_late = is_late
        self._producer: Producer | None = None

    def begin(self) -> None:
        """Become the one that is heard: what another had begun to send is taken back.

        Raises:
            Undelivered: The brokers are away, or refuse.
        """
        try:
            self._producer = Producer(self._settings, logger=LIBRDKAFKA)
            self._wait_for(self._producer.init_transactions)
        except KafkaException as error:
            self.close()
            raise Undelivered(str(error)) from error

    def send(self, records: Sequence[Sending]) -> None:
        """Send records, all or none; return when all of them stand.

        Raises:
            Undelivered: Another is heard now, or the brokers are away; ``begin`` again.
        """
        if not records or self._producer is None:
            return
        try:
            self._producer.begin_transaction()
            for one in records:
                self._produce(self._producer, one)
            self._wait_for(self._producer.commit_transaction)
        except KafkaException as error:
            self.close()
            raise Undelivered(str(error)) from error

    def _wait_for(self, answer: Callable[[float], None]) -> None:
        """Wait for an answer of the brokers', a while at a time: librdkafka hears no signal meanwhile."""
        gives_up_at = time.monotonic() + GIVE_UP_SECONDS
        while True:
            try:
                answer(_ANSWER_SECONDS)
            except KafkaException as error:
                if not error.args[0].retriable() or self._is_late() or time.monotonic() > gives_up_at:
                    raise
            else:
                return

    def _produce(self, producer: Producer, one: Sending) -> None:
        while True:
            try:
                producer.produce(one.topic, one.value, one.key, partition=one.partition)
            except BufferError:
                producer.poll(_POLL_SECONDS)
            else:
                return

    def close(self) -> None:
        """Throw the producer away; what it had begun to send is taken back by whoever begins next."""
        if self._producer is not None:
            self._producer.purge()
            self._producer = None
