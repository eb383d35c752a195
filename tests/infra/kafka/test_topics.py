"""The topics on a real broker: made once, compared with the catalogue, every difference with its remedy."""

from dataclasses import replace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from infra.kafka.cluster import Cluster
from infra.kafka.errors import BrokersAway
from infra.kafka.topics import administration, wanted
from schemas.topics import TOPICS

pytestmark = pytest.mark.kafka


def names(cluster: Cluster) -> list[str]:
    return [cluster.name(topic.name) for topic in TOPICS]


def test_what_is_created_is_as_the_catalogue_says(cluster: Cluster) -> None:
    with administration(cluster) as admin:
        assert [one.name for one in admin.create(3, 1)] == names(cluster)
        assert admin.check(3, 1) == []
        found = admin.found()
    assert list(found) == names(cluster)
    assert found[cluster.name("leads.facts")].partitions == 1
    assert found[cluster.name("leads.journal")].partitions == 3
    assert found[cluster.name("metrics.totals")].settings["cleanup.policy"] == "compact"
    assert {one.settings["message.timestamp.type"] for one in found.values()} == {"LogAppendTime"}


def test_to_create_again_makes_nothing(cluster: Cluster) -> None:
    with administration(cluster) as admin:
        admin.create(2, 1)
        before = admin.found()
        assert admin.create(4, 1) == []
        assert admin.found() == before


def test_what_is_missing_is_named_with_what_makes_it(cluster: Cluster) -> None:
    with administration(cluster) as admin:
        found = admin.check(2, 1)
    assert [one.topic for one in found] == names(cluster)
    assert {one.remedy for one in found} == {"run relevo topics create"}


def test_every_difference_is_named_with_its_remedy(cluster: Cluster, broker: str) -> None:
    journal = cluster.name("leads.journal")
    client = KafkaAdminClient(bootstrap_servers=broker)
    client.create_topics([NewTopic(journal, 5, 1, topic_configs={"retention.ms": "1000"})])
    client.close()
    with administration(cluster) as admin:
        admin.create(2, 1)
        found = {one.what: one for one in admin.check(2, 1) if one.topic == journal}
    assert found["partitions"].found == "5"
    assert "cannot be changed in place" in found["partitions"].remedy
    assert (found["retention.ms"].wanted, found["retention.ms"].found) == ("1209600000", "1000")
    assert f"--topic {journal} --add-config retention.ms=1209600000" in found["retention.ms"].remedy
    assert "message.timestamp.type" in found


def test_to_keep_records_for_longer_is_no_difference(cluster: Cluster, broker: str) -> None:
    with administration(cluster) as admin:
        admin.create(1, 1)
        for longer in ("-1", "9999999999"):
            client = KafkaAdminClient(bootstrap_servers=broker)
            facts = cluster.name("leads.facts")
            client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, facts, {"retention.ms": longer})])
            client.close()
            assert admin.found()[facts].settings["retention.ms"] == longer
            assert admin.check(1, 1) == []


def test_three_copies_acknowledge_when_two_have_it() -> None:
    assert {one.settings["min.insync.replicas"] for one in wanted(Cluster("nowhere:1"), 4, 3)} == {"2"}


def test_brokers_that_do_not_answer_are_said_to_be_away(cluster: Cluster) -> None:
    with (
        pytest.raises(BrokersAway, match=r"127\.0\.0\.1:1"),
        administration(replace(cluster, bootstrap="127.0.0.1:1"), 1),
    ):
        raise AssertionError("nobody answers there")
