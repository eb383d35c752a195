"""One broker for every test that asks for it, and a tenant of its own for each."""

from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import pytest

from infra.kafka.cluster import Cluster
from tests.servers.kafka import find_broker

_tenants = count()
_run = uuid4().hex[:8]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker."""
    with find_broker(tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
def cluster(broker: str) -> Cluster:
    """A tenant without topics."""
    return Cluster(broker, f"{_run}-{next(_tenants)}.")
