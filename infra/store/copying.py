"""A copy of a store to try things on, and what of it is looked at afterwards."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from infra.store.address import read_address
from infra.store.database import Database, explained
from infra.store.errors import StoreUnusable
from infra.store.tables.read_model import leads
from infra.store.topics import known_topics
from schemas.vocabulary import LeadId


class Standing(NamedTuple):
    """Where a lead stands."""

    stage: str | None
    owner: str | None
    revenue_minor: int | None


def can_be_copied(database: Database) -> bool:
    """Say whether a copy of a store is a line to try things on: a file that no workers on Kafka fill."""
    with database.reading() as connection:
        return database.address.file is not None and not known_topics(connection)


def copy_store(database: Database, file: Path) -> None:
    """Copy a store in SQLite, as of one moment, while others go on writing.

    Raises:
        StoreUnusable: It is not in SQLite, or workers on Kafka fill it, to whose log a copy would speak.
        StoreFull: There is no room for the copy.
    """
    if not can_be_copied(database):
        remedy = "that takes a line of one machine, in a store in SQLite"
        raise StoreUnusable(f"{database.address} cannot be copied to try things on; {remedy}")
    with explained(read_address(f"sqlite:///{file}")):
        raw = database.engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(file),))
        finally:
            raw.close()


def standings(connection: Connection) -> dict[LeadId, Standing]:
    """Return where every lead stands that has not been merged into another."""
    columns = leads.c.lead_id, leads.c.stage, leads.c.owner, leads.c.revenue_minor
    rows = connection.execute(select(*columns).where(leads.c.merged_into.is_(None)))
    return {row.lead_id: Standing(row.stage, row.owner, row.revenue_minor) for row in rows}
