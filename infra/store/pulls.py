"""How far each source that is fetched has been read: taken rows and the cursor in one transaction.

A position is moved only by who names the version at which it stands, so that two processes that fetch the
same source never both take a row. A row is known by its content: one that was taken is not kept again,
however often it is read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from infra.arrivals import Original
from infra.keyring import Keyring
from infra.store.bulk import insert_rows, rows_like, upsert
from infra.store.journal_memory import identity_secret
from infra.store.originals import keep_originals
from infra.store.tables.front_door import pulled_files, pulled_rows, pulls

Position = Mapping[str, Any]
"""Where reading stands, as JSON has it; what is in it is the business of who reads."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a source stands.

    Attributes:
        position: Where to read on; empty before the first time.
        version: By which the position is moved.
    """

    source: str
    position: Position
    version: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What has been read of a source at one go.

    Attributes:
        rows: Each row, and the bytes by which a repeat of it is known.
        position: Where to read on afterwards; None: where it stood.
        files: Files that are done with, with what tells this version of each from the next.
    """

    rows: Sequence[tuple[bytes, Original]] = ()
    position: Position | None = None
    files: Mapping[str, str] = field(default_factory=dict)


class PulledElsewhere(Exception):
    """Another process has read on in the same source meanwhile; nothing was written."""


def standing_of(connection: Connection, source: str) -> Standing:
    """Return where a source stands."""
    row = connection.execute(select(pulls).where(pulls.c.source == source)).first()
    return Standing(source, {}, 0) if row is None else Standing(source, json.loads(row.position), row.version)


def files_of(connection: Connection, source: str) -> dict[str, str]:
    """Return the files of a source that were taken, with what their versions are told apart by."""
    rows = connection.execute(select(pulled_files).where(pulled_files.c.source == source))
    return {row.name: row.fingerprint for row in rows}


def take(connection: Connection, standing: Standing, batch: Batch) -> tuple[Standing, int]:
    """Keep the rows that are new, and move the position on.

    1. Move the position, which keeps others out.
    2. Find out which rows have been taken before.
    3. Keep the others as originals, and remember them.
    4. Note the files that are done with.

    Args:
        connection: In a writing transaction.
        standing: Where the source stood before.
        batch: What has been read.

    Returns:
        Where the source stands now, and how many rows were new.

    Raises:
        PulledElsewhere: It does not stand there any more.
    """
    after = _move(connection, standing, standing.position if batch.position is None else batch.position)
    fresh = _fresh(connection, standing.source, batch.rows)
    if fresh:
        keep_originals(connection, list(fresh.values()))
        rows = [{"source": standing.source, "digest": digest} for digest in sorted(fresh)]
        insert_rows(connection, pulled_rows, rows)
    files = [
        {"source": standing.source, "name": name, "fingerprint": mark} for name, mark in batch.files.items()
    ]
    upsert(connection, pulled_files, files)
    return after, len(fresh)


def _move(connection: Connection, standing: Standing, position: Position) -> Standing:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = {"source": standing.source, "position": "{}", "version": 0}
    connection.execute(dialect.insert(pulls).on_conflict_do_nothing(), first)
    here = (pulls.c.source == standing.source) & (pulls.c.version == standing.version)
    moved = update(pulls).where(here).values(position=json.dumps(position), version=standing.version + 1)
    if connection.execute(moved).rowcount == 0:
        raise PulledElsewhere(f"{standing.source} is being fetched by another process; one is enough")
    return Standing(standing.source, position, standing.version + 1)


def _fresh(
    connection: Connection, source: str, rows: Sequence[tuple[bytes, Original]]
) -> dict[bytes, Original]:
    """Return the rows that have not been taken before, in their order, by the keys of their contents."""
    keyring = Keyring(identity_secret(connection))
    found = {keyring.row(content): original for content, original in reversed(rows)}
    keys = [{"source": source, "digest": digest} for digest in found]
    for row in rows_like(connection, pulled_rows, keys):
        del found[bytes(row["digest"])]
    return dict(reversed(found.items()))
