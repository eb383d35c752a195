"""Who may do what on the brokers: the least that each worker needs, read off the catalogue of topics.

A worker reads what it hears, writes what it speaks, is a member of its group, and compares the tenant's
topics with the store when it starts. The publisher of the numbers has a transactional id besides; those who
only say facts have no more than that. Nobody but an operator may make a topic, and nobody may change one.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from infra.kafka.cluster import Cluster
from infra.watching import PUBLISHER
from schemas.topics import TOPICS, Topic
from schemas.vocabulary import WorkerName

Operation = Literal["READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS", "CREATE"]
Kind = Literal["topic", "group", "transactional-id"]

OPERATOR = "operator"
"""Who runs ``relevo topics create`` and ``check``, and ``relevo prepare``."""
SPEAKERS = ("intake", "tools")
"""Who says facts and hears nothing: the front door; teams that send, ``relevo say`` and ``relevo import``."""

READERS = (*(name.value for name in WorkerName), PUBLISHER)
WHO = (*READERS, *SPEAKERS, OPERATOR)
"""Everybody who needs leave, in the order of the line."""

_LOOK: tuple[Operation, ...] = ("DESCRIBE", "DESCRIBE_CONFIGS")


class Grant(NamedTuple):
    """Leave to do something with one thing on the brokers; ``name`` is whole, and no pattern."""

    kind: Kind
    name: str
    operations: tuple[Operation, ...]


def grants(cluster: Cluster, who: str) -> list[Grant]:
    """Return all that one of ``WHO`` needs, topics in the order of the line."""
    found = [Grant("topic", cluster.name(topic.name), _on(topic, who)) for topic in TOPICS]
    return [*(one for one in found if one.operations), *_besides(cluster, who)]


def _on(topic: Topic, who: str) -> tuple[Operation, ...]:
    found: list[Operation] = []
    if who in READERS and who in topic.hears:
        found.append("READ")
    if who in topic.speaks or (who == OPERATOR and topic.name == "leads.facts"):  # agreements
        found.append("WRITE")
    if who == OPERATOR:
        found.append("CREATE")
    if who in READERS or who == OPERATOR:
        found += _LOOK
    elif found:
        found.append("DESCRIBE")
    return tuple(found)


def _besides(cluster: Cluster, who: str) -> Iterator[Grant]:
    if who in READERS:
        yield Grant("group", cluster.group(who), ("READ",))
    if who == PUBLISHER:
        yield Grant("transactional-id", cluster.group(who), ("WRITE", "DESCRIBE"))
