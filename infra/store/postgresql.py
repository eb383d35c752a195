"""PostgreSQL as a store: one pool of connections a process, each set up alike, and what its errors mean here.

Many processes write at once, each its own partitions; the version of a position keeps them apart
(``infra.store.positions``). What must have the store to itself (a migration, the log on one machine) queues
for an advisory lock instead of SQLite's write lock.

A process that is frozen in the midst of a commit may hold a partition's row for five seconds: then the server
ends its transaction. Who reads may think for longer, and so may who is alone: rules run inside those.

The driver is imported only here, and only when a store is in PostgreSQL.
"""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from os import getpid
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine

from infra.store.address import Address
from infra.store.arrays import BinaryArray
from infra.store.errors import StoreAway, StoreBusy, StoreError, StoreFull, StoreMissing, StoreUnusable

if TYPE_CHECKING:
    import psycopg

IDLE_SECONDS = 5
"""How long a commit may stand still; design: a frozen process must not hold a partition."""
THINKING_SECONDS = 60
"""How long rules may run between two questions."""

LOCKS = {"alone": 1, "line": 2}
"""Advisory locks, by what they are for; the second number of their key."""
LOCK_SPACE = 0x52656C65
"""The first number of their key: "Rele", so that they are not somebody else's."""

_MAY_THINK = f"SET LOCAL idle_in_transaction_session_timeout = '{THINKING_SECONDS}s'"

# A table that is new, or grows faster than it is analyzed, has no statistics to say that a few keys are few,
# and a batch would read facts and numbers whole. A plan by index for a few keys is right, and made once.
_BY_KEYS = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan"

_LOCKED_ALONE = f"SELECT pg_advisory_xact_lock({LOCK_SPACE}, {LOCKS['alone']})"
_WRITES, _READS = "BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

BEGIN = {
    "writing": f"{_WRITES}; {_BY_KEYS}",
    "alone": f"{_WRITES}; {_MAY_THINK}; {_BY_KEYS}; {_LOCKED_ALONE}",
    "reading": f"{_READS}; {_MAY_THINK}",
    "deciding": f"{_READS}; {_MAY_THINK}; {_BY_KEYS}",
}
"""How each kind of transaction begins (``infra.store.database.Kind``)."""

_CONNECTING = {
    "application_name": "relevo",
    "client_encoding": "utf8",
    "connect_timeout": "5",
    # A peer that vanished without a word is noticed within about ten seconds.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What libpq is told unless the address says otherwise."""

_PACKED_FAST = """
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)
"""
_DURABLE = {
    "full": "SELECT set_config(name, 'on', false) FROM pg_settings"
    " WHERE name = 'synchronous_commit' AND setting = 'off'",
    "normal": "SET synchronous_commit = off",
}

_POOLED = 8
_POOLED_AT_MOST = 24


def postgresql_engine(address: Address, durability: str, busy_seconds: float) -> Engine:
    """Return the engine of a database: this process's one pool of connections to it.

    Raises:
        StoreUnusable: The driver is not installed.
    """
    given = {name: value for name, value in _CONNECTING.items() if name not in address.url.query}
    try:
        engine = create_engine(
            address.url,
            connect_args=given,
            pool_size=_POOLED,
            max_overflow=_POOLED_AT_MOST - _POOLED,
            pool_timeout=busy_seconds,
            use_native_hstore=False,  # spares each new connection a question
        )
    except ModuleNotFoundError as error:
        raise StoreUnusable("a store in PostgreSQL needs its driver; install relevo[postgres]") from error
    event.listen(engine, "connect", _on_connect(durability, busy_seconds))
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(durability: str, busy_seconds: float) -> Callable[["psycopg.Connection[Any]", object], None]:
    from psycopg.adapt import Dumper  # noqa: PLC0415 - the driver is optional
    from psycopg.pq import Format  # noqa: PLC0415

    class AsItIs(Dumper):
        format = Format.BINARY

        def dump(self, obj: BinaryArray) -> bytes:
            return obj.data

    # Our statements are short, and so must planning be. The server notices as soon as we do that the other
    # end has vanished, and frees what it held. An outbox row is a megabyte that lives a second: it is packed
    # fast, where the server can. A synchronous_commit that is stricter than ours stays.
    settings = f"""
        SET TIME ZONE 'UTC';
        SET jit = off;
        SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
        SET lock_timeout = '{busy_seconds}s';
        SET tcp_keepalives_idle = 5;
        SET tcp_keepalives_interval = 2;
        SET tcp_keepalives_count = 3;
        {_PACKED_FAST};
        {_DURABLE[durability]}
    """

    def configure(connection: "psycopg.Connection[Any]", _record: object) -> None:
        connection.autocommit = True  # the driver begins nothing by itself; _on_begin does
        connection.adapters.register_dumper(BinaryArray, AsItIs)
        connection.execute(settings.encode(), prepare=False)

    return configure


def _on_begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("relevo_kind", "reading")
    connection.exec_driver_sql(BEGIN[kind])


# --- who runs the line


class Taken(Exception):
    """Another session holds the lock; ``holder`` says who."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def line_session(address: Address, role: str) -> Iterator[None]:
    """Hold the lock of who runs the line, in a session of its own: it goes with the process.

    Args:
        address: The store's.
        role: As whom it is held, for others to read.

    Raises:
        Taken: Another process holds it.
        StoreError: The server does not serve.
    """
    name = f"{role}, process {getpid()} on {socket.gethostname()}"[:63]
    url = address.url.update_query_dict({"application_name": name})
    engine = postgresql_engine(Address(url, None), "full", THINKING_SECONDS)
    key = {"space": LOCK_SPACE, "lock": LOCKS["line"]}
    try:
        with explained_by(address), closing(engine.raw_connection()) as session:
            cursor = session.cursor()
            cursor.execute("SELECT pg_try_advisory_lock(%(space)s, %(lock)s)", key)
            if not _only(cursor):
                cursor.execute(_HOLDER, key)
                raise Taken(_only(cursor) or "unknown")
            yield
    finally:
        engine.dispose()


def _only(cursor: Any) -> Any:
    row = cursor.fetchone()
    return None if row is None else row[0]


_HOLDER = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND classid = %(space)s AND objid = %(lock)s AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@contextmanager
def explained_by(address: Address) -> Iterator[None]:
    """Say in one sentence what the driver's error means; others pass as they are."""
    try:
        yield
    except Exception as error:
        explained = postgresql_sentence(address, error)
        if explained is None:
            raise
        raise explained from error


# --- what errors mean


def postgresql_sentence(address: Address, error: Exception) -> StoreError | None:
    """Say in one sentence what PostgreSQL's error means for who runs Relevo; None: it is a bug."""
    import psycopg  # noqa: PLC0415 - the driver is optional

    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, psycopg.Error):
        return None
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    said = lines[0] if lines else type(cause).__name__
    if cause.sqlstate is not None:
        return _by_state(address, cause.sqlstate, said)
    whole = " ".join(lines)
    if found := _NO_DATABASE.search(whole):
        return StoreMissing(f"{address}: there is no database {found[1]}; make it (createdb {found[1]})")
    for part, (kind, sentence) in _WHILE_CONNECTING.items():
        if part in whole:
            return kind(f"{address}: {sentence}")
    if "FATAL:" in whole:
        refusal = whole.rpartition("FATAL:")[2].strip()
        return StoreUnusable(
            f"{address}: the server refuses us ({refusal}); correct the address, or its pg_hba.conf"
        )
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreAway(f"{address}: the server does not answer ({said}); is it up, and the network?")
    if isinstance(cause, psycopg.ProgrammingError) and "connection option" in whole:
        return StoreUnusable(f"{address}: {said}; correct what stands behind the ? of the address")
    return None


