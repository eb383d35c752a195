"""The other end's: how far each destination's queue has been filled, and what became of each delivery.

Nothing on the line knows them. A delivery is one row of the timeline on its way to one destination; it holds
no words of its own, so that there is nothing to blank when somebody is forgotten.
"""

from sqlalchemy import Column, Index, Integer, Table, Text

from infra.store.columns import BIG, UtcInstant
from infra.store.tables import metadata

destinations = Table(
    "destinations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_id", BIG, nullable=False),
    Column("holder", Text),
    Column("held_until", UtcInstant),
    Column("disabled_at", UtcInstant),
    Column("disabled_because", Text),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("lead_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", UtcInstant, nullable=False),
    Column("next_at", UtcInstant, nullable=False),
    Column("settled_at", UtcInstant),
    Column("answer", Text),
)
Index("deliveries_waiting", deliveries.c.destination, deliveries.c.status, deliveries.c.lead_id)
