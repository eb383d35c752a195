"""The log of facts as those see it who append to it: what is said there is safe when brokers have it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending
from infra.kafka.routes import FACTS
from infra.wire import write_fact
from schemas.facts import FactEvent

FACTS_AT_ONCE = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FactsTopic:
    """The log of facts, to be appended to.

    Attributes:
        stamped_at: When the log had what was appended last; None before.
    """

    def __init__(self, cluster: Cluster, name: str = "relevo") -> None:
        self.stamped_at: datetime | None = None
        self._topic = cluster.name(FACTS)
        self._publisher = Publisher(cluster, name)

    def append(self, values: Iterable[bytes]) -> int:
        """Append facts; safe at return. Returns how many there were.

        Raises:
            Undelivered: One was not acknowledged; those before it were.
        """
        count = 0
        for some in _chunks(values):
            receipt = self._publisher.send([Sending(self._topic, 0, None, value) for value in some])
            count += len(some)
            if receipt is not None and receipt.stamped_ms is not None:
                self.stamped_at = _EPOCH + timedelta(milliseconds=receipt.stamped_ms)
        return count

    def say(self, events: Iterable[FactEvent]) -> int:
        """Append facts."""
        return self.append(write_fact(event) for event in events)


def _chunks(values: Iterable[bytes]) -> Iterator[list[bytes]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, FACTS_AT_ONCE)):
        yield chunk
