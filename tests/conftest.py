"""What every test runs under.

A profile of hypothesis (``tests.effort``), and one server of each kind a run, for the tests that are marked
for it (``tests.servers``). Nothing else belongs here; builders and strategies are plain modules that a test
imports by name.
"""

from collections.abc import Iterator

import pytest

from tests.effort import choose_profile
from tests.servers.postgresql import Server, any_server

choose_profile()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; for tests marked ``postgres``."""
    with any_server() as server:
        yield server
