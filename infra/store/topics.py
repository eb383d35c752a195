"""The topics that a store was filled from, as it remembers them.

A store is filled from topics, by workers on Kafka, or from the log that stands in it, by a line of one
machine; never from both, because a position means a place in one log.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from infra.store.errors import StoreUnusable
from infra.store.tables.hosts import positions, topics

FACTS = "leads.facts"


class KnownTopic(NamedTuple):
    """A topic: ``topic_id`` is the brokers' own, and another one is another topic, whatever its name."""

    name: str
    topic_id: str
    partitions: int


def remember(connection: Connection, found: Sequence[KnownTopic]) -> dict[str, KnownTopic]:
    """Remember topics that were not known; return what is known now, by name.

    Raises:
        StoreUnusable: A line of one machine has filled the store.
    """
    if _is_filled_by_itself(connection):
        raise StoreUnusable(
            "the store holds a line of one machine; give the workers on Kafka a database of their own"
        )
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh = [one._asdict() for one in sorted(found)]  # in order: workers that start together all do this
    connection.execute(dialect.insert(topics).on_conflict_do_nothing(), fresh)
    rows = connection.execute(select(topics).where(topics.c.name.in_([one.name for one in found])))
    return {row.name: KnownTopic(row.name, row.topic_id, row.partitions) for row in rows}


def _is_filled_by_itself(connection: Connection) -> bool:
    """Say whether there are positions, and no topic in which they could be places."""
    first = select(topics.c.name).limit(1), select(positions.c.worker).limit(1)
    topic, position = (connection.execute(one).first() for one in first)
    return topic is None and position is not None


def known_topics(connection: Connection) -> list[KnownTopic]:
    """Return the topics that the store was filled from; none where its log is its own."""
    return [KnownTopic(row.name, row.topic_id, row.partitions) for row in connection.execute(select(topics))]


def prefix_of(known: Sequence[KnownTopic]) -> str:
    """Return what the names of a tenant's topics begin with."""
    facts = next(one.name for one in known if one.name.endswith(FACTS))
    return facts.removesuffix(FACTS)