def _by_state(address: Address, state: str, said: str) -> StoreError | None:
    for prefix in (state, state[:2]):
        if prefix in _STATES:
            kind, sentence = _STATES[prefix]
            return kind(f"{address}: {sentence.format(said=said)}")
    return None


_NO_DATABASE = re.compile('FATAL: +database "(.+)" does not exist')

_AGAIN = "nothing is lost, and it may be tried again"

_STATES: dict[str, tuple[type[StoreError], str]] = {
    "08": (StoreAway, f"the connection broke off; {_AGAIN}"),
    "40": (StoreBusy, f"two processes stood in each other's way; {_AGAIN}"),
    "55P03": (StoreBusy, f"another process kept a row locked for too long; {_AGAIN}"),
    "25P03": (StoreBusy, f"this process stood still in the midst of a transaction; {_AGAIN}"),
    "57014": (StoreBusy, f"the statement was cancelled ({{said}}); {_AGAIN}"),
    "57": (StoreAway, f"the server is stopping or starting; {_AGAIN}"),
    "53100": (StoreFull, f"the server's disk is full; free some space, {_AGAIN}"),
    "53": (StoreAway, "the server has no room for more ({said}); end a session or raise its limits"),
    "25006": (
        StoreUnusable,
        "the database may only be read; name the primary, or lift default_transaction_read_only",
    ),
    "42501": (StoreUnusable, "this user may not do that ({said}); grant it (docs/operations.md)"),
    "58": (StoreUnusable, "the server cannot use its disk ({said}); look at its log"),
    "XX001": (StoreUnusable, "the database is damaged ({said}); put the last backup back"),
    "XX002": (StoreUnusable, "an index is damaged ({said}); have it rebuilt with REINDEX"),
}
"""What SQLSTATEs mean here, by the whole code or by its class."""

_NO_ROOM = "the server has no room for more; end a session or raise its limit of connections"

_NO_NAME = "the host's name cannot be resolved; correct the address, or wait until DNS answers again"

_WHILE_CONNECTING: dict[str, tuple[type[StoreError], str]] = {
    "the database system is": (StoreAway, f"the server is stopping or starting; {_AGAIN}"),
    "terminating connection": (StoreAway, f"the server is stopping or starting; {_AGAIN}"),
    "canceling authentication due to timeout": (StoreAway, f"the server is too busy to let us in; {_AGAIN}"),
    "No space left on device": (StoreFull, f"the server's disk is full; free some space, {_AGAIN}"),
    "too many clients": (StoreAway, _NO_ROOM),
    "too many connections": (StoreAway, _NO_ROOM),
    "connection slots are reserved": (StoreAway, _NO_ROOM),
    "password authentication failed": (
        StoreUnusable,
        "the server refuses this user and password; correct the address, PGPASSWORD or the password file",
    ),
    "no password supplied": (
        StoreUnusable,
        "the server wants a password; give it in the address, PGPASSWORD or a password file",
    ),
    "does not support SSL": (
        StoreUnusable,
        "the server does not speak TLS, and the address demands it; switch ssl on there, or sslmode here",
    ),
    "certificate verify failed": (
        StoreUnusable,
        "the server's certificate is not signed by an authority that we trust; name it with sslrootcert",
    ),
    "does not match host name": (
        StoreUnusable,
        "the server's certificate is another host's; name the host as the certificate does",
    ),
    "root certificate file": (
        StoreUnusable,
        "the file that sslrootcert names is not there; sslmode=verify-full needs it",
    ),
    "could not translate host name": (StoreAway, _NO_NAME),
    "failed to resolve host": (StoreAway, _NO_NAME),
}
"""What libpq's and the server's messages mean before a session exists, when there is no SQLSTATE."""
