"""The tables of what Relevo fetches: how far each source has been read, and what was taken of it.

They stand apart from ``infra.store.tables`` because nothing on the line knows them. A row that was taken is
remembered by a keyed hash of its content, so that reading it again, from the same file or another, says
nothing twice.
"""

from sqlalchemy import Column, LargeBinary, Table, Text

from infra.store.columns import BIG
from infra.store.tables import metadata

__all__ = ["metadata", "pulled_files", "pulled_rows", "pulls"]

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
