"""A store that is open, and the kinds of transaction that anybody has with it.

``writing``
    for who writes what nobody else writes: its own partitions. On SQLite there is one writer at a time.
``alone``
    for who must have the store to itself while it writes: a migration, and the log on one machine, whose
    records must become visible in the order of their numbers.
``reading``
    sees one moment of the store, and is kept short.
``deciding``
    is reading that asks for nothing but by keys, as a worker does for a batch.

What differs between databases stands in ``sqlite`` and ``postgresql``; a store is opened in ``opening``.
Nothing here knows what the tables are for.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self

from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from infra.store.address import Address
from infra.store.errors import StoreBusy, StoreError
from infra.store.sqlite import fold_log, sqlite_sentence

Transaction = Connection
"""A store in the midst of a transaction: what those who do not know SQL hand on to those who do."""

Kind = Literal["writing", "alone", "reading", "deciding"]


@dataclass(frozen=True, slots=True)
class Database:
    """An open store. Safe to share between threads; each transaction is one thread's."""

    address: Address
    engine: Engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write; commit at the end, roll back on any exception.

        Raises:
            StoreUnavailable: Not now; nothing was written, unless it was the COMMIT that failed: then
                whether it was, the store must be asked (``infra.commit``).
            StoreUnusable: The store cannot be written.
        """
        with self._transaction("writing") as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Write, as ``writing`` does, while nobody else is alone with the store.

        Raises:
            StoreBusy: Another process kept the store for 30 seconds.
            StoreUnusable: The store cannot be written.
        """
        with self._transaction("alone") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one moment of the store: that of the first question, before which nothing is begun.

        Raises:
            StoreUnavailable: Not now.
            StoreUnusable: The store cannot be read.
        """
        with self._connected("reading") as connection:
            yield connection

    @contextmanager
    def deciding(self) -> Iterator[Connection]:
        """Read, as ``reading`` does, by keys alone: answered by indexes, however new the tables are.

        Raises:
            StoreUnavailable: Not now.
            StoreUnusable: The store cannot be read.
        """
        with self._connected("deciding") as connection:
            yield connection

    @contextmanager
    def _transaction(self, kind: Kind) -> Iterator[Connection]:
        with self._connected(kind) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connected(self, kind: Kind) -> Iterator[Connection]:
        with explained(self.address), self.engine.connect() as connection:
            connection.execution_options(relevo_kind=kind)
            yield connection

    def fold_log(self) -> bool:
        """Leave nothing in SQLite's log beside the file that the file does not have any more, if that can be.

        Returns:
            False: others are in the way; try again.
        """
        if self.address.file is None:
            return True
        with explained(self.address):
            return fold_log(self.engine)

    def close(self) -> None:
        """Close every connection; on SQLite the last one folds the write-ahead log back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Say in one sentence what a driver's error means for who runs Relevo; others pass as they are."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreBusy(f"{address}: every connection of this process is in use; try again") from error
    except (DBAPIError, sqlite3.Error) as error:
        explained = _in_a_sentence(address, error)
        if explained is None:
            raise
        raise explained from error


def _in_a_sentence(address: Address, error: Exception) -> StoreError | None:
    if address.file is not None:
        return sqlite_sentence(address, error)
    from infra.store.postgresql import postgresql_sentence  # noqa: PLC0415 - its driver is optional

    return postgresql_sentence(address, error)
