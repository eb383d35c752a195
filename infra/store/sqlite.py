"""SQLite as a store: one file, write-ahead logging, and one writer at a time.

A transaction that writes takes the write lock at once (``BEGIN IMMEDIATE``), so that two writers queue and
never deadlock half way. SQLite runs with ``journal_mode=WAL`` and ``synchronous=FULL``: what was committed
survives the machine. The driver's own transactions are switched off, because they begin late and only
sometimes.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine

from infra.store.address import Address
from infra.store.errors import StoreBusy, StoreError, StoreFull, StoreMissing, StoreUnusable

BEGIN = {"writing": "BEGIN IMMEDIATE", "alone": "BEGIN IMMEDIATE", "reading": "BEGIN", "deciding": "BEGIN"}
"""How each kind of transaction begins (``infra.store.database.Kind``)."""

_CACHE_KIB = 64 * 1024
_WAL_KEPT_BYTES = 64 * 1024 * 1024
_FOLD = "PRAGMA wal_checkpoint(TRUNCATE)"


def check_file(address: Address, create: bool) -> None:
    """Refuse an address that is no file, or is none that may be made.

    Raises:
        StoreMissing: There is no such file, and it is not to be made; or no such folder.
        StoreUnusable: It is a folder.
    """
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


def sqlite_engine(address: Address, durability: str, busy_seconds: float) -> Engine:
    """Return the engine of a file, whose connections are set up as this module says."""
    engine = create_engine(address.url, connect_args={"timeout": busy_seconds, "cached_statements": 256})
    event.listen(engine, "connect", _on_connect(durability))
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(durability: str) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; _on_begin does
        connection.execute(f"PRAGMA synchronous={durability}")
        connection.execute("PRAGMA secure_delete=ON")  # an erasure leaves nothing in freed pages
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")
        # SQLite's own leaves whatever is not ASCII as it stands; PostgreSQL's only in a database of locale C.
        connection.create_function("lower", 1, _lower, deterministic=True)

    return configure


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _on_begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("relevo_kind", "reading")
    connection.exec_driver_sql(BEGIN[kind])


def switch_to_write_ahead(engine: Engine) -> None:
    """Switch a file to write-ahead logging, for good; this is also the first look at its bytes."""
    raw = engine.raw_connection()
    try:
        (mode,) = cast("tuple[str]", raw.cursor().execute("PRAGMA journal_mode").fetchone())
        if mode != "wal":
            raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


def fold_log(engine: Engine) -> bool:
    """Fold the write-ahead log back into the file and empty it, if nobody is in its way.

    Returns:
        Whether it was; otherwise others read or write just now, and it is for the caller to try again.
    """
    raw = engine.raw_connection()
    cursor = raw.cursor()
    (patience,) = cast("tuple[int]", cursor.execute("PRAGMA busy_timeout").fetchone())
    try:
        cursor.execute("PRAGMA busy_timeout=0")  # while it waited, nobody could write
        in_the_way, *_ = cast("tuple[int, int, int]", cursor.execute(_FOLD).fetchone())
    finally:
        cursor.execute(f"PRAGMA busy_timeout={patience}")
        raw.close()
    return not in_the_way


def sqlite_sentence(address: Address, error: Exception) -> StoreError | None:
    """Say in one sentence what SQLite's error means for who runs Relevo; None: it is a bug."""
    text = str(getattr(error, "orig", None) or error)
    for part, (kind, sentence) in _MEANINGS.items():
        if part in text:
            return kind(f"{address}: {sentence}")
    return None


_MEANINGS: dict[str, tuple[type[StoreError], str]] = {
    "database is locked": (
        StoreBusy,
        "another process kept the store locked for too long; run it again, or see relevo doctor",
    ),
    "file is not a database": (StoreUnusable, "this file is no store; name another with --store"),
    "malformed": (StoreUnusable, "the file is damaged; put the last backup back (docs/operations.md)"),
    "unable to open database": (
        StoreUnusable,
        "the file cannot be opened; the store needs to read and write it and its folder",
    ),
    "readonly database": (
        StoreUnusable,
        "the store cannot be written; give this user leave to write the file and its folder",
    ),
    "disk is full": (StoreFull, "the disk is full; free some space and run it again, nothing is lost"),
    "disk I/O error": (StoreUnusable, "the disk does not answer as it should; check it, then relevo doctor"),
}
"""What SQLite's messages mean here, by a part of their text."""
