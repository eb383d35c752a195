"""The front door's: every authentic request as it came, what was made of it, and how far fetching has come.

A row that was fetched is remembered by a keyed hash of its content, so that reading it again, from the same
file or another, says nothing twice. Personal data stands in ``originals``.
"""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from infra.store.columns import BIG, UtcInstant
from infra.store.tables import metadata

originals = Table(
    "originals",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("received_at", UtcInstant, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary),
    Column("verified", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("originals_source", originals.c.source, originals.c.id)

made_facts = Table(
    "made_facts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("original_id", BIG, nullable=False, index=True),
    sqlite_with_rowid=False,
)

told_again = Table(
    "told_again",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("original_id", BIG, primary_key=True),
    sqlite_with_rowid=False,
)

mappings = Table(
    "mappings",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("document", Text, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_id", BIG, nullable=False),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("revoked_at", UtcInstant),
)

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
