"""A store to read from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.stores import new_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Connection]:
    """A connection in a transaction, for both writing rows and reading them."""
    with new_store(tmp_path / "relevo.db") as database, database.writing() as connection:
        yield connection
