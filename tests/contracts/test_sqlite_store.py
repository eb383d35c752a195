"""SQLite keeps to the store's contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.store.database import Database
from tests.contracts.store import StoreContract
from tests.stores import new_store


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        with new_store(tmp_path / "relevo.db") as database:
            yield database
