"""The line on Kafka, for the tests of a tenant."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.cluster import Cluster
from tests.infra.kafka.lines import Line


@pytest.fixture
def line(cluster: Cluster, tmp_path: Path) -> Iterator[Line]:
    """The line on Kafka over a SQLite file, with its topics; none of its processes runs."""
    with Line(cluster, f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line:
        line.make_topics()
        yield line
