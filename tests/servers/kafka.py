"""A real Kafka broker for tests: the one that is named, one in Docker, or one from its Maven artefacts.

``find_broker`` looks in this order: ``KAFKA_BOOTSTRAP_SERVERS``; a Docker engine that has the image or gets
it (one container for the session); Java 17 and Maven (the jars are fetched once into the user's cache). Where
there is none of them it raises: who asks for tests with a broker must not be told that they passed.

A ``JavaBroker`` can also be stopped, started again, and given further listeners.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.servers.cache import cache
from tests.servers.ports import free_port

VERSION = "4.1.1"
IMAGE = f"apache/kafka:{VERSION}"
START_SECONDS = 180
"""Longer than the slowest machine takes: it is waited no longer than it has to be."""

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>relevo</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"""


class NoBroker(Exception):
    """There is no broker, and none can be started here."""


@contextmanager
def find_broker(folder: Path) -> Iterator[str]:
    """Yield the address of a broker, and stop it at the end if it was started here.

    Args:
        folder: Where a broker that is started here keeps its data.

    Raises:
        NoBroker: Nothing serves.
    """
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        yield named
    elif _docker_has_image():
        with _container() as address:
            yield address
    elif shutil.which("java") and shutil.which("mvn"):
        with JavaBroker(folder) as broker:
            yield broker.address
    else:
        raise NoBroker(
            "no Kafka broker: set KAFKA_BOOTSTRAP_SERVERS, start Docker, or install Java 17 and Maven "
            "(apt install openjdk-17-jre-headless maven)"
        )


class JavaBroker:
    """One broker from its Maven artefacts, on loopback; ``address`` is where it listens.

    Args:
        folder: Where it keeps its data.
        settings: Beside those that it needs; ``scram`` are users, as its storage tool writes them.
        doors: Further listeners, as ``NAME://host:port``.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, doors: Sequence[str] = ()
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._jars = _jars()
        self._settings = dict(settings or {})
        self._doors = doors
        self.port, self._controller_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        (self._folder / "server.properties").write_text(self._properties(), encoding="utf-8")
        if not (self._folder / "data").exists():
            self._format()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and return when it answers."""
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", "server.properties"),
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _wait_until_it_answers(self.address, self._process, self._folder / "broker.log")

    def stop(self, *, hard: bool = False) -> None:
        """Stop it; ``hard`` is a crash."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
            self._process.wait(START_SECONDS)
            self._process = None

    def _format(self) -> None:
        id_ = subprocess.run(
            self._java("kafka.tools.StorageTool", "random-uuid"),
            check=True,
            capture_output=True,
            text=True,
            cwd=self._folder,
        ).stdout.strip()
        command = self._java("kafka.tools.StorageTool", "format", "-t", id_, "-c", "server.properties")
        users = self._settings.get("scram", "").split(";")
        command += [word for user in users if user for word in ("--add-scram", user)]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder)

    def _java(self, *arguments: str) -> list[str]:
        options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return ["java", *options, "-cp", f"{self._jars}/*", *arguments]

    def _properties(self) -> str:
        controller, inside = f"127.0.0.1:{self._controller_port}", f"PLAINTEXT://{self.address}"
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": ",".join([inside, f"CONTROLLER://{controller}", *self._doors]),
            "advertised.listeners": ",".join([inside, *self._doors]),
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self._folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "3",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.num.partitions": "3",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        }
        settings = {name: value for name, value in self._settings.items() if name != "scram"}
        return "".join(f"{name}={value}\n" for name, value in (properties | settings).items())


def _jars() -> Path:
    """Return the folder of the broker's jars; fetched once, and whole or not at all."""
    jars = cache() / f"kafka-{VERSION}"
    if jars.exists():
        return jars
    fetching = cache() / f"kafka-{VERSION}.{os.getpid()}"
    fetching.mkdir(parents=True)
    (fetching / "pom.xml").write_text(_POM, encoding="utf-8")
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"],
        cwd=fetching,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        (fetching / "jars").rename(jars)
    except OSError:
        assert jars.exists(), "another run fetched them meanwhile"
    shutil.rmtree(fetching)
    return jars


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes] | None, log: Path | None) -> None:
    host, port = address.split(":")
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection((host, int(port)), timeout=1):
                pass
            KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5000).close()
            return
        except (OSError, KafkaError) as error:
            if process is not None and process.poll() is not None:
                raise NoBroker(f"the broker did not start; see {log}") from error
            if time.monotonic() > ends:
                raise NoBroker(f"the broker at {address} does not answer") from error
            threading.Event().wait(0.2)


def _docker_has_image() -> bool:
    """Say whether an engine runs that has the image or gets it."""
    if not shutil.which("docker"):
        return False
    asked = (["docker", "image", "inspect", IMAGE], ["docker", "pull", "--quiet", IMAGE])
    return any(subprocess.run(one, capture_output=True, check=False).returncode == 0 for one in asked)


@contextmanager
def _container() -> Iterator[str]:
    port = free_port()
    environment = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }
    options = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    command = ["docker", "run", "--rm", "-d", "-p", f"127.0.0.1:{port}:{port}", *options, IMAGE]
    started = subprocess.run(command, check=True, capture_output=True, text=True)
    container = started.stdout.strip()
    try:
        _wait_until_it_answers(f"127.0.0.1:{port}", None, None)
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run(["docker", "rm", "-f", container], check=True, capture_output=True)
