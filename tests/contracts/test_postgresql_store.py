"""PostgreSQL keeps to the store's contract, in a database of its own for each test."""

from collections.abc import Iterator

import pytest

from infra.store.database import Database
from tests.contracts.store import StoreContract
from tests.servers.postgresql import Server


@pytest.mark.postgres
class TestPostgresqlStore(StoreContract):
    @pytest.fixture
    def database(self, postgresql: Server) -> Iterator[Database]:
        with postgresql.store() as database:
            yield database
