"""Migrations and tables are one thing said twice: these tests hold them together."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from infra.store.address import read_address
from infra.store.database import Database
from infra.store.errors import SchemaMismatch, StoreMissing
from infra.store.opening import open_store
from infra.store.schema import HEAD, SchemaState, migration_settings, schema_state, upgrade
from infra.store.tables.whole import whole


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Database]:
    """A store without tables."""
    address = read_address(f"sqlite:///{tmp_path}/bare.db")
    with Database(address, create_engine(address.url)) as database:
        yield database


def definitions(database: Database) -> dict[str, str]:
    """Return what SQLite says of each table and index, blanks aside."""
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {
        row.name: "".join(row.sql.split()).replace('"', "") for row in rows if row.name != "alembic_version"
    }


def stamp(url: str, revision: str) -> None:
    with open_store(url) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (revision,))


def test_the_migrations_come_to_the_tables(bare: Database) -> None:
    upgrade(bare)
    with bare.reading() as connection:
        settings = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=settings), whole()) == []


def test_a_migrated_store_and_a_new_one_are_defined_word_for_word_alike(
    bare: Database, tmp_path: Path
) -> None:
    upgrade(bare)
    with open_store(f"sqlite:///{tmp_path}/new.db") as new:
        assert definitions(bare) == definitions(new)


def test_the_head_is_the_newest_migration(bare: Database) -> None:
    with bare.reading() as connection:
        scripts = ScriptDirectory.from_config(migration_settings(connection))
    assert scripts.get_heads() == [HEAD]


def test_migrating_twice_changes_nothing(bare: Database) -> None:
    upgrade(bare)
    once = definitions(bare)
    upgrade(bare)
    assert definitions(bare) == once
    assert schema_state(bare) == SchemaState(HEAD, "current")


def test_a_store_of_a_newer_relevo_is_refused_by_everybody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/relevo.db"
    stamp(url, "9999")
    for migrate in (False, True):
        with pytest.raises(SchemaMismatch, match="update Relevo"):
            open_store(url, migrate=migrate)


def test_a_store_of_an_older_relevo_is_refused_with_the_remedy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/relevo.db"
    stamp(url, "0000")
    with pytest.raises(SchemaMismatch, match="relevo doctor --migrate"):
        open_store(url, create=False)


def test_an_older_store_is_migrated_for_who_asks(bare: Database) -> None:
    with bare.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0000')")
    assert schema_state(bare) == SchemaState("0000", "older")
    with bare.writing() as connection:  # nothing before the first migration: what is left is an empty store
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(StoreMissing):
        open_store(str(bare.address), create=False)
    upgrade(bare)
    with open_store(str(bare.address), create=False, migrate=True) as database:
        assert schema_state(database).standing == "current"


def test_a_stamp_that_is_no_revision_of_ours_is_somebody_elses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/relevo.db"
    stamp(url, "ae1027a6acf")
    with pytest.raises(SchemaMismatch, match="somebody else's tables"):
        open_store(url)
