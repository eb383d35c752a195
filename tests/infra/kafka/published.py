"""The published numbers as a stranger reads them: what was committed, and of each key the newest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from infra.kafka.cluster import Cluster
from infra.kafka.routes import TOTALS
from schemas.metrics import MetricRow, Total

Record = tuple[str, bytes | None]
"""Key and value."""


def records(cluster: Cluster, topic: str, number: int = 0) -> list[Record]:
    """Return what a client that only reads what was committed finds in a partition."""
    consumer = KafkaConsumer(**cluster.for_kafka_python(), isolation_level="read_committed")
    place = TopicPartition(cluster.name(topic), number)
    consumer.assign([place])
    end = consumer.end_offsets([place])[place]
    found: list[Record] = []
    consumer.seek_to_beginning(place)
    while consumer.position(place) < end:
        found += [(one.key.decode(), one.value) for one in consumer.poll(1000).get(place, [])]
    consumer.close()
    return found


@dataclass
class Published:
    """What the topic says.

    Attributes:
        newest: The newest total of each key that was not taken off.
        stale: Keys of totals that came with no higher revision than the one before.
    """

    newest: dict[str, Total] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)

    @property
    def plain(self) -> dict[str, dict[str, Any]]:
        """The newest, as rows of ``relevo metrics --json``."""
        return {key: plain(total) for key, total in self.newest.items()}


def published(cluster: Cluster) -> Published:
    """Return what the topic of the numbers says."""
    return _folded(records(cluster, TOTALS))


def _folded(found: Iterable[Record]) -> Published:
    said = Published()
    for key, value in found:
        before = said.newest.pop(key, None)
        if value is None:
            continue
        total = said.newest[key] = Total.model_validate_json(value)
        if before is not None and total.revision <= before.revision:
            said.stale.append(key)
    return said


def plain(total: MetricRow) -> dict[str, Any]:
    """Return a total as a row of ``relevo metrics --json``."""
    return total.model_dump(mode="json", exclude={"revision", "as_of"})
