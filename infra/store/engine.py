"""Opening a store, and the two kinds of transaction that anybody has with it: writing and reading.

``writing`` takes the write lock at once (``BEGIN IMMEDIATE``), so that two writers queue and never deadlock
half way; ``reading`` sees one moment of the store, and is kept short so that SQLite can fold its write-ahead
log back. SQLite runs with ``journal_mode=WAL`` and ``synchronous=FULL``: what was committed survives the
machine. The driver's own transactions are switched off, because they begin late and only sometimes.

A new store gets its tables at once; an old one is migrated only for who asks for it (``migrate``), which is
who holds the line's lock. Nothing here knows what the tables are for.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from infra.store.address import Address, read_address
from infra.store.errors import StoreBusy, StoreError, StoreMissing, StoreUnusable
from infra.store.schema import provide_schema

__all__ = ["Database", "Durability", "Transaction", "open_store"]

Transaction = Connection
"""A store in the midst of a transaction: what those who do not know SQL hand on to those who do."""

Durability = Literal["full", "normal"]
"""``full``: a commit survives a power cut. ``normal``: it survives the process, not always a power cut."""

BUSY_SECONDS = 30
"""How long to wait for another writer. A batch takes well under a second; a disk may take its time."""

_CACHE_KIB = 64 * 1024
_WAL_KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Database:
    """An open store. Safe to share between threads; each transaction is one thread's."""

    address: Address
    engine: Engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the write lock; commit at the end, roll back on any exception.

        Raises:
            StoreBusy: Another process kept the lock for 30 seconds.
            StoreUnusable: The store cannot be written.
        """
        with self._transaction({"relevo_begin": "BEGIN IMMEDIATE"}) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one moment of the store.

        Raises:
            StoreUnusable: The store cannot be read.
        """
        with self._transaction(_READING[self.engine.dialect.name]) as connection:
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        with _explained(self.address), self.engine.connect() as connection:
            connection.execution_options(**options)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close every connection; on SQLite the last one folds the write-ahead log back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"relevo_begin": "BEGIN"},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def open_store(
    url: str, *, create: bool = True, migrate: bool = False, durability: Durability = "full"
) -> Database:
    """Open a store, and make it when it is new.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        create: Whether a store that is not there is made.
        migrate: Whether the tables of an older version are brought up to date. Only for who holds the line's
            lock, since a running line must not lose its tables.
        durability: How a commit is synced to disk (SQLite; PostgreSQL decides for itself).

    Raises:
        StoreError: One of the tree in ``infra.store.errors``, whose message is for people.
    """
    address = read_address(url)
    if address.file is not None:
        _check_file(address, create)
    database = Database(address, _engine(address, durability))
    try:
        with _explained(address):
            _prepare(database)
        provide_schema(database, create=create, migrate=migrate)
    except BaseException:
        database.close()
        raise
    return database


def _check_file(address: Address, create: bool) -> None:
    file = address.file
    assert file is not None  # noqa: S101 - the caller has looked; this tells the type checker
    if file.is_dir():
        raise StoreUnusable(f"{file} is a folder; name a file in it, like {address}/relevo.db")
    if file.exists():
        return
    if not create:
        raise StoreMissing(
            f"there is no store at {file}; run relevo demo or relevo import, or name another with --store"
        )
    if not file.parent.is_dir():
        raise StoreMissing(f"there is no folder {file.parent}; make it first, or name another with --store")


def _engine(address: Address, durability: Durability) -> Engine:
    if address.file is None:
        return _postgresql(address)
    engine = create_engine(address.url, connect_args={"timeout": BUSY_SECONDS, "cached_statements": 256})
    event.listen(engine, "connect", _on_connect(durability))
    event.listen(engine, "begin", _on_begin)
    return engine


def _postgresql(address: Address) -> Engine:
    try:
        return create_engine(address.url)
    except ModuleNotFoundError as error:
        raise StoreUnusable("a store in PostgreSQL needs its driver; install psycopg[binary]") from error


def _on_connect(durability: Durability) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; _on_begin does
        connection.execute(f"PRAGMA synchronous={durability}")
        connection.execute("PRAGMA secure_delete=ON")  # an erasure leaves nothing in freed pages
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")

    return configure


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("relevo_begin", "BEGIN"))


def _prepare(database: Database) -> None:
    """Switch a SQLite file to write-ahead logging, for good; this is also the first look at its bytes."""
    if database.address.file is None:
        with database.engine.connect():
            return
    raw = database.engine.raw_connection()
    try:
        (mode,) = cast("tuple[str]", raw.cursor().execute("PRAGMA journal_mode").fetchone())
        if mode != "wal":
            raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


@contextmanager
def _explained(address: Address) -> Iterator[None]:
    """Say in one sentence what a driver's error means for who runs Relevo; others pass as they are."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        explained = _in_a_sentence(address, error)
        if explained is None:
            raise
        raise explained from error


def _in_a_sentence(address: Address, error: Exception) -> StoreError | None:
    text = str(getattr(error, "orig", None) or error)
    for part, (kind, sentence) in _MEANINGS.items():
        if part in text:
            return kind(f"{address}: {sentence}")
    if isinstance(error, OperationalError) and address.file is None:
        return StoreUnusable(f"{address} does not answer ({text.splitlines()[0]}); is the server up?")
    return None


_MEANINGS: dict[str, tuple[type[StoreError], str]] = {
    "database is locked": (
        StoreBusy,
        f"another process kept the store locked for {BUSY_SECONDS} s; run it again, or see relevo doctor",
    ),
    "file is not a database": (StoreUnusable, "this file is no store; name another with --store"),
    "malformed": (StoreUnusable, "the file is damaged; put the last backup back (docs/operations.md)"),
    "unable to open database file": (
        StoreUnusable,
        "the file cannot be opened; the store needs to read and write it and its folder",
    ),
    "readonly database": (
        StoreUnusable,
        "the store cannot be written; give this user leave to write the file and its folder",
    ),
    "disk is full": (StoreUnusable, "the disk is full; free some space and run it again, nothing is lost"),
    "disk I/O error": (StoreUnusable, "the disk does not answer as it should; check it, then relevo doctor"),
}
"""What SQLite's messages mean here, by a part of their text."""
