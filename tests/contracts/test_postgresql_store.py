"""PostgreSQL keeps to the store's contract; ``DATABASE_URL`` names an empty database that may be written."""

import os
from collections.abc import Iterator

import pytest

from infra.store.engine import Database, open_store
from infra.store.tables import metadata
from tests.contracts.store import StoreContract


@pytest.mark.postgres
class TestPostgresqlStore(StoreContract):
    @pytest.fixture
    def database(self) -> Iterator[Database]:
        with open_store(os.environ["DATABASE_URL"]) as database:
            yield database
            with database.writing() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(table.delete())
