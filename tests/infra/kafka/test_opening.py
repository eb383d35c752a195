"""A worker that starts while brokers or the store come and go waits for them, and then goes on."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.crew import Crew
from infra.kafka.errors import BrokersAway
from infra.kafka.hiring import Premises, line_workers
from infra.kafka.host import application, run
from infra.kafka.measuring import Measures
from infra.kafka.opening import topics_when_there
from infra.kafka.routes import JOURNAL, Partitions
from infra.kafka.topics import administration
from infra.store.database import Database
from infra.store.opening import open_store
from services.pipeline import WORKERS
from tests.servers.cable import Cable, cable_to
from tests.servers.postgresql import Server
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

THERE = Partitions(leads=2, notices=2)
SCORING = WORKERS[0]


@pytest.fixture
def cluster(cluster: Cluster) -> Cluster:
    """A tenant with its topics."""
    with administration(cluster) as admin:
        admin.create(2, 1)
    return cluster


def test_brokers_that_go_away_while_topics_are_looked_at_are_waited_for(
    cluster: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = cluster.servers[0].split(":")
    with (
        open_store(f"sqlite:///{tmp_path / 'relevo.db'}") as database,
        cable_to(host, int(port)) as cable,
        ThreadPoolExecutor() as pool,
    ):
        cable.cut()  # it still listens, as a broker does that is on its way up or down
        looking = pool.submit(
            topics_when_there, replace(cluster, bootstrap=f"127.0.0.1:{cable.port}"), database
        )
        wait_for("it to say that it waits", lambda: "Waiting: " in caplog.text)
        cable.mend()
        assert looking.result() == THERE


@pytest.mark.postgres
def test_a_store_that_goes_away_meanwhile_is_waited_for(
    cluster: Cluster, postgresql: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        postgresql.database() as name,
        cable_to(str(postgresql.url.host), int(postgresql.url.port or 0)) as cable,
        open_store(postgresql.address(name, host="127.0.0.1", port=cable.port)) as database,
        ThreadPoolExecutor() as pool,
    ):
        cable.cut()
        looking = pool.submit(topics_when_there, cluster, database)
        wait_for("it to say that it waits", lambda: "Waiting: " in caplog.text)
        cable.mend()
        assert looking.result() == THERE


def test_brokers_that_go_away_while_faust_starts_are_waited_for(
    cluster: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = cluster.servers[0].split(":")

    async def come_up(database: Database, cable: Cable) -> None:
        stopping, ready = asyncio.Event(), asyncio.Event()
        premises = Premises(cluster, database, THERE, Measures(SCORING.name))
        observe = premises.measures.batch_seconds.observe
        crew = Crew(SCORING.name, line_workers(SCORING, premises), stopping.set, observe)
        through = replace(cluster, bootstrap=f"127.0.0.1:{cable.port}")
        app = application(through, SCORING.name, cluster.name(JOURNAL), crew)
        running = asyncio.create_task(run(app, stopping, ready.set))
        await asyncio.to_thread(wait_for, "it to say that it waits", lambda: "Waiting: " in caplog.text)
        cable.mend()
        await ready.wait()
        assert {number for number, post in crew.posts.items() if post.seated} == {0, 1}
        stopping.set()
        await running

    with (
        open_store(f"sqlite:///{tmp_path / 'relevo.db'}") as database,
        cable_to(host, int(port)) as cable,
    ):
        cable.cut()
        asyncio.run(come_up(database, cable))


def test_a_broker_that_listens_and_never_says_stops_it(cluster: Cluster, tmp_path: Path) -> None:
    host, port = cluster.servers[0].split(":")
    with (
        open_store(f"sqlite:///{tmp_path / 'relevo.db'}") as database,
        cable_to(host, int(port)) as cable,
    ):
        cable.cut()
        with pytest.raises(BrokersAway, match=str(cable.port)):
            topics_when_there(replace(cluster, bootstrap=f"127.0.0.1:{cable.port}"), database, looks=1)
