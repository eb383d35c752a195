"""A store to fetch into, on SQLite or on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.store.database import Database
from infra.store.opening import open_store
from tests.servers.postgresql import Server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """A new store."""
    with open_store(f"sqlite:///{tmp_path}/relevo.db") as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new store, of either kind."""
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path}/relevo.db") as database:
            yield database
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.store() as database:
        yield database
