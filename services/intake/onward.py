"""Where facts go on from the store: nowhere on one machine; else to ``leads.facts``, for workers on Kafka."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from infra.embedded.front_writer import Arrived, Onward
from infra.settings import read_settings
from infra.store.database import Database
from infra.store.topics import known_topics, prefix_of


def prefix_in(database: Database) -> str | None:
    """Return what the topics begin with that a store is filled from; None: it is the log itself."""
    with database.reading() as connection:
        known = known_topics(connection)
    return prefix_of(known) if known else None


@contextmanager
def onward(store: str, prefix: str | None) -> Iterator[Onward]:
    """Carry facts on while this is open.

    Args:
        store: The store's address.
        prefix: From ``prefix_in``.

    Raises:
        ClusterWrong: The settings of the brokers do not go together.
    """
    if prefix is None:
        yield Arrived()
        return
    from infra.kafka.cluster import cluster_of  # noqa: PLC0415 - its clients are optional
    from infra.kafka.facts_topic import FactsTopic  # noqa: PLC0415
    from infra.kafka.front_relay import Relay  # noqa: PLC0415

    settings = replace(read_settings(os.environ).kafka, prefix=prefix)
    relay = Relay(store, FactsTopic(cluster_of(settings), "relevo-intake").append)
    try:
        yield relay
    finally:
        relay.finish()
