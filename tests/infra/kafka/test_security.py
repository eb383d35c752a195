"""Brokers that ask who comes, and encrypt: each of the three clients comes in as the settings say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.kafka.cluster import Cluster
from infra.settings import Mechanism, Security
from services.kafka_line import FactsTopic
from tests.infra.kafka.lines import ROOT, Line
from tests.servers.kafka import JavaBroker
from tests.servers.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

USER, PASSWORD = "relevo", "muy-secreta"
STORE_PASSWORD = "changeit"  # noqa: S105 - of the key that this broker shows


@dataclass(frozen=True)
class Guarded:
    """A broker with two doors: one that only asks who comes, and one that encrypts as well."""

    plain: str
    encrypted: str
    ca: Path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Start a broker that lets nobody in without a password."""
    folder = tmp_path_factory.mktemp("guarded")
    store, ca = made_key(folder)
    plain, encrypted = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    protocols = "PLAIN_DOOR:SASL_PLAINTEXT,TLS_DOOR:SASL_SSL,CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"
    settings = {
        "listener.security.protocol.map": protocols,
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": STORE_PASSWORD,
        "ssl.keystore.type": "PKCS12",
        "scram": ";".join(f"SCRAM-SHA-{size}=[name={USER},password={PASSWORD}]" for size in (256, 512)),
        **logins("plain_door"),
        **logins("tls_door"),
    }
    with JavaBroker(folder / "broker", settings, [f"PLAIN_DOOR://{plain}", f"TLS_DOOR://{encrypted}"]):
        yield Guarded(plain, encrypted, ca)


def logins(door: str) -> dict[str, str]:
    """Return who may come in by a listener."""
    modules = "org.apache.kafka.common.security"
    scram = f"{modules}.scram.ScramLoginModule required;"
    plain = f'{modules}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    prefix = f"listener.name.{door}"
    return {
        f"{prefix}.plain.sasl.jaas.config": plain,
        f"{prefix}.scram-sha-256.sasl.jaas.config": scram,
        f"{prefix}.scram-sha-512.sasl.jaas.config": scram,
    }


def made_key(folder: Path) -> tuple[Path, Path]:
    """Make a key for 127.0.0.1 with Java's own tool; return its store and the certificate to trust."""
    store, ca = folder / "broker.p12", folder / "ca.pem"
    shared = ["-keystore", str(store), "-storepass", STORE_PASSWORD, "-alias", "broker"]
    name = ["-dname", "CN=127.0.0.1", "-ext", "SAN=IP:127.0.0.1", "-ext", "BC=ca:true"]
    made = ["keytool", "-genkeypair", *shared, *name, "-keyalg", "RSA", "-storetype", "PKCS12"]
    subprocess.run(made, check=True, capture_output=True)
    told = ["keytool", "-exportcert", "-rfc", *shared, "-file", str(ca)]
    subprocess.run(told, check=True, capture_output=True)
    return store, ca


def cluster_at(guarded: Guarded, security: Security, mechanism: Mechanism, prefix: str) -> Cluster:
    """Return the broker by one of its doors."""
    bootstrap = guarded.encrypted if security == "SASL_SSL" else guarded.plain
    ca = guarded.ca if security == "SASL_SSL" else None
    return Cluster(bootstrap, prefix, security, mechanism, USER, PASSWORD, ca)


def environment(cluster: Cluster) -> dict[str, str]:
    """Return the settings as a worker's environment has them."""
    return {
        "RELEVO_KAFKA_SECURITY": cluster.security,
        "RELEVO_KAFKA_MECHANISM": cluster.mechanism,
        "RELEVO_KAFKA_USER": USER,
        "RELEVO_KAFKA_PASSWORD": PASSWORD,
        "RELEVO_KAFKA_CA": "" if cluster.ca is None else str(cluster.ca),
    }


@pytest.mark.parametrize(
    ("security", "mechanism"),
    [("SASL_PLAINTEXT", "PLAIN"), ("SASL_PLAINTEXT", "SCRAM-SHA-256"), ("SASL_SSL", "SCRAM-SHA-512")],
)
def test_all_three_clients_come_in(
    guarded: Guarded, security: Security, mechanism: Mechanism, tmp_path: Path
) -> None:
    cluster = cluster_at(guarded, security, mechanism, f"{mechanism.lower()}.")
    with Line(cluster, f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line:
        line.make_topics()  # kafka-python
        assert FactsTopic(cluster).append([b"{}"]) == 1  # librdkafka
        line.run("sequencer", environment=environment(cluster))  # aiokafka, under Faust
        line.settle(["sequencer"])
        assert line.stands("sequencer")[0] >= 1
        assert PASSWORD not in "".join(one.said() for one in line.processes)


def refusal(cluster: Cluster, **changes: str) -> str:
    """Return what ``relevo topics check`` says when it is not let in; it takes ten seconds to give up."""
    command = [sys.executable, "-m", "services.cli", "topics", "check", "--bootstrap", cluster.bootstrap]
    settings = os.environ | environment(cluster) | changes
    ran = subprocess.run(command, cwd=ROOT, env=settings, check=False, capture_output=True, text=True)
    assert ran.returncode == 2
    return ran.stderr.splitlines()[-1]


def test_a_wrong_password_is_said_to_keep_us_out(guarded: Guarded) -> None:
    cluster = cluster_at(guarded, "SASL_PLAINTEXT", "SCRAM-SHA-512", "x.")
    said = refusal(cluster, RELEVO_KAFKA_PASSWORD="otra")  # noqa: S106 - the wrong one
    assert said.startswith(f"relevo: {cluster.bootstrap} (SASL_PLAINTEXT): ")
    assert "otra" not in said


def test_an_authority_that_we_do_not_know_is_not_trusted(guarded: Guarded) -> None:
    cluster = cluster_at(guarded, "SASL_SSL", "SCRAM-SHA-512", "x.")
    assert refusal(cluster, RELEVO_KAFKA_CA="").startswith(f"relevo: {cluster.bootstrap} (SASL_SSL): ")
