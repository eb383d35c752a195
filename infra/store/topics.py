"""The topics that a store was filled from, as it remembers them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from infra.store.bulk import insert_rows
from infra.store.tables import topics


class KnownTopic(NamedTuple):
    """A topic: ``topic_id`` is the brokers' own, and another one is another topic, whatever its name."""

    name: str
    topic_id: str
    partitions: int


def remember(connection: Connection, found: Sequence[KnownTopic]) -> dict[str, KnownTopic]:
    """Remember topics that were not known; return what is known now, by name."""
    rows = connection.execute(select(topics).where(topics.c.name.in_([one.name for one in found])))
    known = {row.name: KnownTopic(row.name, row.topic_id, row.partitions) for row in rows}
    fresh = [one for one in found if one.name not in known]
    insert_rows(connection, topics, [one._asdict() for one in fresh])
    return known | {one.name: one for one in fresh}
