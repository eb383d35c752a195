"""The topics on the brokers: made from the catalogue, compared with it, described.

``wanted`` says what a topic should be: partitions, replication and the settings on which the protocol rests.
``create`` makes what is missing and touches nothing else; ``check`` names every difference and what to do
about it. Retention may be longer than the catalogue's: what counts is that a record is still there when its
reader comes back.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from infra.kafka.cluster import Cluster
from infra.kafka.errors import BrokersAway
from schemas.topics import LARGEST_RECORD_BYTES, TOPICS, Kept, Topic

RETENTION = timedelta(days=14)
"""How long a worker may be away before it must be rebuilt."""

_UNKNOWN_TOPIC = 3
_FOREVER = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a topic should be."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a topic is.

    ``topic_id`` is the brokers' own: another one is another topic, whatever its name.
    """

    name: str
    topic_id: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


class Mismatch(NamedTuple):
    """One thing about a topic that is not as it should be."""

    topic: str
    what: str
    wanted: str
    found: str
    remedy: str


def wanted(cluster: Cluster, partitions: int, replication: int) -> list[Wanted]:
    """Return what the tenant's topics should be, in the order of the line."""
    return [
        Wanted(
            cluster.name(topic.name),
            topic.partitions or partitions,
            replication,
            _settings(topic, replication),
        )
        for topic in TOPICS
    ]


def _settings(topic: Topic, replication: int) -> dict[str, str]:
    return {
        "cleanup.policy": "compact" if topic.kept == "newest per key" else "delete",
        "retention.ms": str(_retention_ms(topic.kept)),
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(LARGEST_RECORD_BYTES),
        "min.insync.replicas": str(max(1, replication - 1)),
        "unclean.leader.election.enable": "false",
    }


def _retention_ms(kept: Kept) -> int:
    return _FOREVER if kept == "newest per key" else int(RETENTION.total_seconds() * 1000)


class Administration:
    """The topics of one tenant."""

    def __init__(self, cluster: Cluster, admin: KafkaAdminClient) -> None:
        self._cluster = cluster
        self._admin = admin

    def found(self) -> dict[str, Found]:
        """Return the tenant's topics that there are, by name."""
        names = [self._cluster.name(topic.name) for topic in TOPICS]
        described = {one["name"]: one for one in self._admin.describe_topics(names)}
        there = [name for name in names if described[name]["error_code"] != _UNKNOWN_TOPIC]
        settings = self._found_settings(there)
        return {name: _found(described[name], settings[name]) for name in there}

    def _found_settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        described = self._admin.describe_configs(resources, config_filter="all")["topic"]
        return {name: {key: str(one["value"]) for key, one in described[name].items()} for name in names}

    def create(self, partitions: int, replication: int) -> list[Wanted]:
        """Make the topics that are not there; return those that were made."""
        there = self.found()
        missing = [one for one in wanted(self._cluster, partitions, replication) if one.name not in there]
        made = []
        for one in missing:
            new = NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.settings))
            try:
                self._admin.create_topics([new])
            except TopicAlreadyExistsError:  # another process makes them, too
                continue
            made.append(one)
        self._admin.wait_for_topics([one.name for one in missing])  # brokers hear of it later
        return made

    def check(self, partitions: int | None = None, replication: int | None = None) -> list[Mismatch]:
        """Return everything that is not as it should be.

        Args:
            partitions: How many partitions the topics by lead should have; None: as many as the journal.
            replication: How many copies; None: as many as the topic with the most.
        """
        there = self.found()
        partitions = partitions or _count(self._cluster, there)
        replication = replication or max((one.replication for one in there.values()), default=1)
        return [
            mismatch
            for one in wanted(self._cluster, partitions, replication)
            for mismatch in _mismatches(one, there.get(one.name))
        ]


def _found(described: Mapping[str, Any], settings: Mapping[str, str]) -> Found:
    copies = min(len(partition["replica_nodes"]) for partition in described["partitions"])
    return Found(
        described["name"], str(described["topic_id"]), len(described["partitions"]), copies, settings
    )


def _count(cluster: Cluster, there: Mapping[str, Found]) -> int:
    journal = there.get(cluster.name("leads.journal"))
    return 1 if journal is None else journal.partitions


def _mismatches(one: Wanted, found: Found | None) -> Iterator[Mismatch]:
    if found is None:
        yield Mismatch(one.name, "topic", "is there", "is missing", "run relevo topics create")
        return
    if found.partitions != one.partitions:
        yield Mismatch(one.name, "partitions", str(one.partitions), str(found.partitions), _PARTITIONS)
    if found.replication < one.replication:
        remedy = "reassign the topic's partitions to more brokers (kafka-reassign-partitions)"
        yield Mismatch(one.name, "replication", str(one.replication), str(found.replication), remedy)
    for name, value in one.settings.items():
        is_found = found.settings.get(name, "")
        if not _serves(name, value, is_found):
            remedy = f"set it: kafka-configs --alter --topic {one.name} --add-config {name}={value}"
            yield Mismatch(one.name, name, value, is_found, remedy)


_PARTITIONS = (
    "leads stay in the partition that their id gives, so this number cannot be changed in place: begin a new "
    "tenant (a prefix and a database) with the number wanted, and send it the facts"
)


def _serves(name: str, value: str, found: str) -> bool:
    """Say whether a setting is as it should be, or better."""
    if name == "retention.ms":
        return (
            found == value or int(found) == _FOREVER or (int(value) != _FOREVER and int(found) >= int(value))
        )
    if name in ("max.message.bytes", "min.insync.replicas"):
        return int(found) >= int(value)
    return found == value


def expect_an_answer(cluster: Cluster, seconds: float) -> None:
    """Return when somebody listens at one of the brokers' addresses.

    Raises:
        BrokersAway: Nobody does.
    """
    problems = []
    for server in cluster.servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()
        except (OSError, ValueError) as error:
            problems.append(f"{server}: {error}")
        else:
            return
    raise BrokersAway(f"no broker answers ({'; '.join(problems) or 'none is named'}); see RELEVO_KAFKA")


@contextmanager
def administration(cluster: Cluster, seconds: float = 10) -> Iterator[Administration]:
    """Speak to the brokers about topics.

    Raises:
        BrokersAway: None answers within ``seconds``, or we are not let in.
    """
    expect_an_answer(cluster, seconds)
    try:
        admin = KafkaAdminClient(
            **cluster.for_kafka_python(),
            client_id="relevo-topics",
            request_timeout_ms=int(seconds * 1000),
            bootstrap_timeout_ms=int(seconds * 1000),
        )
    except (KafkaError, OSError) as error:
        raise BrokersAway(_in_words(cluster, error)) from error
    try:
        yield Administration(cluster, admin)
    except KafkaError as error:
        raise BrokersAway(_in_words(cluster, error)) from error
    finally:
        admin.close()


def _in_words(cluster: Cluster, error: Exception) -> str:
    return f"{cluster.bootstrap} ({cluster.security}): {' '.join(str(error).split()) or type(error).__name__}"
