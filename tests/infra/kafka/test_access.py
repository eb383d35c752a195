"""Each worker works with the leave that the catalogue gives it, and can write no topic but its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from infra.kafka.access import OPERATOR, READERS, SPEAKERS, WHO, grants
from infra.kafka.cluster import Cluster
from infra.kafka.opening import look_at_topics
from infra.kafka.producing import Publisher, Sending, Undelivered
from infra.kafka.routes import FACTS, NOTICES, TOTALS
from infra.kafka.topics import administration
from infra.store.opening import open_store
from schemas.topics import TOPICS
from services.kafka_line import FactsTopic, sign
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.infra.kafka.lines import EVERYBODY, Line
from tests.servers.kafka import JavaBroker
from tests.servers.ports import free_port
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ADMIN, PASSWORD = "admin", "muy-secreta"
PREFIX = "acme."
KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker that lets nobody do anything without leave, as its administrator sees it."""
    door = f"127.0.0.1:{free_port()}"
    users = " ".join(f'user_{name}="{PASSWORD}"' for name in (ADMIN, *WHO))
    settings = {
        "listener.security.protocol.map": ("DOOR:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.door.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{ADMIN}",  # the first are brokers among themselves
    }
    with JavaBroker(tmp_path_factory.mktemp("watched"), settings, [f"DOOR://{door}"]):
        cluster = Cluster(door, PREFIX, "SASL_PLAINTEXT", "PLAIN", ADMIN, PASSWORD)
        give_leave(cluster)
        yield cluster


def give_leave(cluster: Cluster) -> None:
    """Give everybody what ``relevo topics acls`` says."""
    admin = KafkaAdminClient(**cluster.for_kafka_python())
    admin.create_acls(
        [
            ACL(
                principal=f"User:{who}",
                host="*",
                operation=ACLOperation[operation],
                permission_type=ACLPermissionType.ALLOW,
                resource_pattern=ResourcePattern(KINDS[grant.kind], grant.name),
            )
            for who in WHO
            for grant in grants(cluster, who)
            for operation in grant.operations
        ]
    )
    admin.close()


def as_seen_by(who: str, cluster: Cluster) -> Cluster:
    """Return the same brokers, with somebody else logged in."""
    return replace(cluster, user=who)


def environment(who: str) -> dict[str, str]:
    """Return the settings with which a process logs in."""
    return {
        "RELEVO_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "RELEVO_KAFKA_MECHANISM": "PLAIN",
        "RELEVO_KAFKA_USER": who,
        "RELEVO_KAFKA_PASSWORD": PASSWORD,
    }


def test_everybody_works_with_no_more_leave_than_that(watched: Cluster, tmp_path: Path) -> None:
    operator = as_seen_by(OPERATOR, watched)
    with Line(watched, f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line:
        with administration(operator) as admin:
            assert len(admin.create(2, 1)) == len(TOPICS)
            assert admin.check(2, 1) == []
        with open_store(line.store) as database:
            look_at_topics(operator, database)
            sign(operator, database, None)
        for name in EVERYBODY:
            line.run(name, environment=environment(name))
        said = [one.value for one in history(Random(5), Plan(facts=60, leads=6))]
        for speaker, some in zip(SPEAKERS, (said[:30], said[30:]), strict=True):
            assert FactsTopic(as_seen_by(speaker, watched)).append(some) == len(some)
        wait_for("numbers to be published", lambda: line.ends(TOTALS)[0] > 0)
        line.settle()
        with line.opened() as database:
            report = verify(database, WORKERS)
        assert report.agrees, report.differences[:5]
        assert report.fact_count > 0
        assert sum(line.ends(NOTICES).values()) > 0
        assert not any("uthoriz" in one.said() for one in line.processes)


@pytest.mark.parametrize("who", [*READERS, *SPEAKERS])
def test_nobody_can_write_a_topic_that_is_not_their_own(watched: Cluster, who: str) -> None:
    with administration(watched) as admin:
        admin.create(2, 1)
    foreign = [topic.name for topic in TOPICS if who not in topic.speaks]
    refusals = [refusal(as_seen_by(who, watched), name) for name in foreign]
    assert refusals
    assert [said for said in refusals if "authorization failed" not in said] == []


def refusal(cluster: Cluster, topic: str) -> str:
    """Return why the brokers take no record; nothing if they do."""
    try:
        Publisher(cluster, "test").send([Sending(cluster.name(topic), 0, None, b"x")])
    except Undelivered as error:
        return str(error)
    return ""


def test_what_is_ones_own_can_be_written(watched: Cluster) -> None:
    with administration(watched) as admin:
        admin.create(2, 1)
    assert refusal(as_seen_by("intake", watched), FACTS) == ""


@pytest.mark.parametrize("who", WHO)
def test_nobody_is_given_leave_by_a_pattern_or_to_change_a_topic(who: str) -> None:
    found = grants(Cluster("", PREFIX), who)
    assert all(one.name.startswith(PREFIX) and not one.name.endswith("*") for one in found)
    assert {operation for one in found for operation in one.operations} <= {
        "READ",
        "WRITE",
        "DESCRIBE",
        "DESCRIBE_CONFIGS",
        "CREATE",
    }
