"""The tables of the edges: how far each source has been fetched, and what was said to the outside.

They stand apart from ``infra.store.tables`` because nothing on the line knows them. A row that was taken is
remembered by a keyed hash of its content, so that reading it again, from the same file or another, says
nothing twice. A delivery is one row of the timeline on its way to one destination; it holds no words of its
own, so that there is nothing to blank when somebody is forgotten.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from infra.store.columns import BIG, UtcInstant
from infra.store.tables import metadata

__all__ = ["deliveries", "destinations", "metadata", "pulled_files", "pulled_rows", "pulls"]

pulls = Table(
    "pulls",
    metadata,
    Column("source", Text, primary_key=True),
    Column("position", Text, nullable=False),
    Column("version", BIG, nullable=False),
)

pulled_rows = Table(
    "pulled_rows",
    metadata,
    Column("source", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

pulled_files = Table(
    "pulled_files",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    sqlite_with_rowid=False,
)

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
