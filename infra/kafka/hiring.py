"""Who works a partition: a station over the store, with a producer of its own, put together for one post."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.commit import Outgoing, Publish, Station
from infra.commit_journal import JournalStation
from infra.journal.ports import SequencerRule
from infra.kafka.cluster import Cluster
from infra.kafka.errors import TopicGrew
from infra.kafka.measuring import Measures
from infra.kafka.post import Post
from infra.kafka.producing import Publisher
from infra.kafka.routes import Partitions, address, input_of
from infra.kafka.work import JournalWork, LineWork, Work
from infra.store.database import Database
from infra.watching import Arrival, Watch, watch_nothing, watched
from infra.worker import Worker


@dataclass(frozen=True, slots=True)
class Premises:
    """What every post of a process shares."""

    cluster: Cluster
    database: Database
    partitions: Partitions
    measures: Measures

    def expect_known(self, number: int) -> None:
        """Refuse a partition that was not there when the topics were looked at.

        Raises:
            TopicGrew: It was not.
        """
        topic = input_of(self.measures.worker)
        known = topic.partitions or self.partitions.leads
        if number >= known:
            raise TopicGrew(self.cluster.name(topic.name), known)

    def publish(self, post: Post, publisher: Publisher) -> Publish:
        """Return what sends a post's records."""
        where = address(self.cluster, self.measures.worker, post.number, self.partitions)

        def publish(outgoing: Sequence[Outgoing]) -> None:
            publisher.send(list(where(outgoing)), post.is_late)
            post.stir()

        return publish


def line_workers(worker: Worker, premises: Premises, watch: Watch | None = None) -> Callable[[Post], Work]:
    """Return who hires a worker of the line; ``watch`` looks at the numbers as time comes on."""

    def hire(post: Post) -> Work:
        premises.expect_known(post.number)
        arrive: Arrival = watch_nothing
        if watch is not None:
            arrive = watched(watch, worker.name, post.number, premises.partitions.leads)
        publisher = Publisher(premises.cluster, post.name)
        publish = premises.publish(post, publisher)
        told = premises.measures.told
        station = Station(worker, post.number, premises.database, publish, told, arrive)
        return LineWork(station, publisher.close)

    return hire


def sequencers(rule: SequencerRule, premises: Premises) -> Callable[[Post], Work]:
    """Return who hires the sequencer."""

    def hire(post: Post) -> Work:
        premises.expect_known(post.number)
        publisher = Publisher(premises.cluster, post.name)
        publish = premises.publish(post, publisher)

        def station(told: Callable[..., None]) -> JournalStation:
            return JournalStation(rule, premises.database, publish, told)

        return JournalWork(station, publisher.close, premises.measures.told_by_journal)

    return hire
