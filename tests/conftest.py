"""What every test runs under.

Two hypothesis profiles: ``dev`` explores afresh on each run, ``ci`` (chosen when ``CI=true``) draws the
same examples every time, so that a red build is red because of the change and not because of the draw.
Neither has a deadline: a slow machine is no bug. And one server of each kind a run, for the tests that are
marked for it (``tests.servers``). Nothing else belongs here; builders and strategies are plain modules that
a test imports by name.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.postgresql import Server, any_server

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=200,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; for tests marked ``postgres``."""
    with any_server() as server:
        yield server
