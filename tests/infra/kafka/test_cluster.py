"""The same brokers in the words of each client, and settings that do not go together."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.kafka.cluster import Cluster, cluster_of
from infra.kafka.errors import ClusterWrong
from infra.settings import read_settings

SECRET = "secreta"  # noqa: S105 - nobody logs in with it
PLAIN = Cluster("one:9092, other:9092", "acme.")


def test_names_begin_with_the_tenants_prefix() -> None:
    assert PLAIN.name("leads.facts") == "acme.leads.facts"
    assert PLAIN.group("scoring") == "acme.relevo.scoring"


def test_several_brokers_are_told_apart() -> None:
    assert PLAIN.servers == ["one:9092", "other:9092"]
    assert PLAIN.for_confluent()["bootstrap.servers"] == "one:9092,other:9092"
    assert PLAIN.for_kafka_python()["bootstrap_servers"] == ["one:9092", "other:9092"]


def test_who_logs_in_says_so_to_each_client() -> None:
    cluster = replace(
        PLAIN, security="SASL_PLAINTEXT", mechanism="SCRAM-SHA-256", user="ana", password=SECRET
    )
    confluent, python = cluster.for_confluent(), cluster.for_kafka_python()
    assert (confluent["sasl.username"], confluent["sasl.mechanism"]) == ("ana", "SCRAM-SHA-256")
    assert (python["sasl_plain_username"], python["sasl_mechanism"]) == ("ana", "SCRAM-SHA-256")


def test_nobody_logs_in_without_being_asked() -> None:
    cluster = replace(PLAIN, user="ana", password=SECRET)
    assert "sasl.username" not in cluster.for_confluent()
    assert "sasl_plain_username" not in cluster.for_kafka_python()


def test_the_password_is_not_shown() -> None:
    cluster = replace(PLAIN, security="SASL_SSL", user="ana", password=SECRET)
    assert SECRET not in repr(cluster)


def test_to_log_in_without_a_password_is_refused() -> None:
    with pytest.raises(ClusterWrong, match="RELEVO_KAFKA_PASSWORD"):
        replace(PLAIN, security="SASL_SSL", user="ana")


def test_a_certificate_without_encryption_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClusterWrong, match="RELEVO_KAFKA_SECURITY"):
        replace(PLAIN, certificate=tmp_path / "own.pem")


def test_the_settings_come_to_a_cluster() -> None:
    environment = {"RELEVO_KAFKA": "broker:9092", "RELEVO_KAFKA_PREFIX": "acme."}
    assert cluster_of(read_settings(environment).kafka) == replace(
        PLAIN, bootstrap="broker:9092", mechanism="SCRAM-SHA-512"
    )


def test_a_file_that_is_not_there_is_refused() -> None:
    environment = {"RELEVO_KAFKA_SECURITY": "SSL", "RELEVO_KAFKA_CA": "nowhere/ca.pem"}
    with pytest.raises(ClusterWrong, match=r"nowhere/ca\.pem"):
        cluster_of(read_settings(environment).kafka)
