"""Which topic a worker reads and which it writes, and to which partition a record goes.

Read off the catalogue: the topic that names the worker among those who hear is its input, the one that names
it among those who speak its output. A relaying worker writes the partition that it reads; the sequencer
writes all of them, by lead. What the line's end says is for others, in a form of its own: a notice a record.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from infra.commit import Outgoing
from infra.kafka.cluster import Cluster
from infra.kafka.producing import Sending
from infra.wire import RECORD
from schemas.alerts import NoticeOpened, NoticeRepeated, NoticeResolved
from schemas.entries import Entry
from schemas.topics import TOPICS, Topic, partition_of
from schemas.vocabulary import WorkerName

FACTS, JOURNAL, DEAD, NOTICES = "leads.facts", "leads.journal", "leads.dead", "alerts.notices"

_NOTICE: TypeAdapter[NoticeOpened | NoticeRepeated | NoticeResolved] = TypeAdapter(
    NoticeOpened | NoticeRepeated | NoticeResolved
)

Address = Callable[[Sequence[Outgoing]], Iterator[Sending]]
"""Says where each outgoing record goes."""


def input_of(worker: WorkerName) -> Topic:
    """Return the topic that a worker reads."""
    return next(topic for topic in TOPICS if worker in topic.hears)


def output_of(worker: WorkerName) -> Topic | None:
    """Return the topic that a worker writes; None for one whose word is the store's alone."""
    said = (topic for topic in TOPICS if worker in topic.speaks and topic.name not in (FACTS, DEAD))
    return next((topic for topic in said if topic.name != "metrics.totals"), None)


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
    dead, output = cluster.name(DEAD), output_of(worker)
    if worker is WorkerName.SEQUENCER:
        return _Sequencer(dead, cluster.name(JOURNAL), partitions.leads)
    if worker is WorkerName.ALERTS:
        return _Notices(dead, cluster.name(NOTICES), partitions.notices)
    return _Nowhere(dead) if output is None else _Relay(dead, cluster.name(output.name), number)


def _letter(dead: str, one: Outgoing) -> Sending | None:
    return Sending(dead, 0, None, one.value) if one.is_letter else None


def _key(one: Outgoing) -> bytes | None:
    return None if one.lead_id is None else one.lead_id.encode()


@dataclass(frozen=True, slots=True)
class _Relay:
    dead: str
    topic: str
    number: int

    def __call__(self, outgoing: Sequence[Outgoing]) -> Iterator[Sending]:
        for one in outgoing:
            yield _letter(self.dead, one) or Sending(self.topic, self.number, _key(one), one.value)


@dataclass(frozen=True, slots=True)
class _Sequencer:
    dead: str
    journal: str
    partitions: int

    def __call__(self, outgoing: Sequence[Outgoing]) -> Iterator[Sending]:
        for one in outgoing:
            if (letter := _letter(self.dead, one)) is not None:
                yield letter
                continue
            if one.lead_id is not None:
                yield Sending(self.journal, partition_of(one.lead_id, self.partitions), _key(one), one.value)
                continue
            for number in range(self.partitions):
                yield Sending(self.journal, number, None, one.value)


@dataclass(frozen=True, slots=True)
class _Notices:
    dead: str
    topic: str
    partitions: int

    def __call__(self, outgoing: Sequence[Outgoing]) -> Iterator[Sending]:
        for one in outgoing:
            if (letter := _letter(self.dead, one)) is not None:
                yield letter
                continue
            record = RECORD.validate_json(one.value)
            if not isinstance(record, Entry):
                continue
            for said in record.conclusions:
                if isinstance(said.body, NoticeOpened | NoticeRepeated | NoticeResolved):
                    alert_id = said.body.alert.alert_id
                    number = partition_of(alert_id, self.partitions)
                    yield Sending(self.topic, number, alert_id.encode(), _NOTICE.dump_json(said.body))


@dataclass(frozen=True, slots=True)
class _Nowhere:
    dead: str

    def __call__(self, outgoing: Sequence[Outgoing]) -> Iterator[Sending]:
        return (letter for one in outgoing if (letter := _letter(self.dead, one)) is not None)
