"""``relevo prepare`` on a real broker: everything is made once, and a second run changes nothing."""

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.topics import administration
from infra.store.address import read_address
from infra.store.opening import open_store
from infra.store.schema import schema_state
from infra.store.topics import known_topics
from tests.services.cli.conftest import Relevo

pytestmark = pytest.mark.kafka

STORE = "sqlite:///relevo.db"


@pytest.fixture
def where(cluster: Cluster) -> tuple[str, ...]:
    return ("--store", STORE, "--bootstrap", cluster.bootstrap, "--prefix", cluster.prefix)


def test_tables_topics_and_the_agreement_are_there_afterwards(
    relevo: Relevo, cluster: Cluster, where: tuple[str, ...]
) -> None:
    done = relevo("prepare", "--partitions", "3", *where)
    assert (done.code, done.out) == (0, "")
    assert "Made 7 topics." in done.err
    assert "agreement b2b-1 is signed" in done.err
    with administration(cluster) as admin:
        assert admin.check(3, 1) == []
    with open_store(STORE, create=False) as database, database.reading() as connection:
        assert schema_state(database).standing == "current"
        assert cluster.name("leads.facts") in {one.name for one in known_topics(connection)}


def test_a_second_run_makes_nothing(relevo: Relevo, cluster: Cluster, where: tuple[str, ...]) -> None:
    assert relevo("prepare", "--partitions", "3", *where).code == 0
    again = relevo("prepare", "--partitions", "4", *where)
    assert again.code == 0
    assert "Every topic is there." in again.err
    with administration(cluster) as admin:
        assert admin.check(3, 1) == []


def test_verbs_leave_a_store_that_was_filled_from_kafka_to_its_workers(
    relevo: Relevo, where: tuple[str, ...]
) -> None:
    assert relevo("prepare", *where).code == 0
    done = relevo("up", "--store", STORE)
    assert done.code == 2
    assert done.err == (
        f"relevo: {read_address(STORE)} is run by another process (workers on Kafka), "
        "which decides what is appended; leave the line to them\n"
    )
    examined = relevo("doctor", "--store", STORE).out
    assert "run by workers on Kafka" in examined
    assert "every fact has been decided" not in examined  # for all the store knows
