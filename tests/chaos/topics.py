"""What the topics hold: every record that was ever sent, with the instant at which the broker had it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kafka import KafkaConsumer, TopicPartition

from infra.wire import RECORD, read_fact
from schemas.entries import Entry, JournalRecord
from schemas.facts import FactEvent, Heartbeat
from schemas.vocabulary import LeadId
from tests.infra.kafka.lines import Line, instant_of


@dataclass(frozen=True)
class Sent:
    """A record as a topic has it."""

    partition: int
    had_at: datetime
    value: bytes

    @property
    def received_at(self) -> datetime:
        """When the log had it."""
        return self.had_at

    @property
    def is_heartbeat(self) -> bool:
        """Whether the sequencer said it to itself."""
        fact = read_fact(self.value)
        return isinstance(fact, FactEvent) and isinstance(fact.data.fact, Heartbeat)

    @property
    def record(self) -> JournalRecord:
        """What it says."""
        return RECORD.validate_json(self.value)


def sent(line: Line, topic: str) -> Iterator[Sent]:
    """Yield the records of a topic, each partition's in its order."""
    ends = line.ends(topic)
    consumer = KafkaConsumer(**line.cluster.for_kafka_python())
    places = {number: TopicPartition(line.cluster.name(topic), number) for number in ends}
    consumer.assign(list(places.values()))
    consumer.seek_to_beginning()
    try:
        while any(consumer.position(place) < ends[number] for number, place in places.items()):
            for place, records in consumer.poll(1000).items():
                for one in records:
                    yield Sent(place.partition, instant_of(one.timestamp), one.value)
    finally:
        consumer.close()


@dataclass
class Heard:
    """What a reader takes of a topic: of each lead the next version, and nothing else."""

    taken: dict[LeadId, int]
    entries: list[tuple[Sent, Entry]]
    repeat_count: int
    early_count: int
    """Records that came before one that lies before them: that one was lost, and both were sent again."""


def heard(records: Iterator[Sent]) -> Heard:
    """Read a topic as a worker does."""
    found = Heard({}, [], 0, 0)
    for one in records:
        record = one.record
        if not isinstance(record, Entry):
            continue
        expected = found.taken.get(record.lead_id, 0) + 1
        if record.version == expected:
            found.taken[record.lead_id] = expected
            found.entries.append((one, record))
        elif record.version < expected:
            found.repeat_count += 1
        else:
            found.early_count += 1
    return found
