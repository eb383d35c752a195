"""SQLite and PostgreSQL come to the same, byte for byte: every row of every worker, on the same history."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, RowMapping, select

from infra.store.database import Database
from infra.store.tables.whole import whole
from schemas.vocabulary import WorkerName
from tests.histories import Plan, Said, history
from tests.servers.postgresql import Server
from tests.stores import append, end_of, in_time, open_line, told_in_time, undisturbed

pytestmark = pytest.mark.postgres

ITS_OWN = {
    "secrets": "a store makes its own",
    "identities": "hashed with the secret",
    "seen": "hashed with the secret",
    "clues": "hashed with the secret",
}
"""Tables that differ between two stores that agree."""
ITS_OWN_COLUMNS = ("id", "key")
"""Columns that do: numbers that are counted up, and what is hashed with the secret."""


@pytest.fixture(params=[3, 11, 17])
def told(request: pytest.FixtureRequest) -> list[Said]:
    return history(Random(request.param), Plan(facts=60))


@pytest.fixture
def stores(told: list[Said], tmp_path: Path, postgresql: Server) -> Iterator[tuple[Database, Database]]:
    with in_time(tmp_path / "relevo.db", told) as one, postgresql.store() as other:
        yield one, told_in_time(other, told)


def rows(connection: Connection, name: str) -> list[str]:
    """Return a table's rows as they read, in the order of their keys, without the columns that differ."""
    table = whole().tables[name]
    statement = select(table).order_by(*table.primary_key)
    if name == "states":  # the sequencer keeps keys in its files
        statement = statement.where(table.c.worker != WorkerName.SEQUENCER)
    return [_as_read(row) for row in connection.execute(statement).mappings()]


def _as_read(row: RowMapping) -> str:
    return " ".join(f"{key}={value!r}" for key, value in row.items() if key not in ITS_OWN_COLUMNS)


def expect_the_same_rows(one: Database, other: Database) -> None:
    said: dict[str, int] = {}
    with one.reading() as first, other.reading() as second:
        for name in whole().tables.keys() - ITS_OWN.keys():
            expected = rows(first, name)
            assert rows(second, name) == expected, name
            said[name] = len(expected)
    assert min(said[name] for name in ("facts", "timeline", "states", "timers", "leads")) > 0


def test_every_row_is_the_same_on_both(stores: tuple[Database, Database]) -> None:
    expect_the_same_rows(*stores)


def test_so_it_is_when_all_is_decided_in_one_batch(
    told: list[Said], tmp_path: Path, postgresql: Server
) -> None:
    with undisturbed(tmp_path / "relevo.db", told) as one, postgresql.store() as other:
        append(other, told)
        open_line(other, end_of(told)).drain()
        expect_the_same_rows(one, other)
