"""The hosts' own: positions, states and timers; what the sequencer knows by; the log of one machine.

Nobody but Relevo reads them. Identifiers are kept as keyed hashes (``identities``, ``clues``); personal data
stands in ``records`` alone, which are deleted once they are decided.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from infra.store.columns import BIG, UtcInstant
from infra.store.tables import metadata

positions = Table(
    "positions",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BIG, nullable=False),
    Column("version", BIG, nullable=False),
    Column("clock", UtcInstant),
    Column("seq", BIG, nullable=False, server_default="0"),
    Column("cursor", Text),
)

states = Table(
    "states",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("state", Text),
    Column("taken", BIG, nullable=False),
    Column("said", BIG, nullable=False),
    Column("last_seq", BIG, nullable=False),
    Column("frontier", Text),
    Column("owes", Boolean, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": "70"},
)

timers = Table(
    "timers",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("due_at", UtcInstant, nullable=False),
    sqlite_with_rowid=False,
)
Index("timers_due", timers.c.worker, timers.c.partition, timers.c.due_at, timers.c.lead_id, timers.c.kind)

outbox = Table(
    "outbox",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("version", BIG, primary_key=True),
    Column("records", LargeBinary, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("lead_id", Text, nullable=False, index=True),
    Column("erased", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("seq", BIG, nullable=False),
    sqlite_with_rowid=False,
)

merges = Table(
    "merges",
    metadata,
    Column("absorbed", Text, primary_key=True),
    Column("from_seq", BIG, primary_key=True),
    Column("survivor", Text, nullable=False, index=True),
    Column("to_seq", BIG),
)

agreements = Table(
    "agreements",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("effective_at", UtcInstant, nullable=False),
    Column("document", Text, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("import_id", Text, primary_key=True),
    Column("opened_seq", BIG, nullable=False),
    Column("closed_seq", BIG),
)

clues = Table(
    "clues",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("letter", BIG, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

records = Table(
    "records",
    metadata,
    Column("offset", BIG, primary_key=True, autoincrement=True),
    Column("received_at", UtcInstant, nullable=False),
    Column("value", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    Column("name", Text, primary_key=True),
    Column("topic_id", Text, nullable=False),
    Column("partitions", Integer, nullable=False),
)
