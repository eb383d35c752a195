"""What every test runs under.

A profile of hypothesis (``tests.effort``), and one server of each kind a run, for the tests that are marked
for it (``tests.servers``). Nothing else belongs here; builders and strategies are plain modules that a test
imports by name.
"""

from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import pytest

from infra.kafka.cluster import Cluster
from tests.effort import choose_profile
from tests.servers.kafka import find_broker
from tests.servers.postgresql import Server, any_server
from tests.stores import close_lasting

choose_profile()

_tenants = count()
_run = uuid4().hex[:8]


@pytest.fixture(autouse=True)
def _closed_behind_a_test() -> Iterator[None]:
    """Close the stores that a test has left open, so that none is found unclosed in the midst of another."""
    yield
    close_lasting()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; for tests marked ``postgres``."""
    with any_server() as server:
        yield server


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker; for tests marked ``kafka``."""
    with find_broker(tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
def cluster(broker: str) -> Cluster:
    """A tenant without topics."""
    return Cluster(broker, f"{_run}-{next(_tenants)}.")
