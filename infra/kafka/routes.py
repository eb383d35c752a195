"""Which topic a worker reads and which it writes, and to which partition a record goes.

Read off the catalogue: the topic that names the worker among those who hear is its input, the one that names
it among those who speak its output. A relaying worker writes the partition that it reads; the sequencer
writes all of them, by lead. What the line's end says is for others, in a form of its own: a notice a record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from infra.commit import Outgoing
from infra.kafka.cluster import Cluster
from infra.kafka.producing import Sending
from infra.wire import NOTICE, read_record
from schemas.alerts import Notice
from schemas.entries import Entry
from schemas.topics import TOPICS, Topic, partition_of
from schemas.vocabulary import WorkerName

FACTS, JOURNAL, DEAD, NOTICES = "leads.facts", "leads.journal", "leads.dead", "alerts.notices"
TOTALS = "metrics.totals"

Address = Callable[[Sequence[Outgoing]], Iterator[Sending]]
"""Says where each outgoing record goes."""


def input_of(worker: WorkerName) -> Topic:
    """Return the topic that a worker reads."""
    return next(topic for topic in TOPICS if worker in topic.hears)


def output_of(worker: WorkerName) -> Topic | None:
    """Return the topic that a worker writes; None for one whose word is the store's alone."""
    said = (topic for topic in TOPICS if worker in topic.speaks and topic.name not in (FACTS, DEAD))
    return next(said, None)


@dataclass(frozen=True, slots=True)
class Partitions:
    """How many partitions a tenant's topics have: those keyed by lead, and the notices'."""

    leads: int
    notices: int


def address(cluster: Cluster, worker: WorkerName, number: int, partitions: Partitions) -> Address:
    """Return who says where a worker's records go.

    Args:
        cluster: Whose names they are.
        worker: Who speaks.
        number: The partition that it reads.
        partitions: How many there are.
    """
    return _LettersApart(cluster.name(DEAD), _spread(cluster, worker, number, partitions))


_Spread = Callable[[Outgoing], Iterable[Sending]]


def _spread(cluster: Cluster, worker: WorkerName, number: int, partitions: Partitions) -> _Spread:
    """Return who says where one record goes that is no dead letter."""
    output = output_of(worker)
    if worker is WorkerName.SEQUENCER:
        return _Sequencer(cluster.name(JOURNAL), partitions.leads)
    if worker is WorkerName.ALERTS:
        return _Notices(cluster.name(NOTICES), partitions.notices)
    return _nowhere if output is None else _Relay(cluster.name(output.name), number)


def _nowhere(_: Outgoing) -> tuple[Sending, ...]:
    return ()


def _key(one: Outgoing) -> bytes | None:
    return None if one.lead_id is None else one.lead_id.encode()


@dataclass(frozen=True, slots=True)
class _LettersApart:
    dead: str
    spread: _Spread

    def __call__(self, outgoing: Sequence[Outgoing]) -> Iterator[Sending]:
        for one in outgoing:
            if one.is_letter:
                yield Sending(self.dead, 0, None, one.value)
            else:
                yield from self.spread(one)


@dataclass(frozen=True, slots=True)
class _Relay:
    topic: str
    number: int

    def __call__(self, one: Outgoing) -> Iterator[Sending]:
        yield Sending(self.topic, self.number, _key(one), one.value)


@dataclass(frozen=True, slots=True)
class _Sequencer:
    journal: str
    partitions: int

    def __call__(self, one: Outgoing) -> Iterator[Sending]:
        if one.lead_id is not None:
            yield Sending(self.journal, partition_of(one.lead_id, self.partitions), _key(one), one.value)
            return
        for number in range(self.partitions):
            yield Sending(self.journal, number, None, one.value)


@dataclass(frozen=True, slots=True)
class _Notices:
    topic: str
    partitions: int

    def __call__(self, one: Outgoing) -> Iterator[Sending]:
        record = read_record(one.value)
        if not isinstance(record, Entry):
            return
        for said in record.conclusions:
            if isinstance(said.body, Notice):
                yield notice_sending(said.body, self.topic, self.partitions)


def notice_sending(notice: Notice, topic: str, partitions: int) -> Sending:
    """Return a notice on its way to its topic, by its alert."""
    alert_id = notice.alert.alert_id
    return Sending(topic, partition_of(alert_id, partitions), alert_id.encode(), NOTICE.dump_json(notice))
