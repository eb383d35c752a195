"""Which tables a store has, and how an old store gets today's.

A store says its **revision** in ``alembic_version``. A new store is made from ``tables`` at once and
stamped with the head; a test proves that the migrations, run one by one, come to the same. Revisions are
numbers of four digits, so that a glance tells older from newer. Alembic is imported only when something is
migrated: every other command starts without it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, inspect, text

from infra.store.database import Database
from infra.store.errors import SchemaMismatch, StoreMissing
from infra.store.tables.whole import whole

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""The newest revision in ``migrations/versions``."""

Standing = Literal["empty", "current", "older", "newer", "foreign"]


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Which revision a store has, and how it compares with this version of Relevo.

    ``foreign`` is a database with tables that are not ours.
    """

    revision: str | None
    standing: Standing


def schema_state(database: Database) -> SchemaState:
    """Look at a store's revision."""
    with database.reading() as connection:
        return _state(connection)


def provide_schema(database: Database, *, create: bool, migrate: bool) -> None:
    """Make sure that a store has today's tables.

    Raises:
        StoreMissing: It has none, and is not to be created.
        SchemaMismatch: It has another version's, and is not to be migrated.
    """
    state = schema_state(database)
    if state.standing == "empty" and create:
        _make(database)
    elif state.standing == "older" and migrate:
        upgrade(database)
    elif state.standing != "current":
        raise _refusal(database, state)


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that a store lacks, in one transaction."""
    from alembic import command  # noqa: PLC0415 - costs 200 ms, and is needed once a version

    with database.alone() as connection:
        command.upgrade(migration_settings(connection), revision)


def migration_settings(connection: Connection) -> "Config":
    """Return what Alembic needs to run our migrations over a connection that is in a transaction."""
    from alembic.config import Config  # noqa: PLC0415

    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _state(connection: Connection) -> SchemaState:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        return SchemaState(None, "foreign" if tables else "empty")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        return SchemaState(None, "empty" if tables == {"alembic_version"} else "foreign")
    if revision == HEAD:
        return SchemaState(revision, "current")
    if not (len(revision) == len(HEAD) and revision.isdigit()):
        return SchemaState(revision, "foreign")
    return SchemaState(revision, "older" if revision < HEAD else "newer")


def _make(database: Database) -> None:
    with database.alone() as connection:
        if _state(connection).standing != "empty":  # another process was faster
            return
        whole().create_all(connection)
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        )
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _refusal(database: Database, state: SchemaState) -> Exception:
    match state.standing:
        case "empty":
            return StoreMissing(
                f"{database.address} holds nothing yet; run relevo demo or relevo import, "
                "or name another store with --store"
            )
        case "older":
            return SchemaMismatch(
                f"{database.address} was made by an older Relevo (revision {state.revision}, today {HEAD}); "
                "back it up and run relevo doctor --migrate"
            )
        case "newer":
            return SchemaMismatch(
                f"{database.address} was made by a newer Relevo (revision {state.revision}, here {HEAD}); "
                "update Relevo"
            )
        case _:
            return SchemaMismatch(
                f"{database.address} holds somebody else's tables; name another store with --store"
            )
