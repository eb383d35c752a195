"""One broker for every test that asks for it, and a tenant of its own for each."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from infra.kafka.cluster import Cluster
from tests.infra.kafka.lines import Line
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


@pytest.fixture
def line(cluster: Cluster, tmp_path: Path) -> Iterator[Line]:
    """The line on Kafka over a SQLite file, with its topics; none of its processes runs."""
    with Line(cluster, f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line:
        line.make_topics()
        yield line
