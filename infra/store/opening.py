"""Opening a store: where it is, whether it is ours, and whether its tables are today's.

A new store gets its tables at once; an old one is migrated only for who asks for it (``migrate``), which is
who holds the line's lock. What can then be done with it stands in ``database``; what differs between
databases, in ``sqlite`` and ``postgresql``.
"""

from typing import Literal

from sqlalchemy.engine import Engine

from infra.store.address import Address, read_address
from infra.store.database import Database, explained
from infra.store.schema import provide_schema
from infra.store.sqlite import check_file, sqlite_engine, switch_to_write_ahead

Durability = Literal["full", "normal"]
"""``full``: a commit survives a power cut. ``normal``: it survives the process, not always a power cut."""

BUSY_SECONDS = 30
"""How long to wait for another writer. A batch takes well under a second; a disk may take its time."""


def open_store(
    url: str,
    *,
    create: bool = True,
    migrate: bool = False,
    durability: Durability = "full",
    busy_seconds: float = BUSY_SECONDS,
) -> Database:
    """Open a store, and make it when it is new.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        create: Whether a store that is not there is made. A database in PostgreSQL is there or not; it is
            its tables that are made.
        migrate: Whether the tables of an older version are brought up to date. Only for who holds the line's
            lock, since a running line must not lose its tables.
        durability: How a commit is synced to disk.
        busy_seconds: How long a transaction waits for another writer's.

    Raises:
        StoreError: One of the tree in ``infra.store.errors``, whose message is for people.
    """
    address = read_address(url)
    if address.file is not None:
        check_file(address, create)
    database = Database(address, _engine(address, durability, busy_seconds))
    try:
        with explained(address):
            if address.file is not None:
                switch_to_write_ahead(database.engine)
        provide_schema(database, create=create, migrate=migrate)
    except BaseException:
        database.close()
        raise
    return database


def _engine(address: Address, durability: Durability, busy_seconds: float) -> Engine:
    if address.file is not None:
        return sqlite_engine(address, durability, busy_seconds)
    from infra.store.postgresql import postgresql_engine  # noqa: PLC0415 - its driver is optional

    return postgresql_engine(address, durability, busy_seconds)
