"""What one partition's thread does: a worker of the line, or the sequencer, over records as Kafka has them.

Both kinds come to the same three verbs (``Work``), so that ``infra.kafka.post`` does not care which it has.
Here is where a record of Kafka becomes what a station takes: an offset and bytes, and for the log of facts
also when the log had it. A record without a value says nothing that can be read, and becomes a dead letter
like anything else that cannot; a key is never looked at, and may be missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from infra.commit import Delivered, Station
from infra.commit_journal import JournalStation, is_heartbeat
from infra.decision import JournalDecision
from infra.journal.ports import LogRecord
from infra.kafka.cloud_events import event_of
from infra.kafka.errors import LogHasNoTime
from infra.kafka.poison import Poison
from schemas.dead_letters import DeadReason

LOG_APPEND_TIME = 1
"""What a record's timestamp is, as the broker numbers it: the instant at which the log had it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaRecord(Protocol):
    """A record as the consumer hands it over."""

    topic: str
    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records of one partition as they were fetched together.

    ``begin`` is the offset that was asked for: between it and the first record nothing can be read (markers
    of transactions), so nothing has been passed over.
    """

    partition: int
    begin: int
    records: Sequence[KafkaRecord]

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return self.records[-1].offset + 1


class Work(Protocol):
    """What a partition's thread asks of whoever works it."""

    def take_over(self) -> int:
        """Make the partition this process's, publish what the outbox holds, and return where to read on."""

    def process(self, records: Sequence[KafkaRecord]) -> None:
        """Decide records and commit."""

    @property
    def close(self) -> Callable[[], None]:
        """Lets go of what it holds."""


@dataclass(frozen=True, slots=True)
class LineWork:
    """A worker downstream of the sequencer; ``close`` lets go of its producer."""

    station: Station
    close: Callable[[], None]

    def take_over(self) -> int:
        """Make the partition this process's."""
        return self.station.take_over()

    def process(self, records: Sequence[KafkaRecord]) -> None:
        """Decide records and commit."""
        self.station.process([Delivered(one.offset, one.value or b"") for one in records])


class JournalWork:
    """The sequencer; ``close`` lets go of its producer.

    Its station is made by ``hire``, which is given whom to tell of each commit.
    """

    def __init__(
        self,
        hire: Callable[[Callable[[JournalDecision], None]], JournalStation],
        close: Callable[[], None],
        told: Callable[[JournalDecision], None],
    ) -> None:
        self._station = hire(self._take_note)
        self._told = told
        self._poison = Poison()
        self._refused: dict[int | None, DeadReason] = {}
        self.close = close

    def take_over(self) -> int:
        """Make the log this process's to read."""
        return self._station.take_over()

    def process(self, records: Sequence[KafkaRecord]) -> None:
        """Decide records and commit.

        Raises:
            TooMuchPoison: Most of the last ones could not be taken.
        """
        self._refused = {}
        taken = [_log_record(one) for one in records]
        self._station.process(taken)
        self._poison.take(self._refused.get(one.offset) for one in taken if not is_heartbeat(one))

    def _take_note(self, decision: JournalDecision) -> None:
        self._refused |= decision.refused
        self._told(decision)


def _log_record(one: KafkaRecord) -> LogRecord:
    if one.timestamp_type != LOG_APPEND_TIME:
        raise LogHasNoTime(one.topic)
    received_at = _EPOCH + timedelta(milliseconds=one.timestamp)
    return LogRecord(one.offset, received_at, event_of(one.value, one.headers))
