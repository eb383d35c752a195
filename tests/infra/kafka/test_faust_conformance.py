"""What the pinned Faust does that this host works around: each test fails when an upgrade changes it.

Then the way around it can go, or must change; ``infra.kafka.pinned`` notices changed signatures, and this
notices changed ways. Found by running Faust 0.15.3.
"""

import asyncio
import inspect
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import faust
import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from mode.timers import Timer

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending
from tests.infra.kafka.lines import ROOT


@pytest.fixture
def app(tmp_path: Path) -> faust.App:
    """Faust as it is, unless told otherwise."""
    return faust.App("as-it-is", datadir=tmp_path)


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert metadata.version("faust-streaming") == "0.15.3"


def test_its_web_server_is_on_and_open_to_everybody_unless_told_otherwise(app: faust.App) -> None:
    assert app.conf.web_enabled
    assert (app.conf.web_bind, app.conf.web_port) == ("0.0.0.0", 6066)  # noqa: S104 - that is the trap
    assert any("/table" in str(prefix) for prefix, _ in app.web.default_blueprints)


def test_a_dead_process_is_missed_after_a_minute_unless_told_otherwise(app: faust.App) -> None:
    assert app.conf.broker_session_timeout == 60
    assert app.conf.broker_heartbeat_interval == 3


def test_it_takes_standard_output_unless_told_otherwise(app: faust.App) -> None:
    assert app.conf.worker_redirect_stdouts


def test_it_assigns_by_its_own_ways_because_tables_might_have_standbys(app: faust.App) -> None:
    assert app.conf.table_standby_replicas > 0
    assert "table_standby_replicas > 0" in inspect.getsource(AIOKafkaConsumerThread._create_worker_consumer)


def test_records_of_aborted_transactions_are_read_unless_it_writes_some_itself() -> None:
    source = inspect.getsource(AIOKafkaConsumerThread._create_worker_consumer)
    assert 'isolation_level: str = "read_uncommitted"' in source


def test_it_reads_on_from_the_committed_offset() -> None:
    assert "await self.seek_to_committed()" in inspect.getsource(Consumer.perform_seek)


def test_it_drops_what_lies_before_what_it_read_last_without_a_word() -> None:
    source = inspect.getsource(Consumer._drain_messages)
    assert "if r_offset is None or offset >= r_offset:" in source
    assert 'self.log.dev(\n                                "DROPPED MESSAGE' in source


def test_an_offset_that_cannot_be_committed_ends_the_process() -> None:
    assert "except Exception as exc:" in inspect.getsource(AIOKafkaConsumerThread._commit)
    assert "await self.crash(exc)" in inspect.getsource(AIOKafkaConsumerThread._commit)


def test_to_ask_aiokafka_for_no_partition_is_to_ask_for_all() -> None:
    assert "if partitions and tp not in partitions:" in inspect.getsource(Fetcher.fetched_records)


def test_a_timer_drifts_by_what_its_callbacks_take() -> None:
    now, fired = 0.0, []

    def clock() -> float:
        return now

    async def pass_time(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def run() -> None:
        async for _ in Timer(1.0, clock=clock, sleep=pass_time):
            fired.append(now)
            await pass_time(0.5)  # what a callback takes
            if len(fired) == 20:
                return

    asyncio.run(run())
    assert fired[-1] > 20 + 5


@pytest.mark.kafka
@pytest.mark.slow
def test_bad_records_are_acknowledged_and_end_agents_without_a_word(cluster: Cluster) -> None:
    raising, taking = cluster.name("raising"), cluster.name("taking")
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    admin.create_topics([NewTopic(name, 1, 1) for name in (raising, taking)])
    admin.wait_for_topics([raising, taking])
    admin.close()
    publisher = Publisher(cluster, "conformance")
    publisher.send([Sending(raising, 0, None, value) for value in (b"bad", b"one", b"two")])
    publisher.send([Sending(taking, 0, None, value) for value in (b"bad", b'"one"', b'"two"')])
    command = [sys.executable, "-m", "tests.infra.kafka.faust_idiom", cluster.bootstrap, cluster.group("x")]
    ran = subprocess.run(
        [*command, raising, taking], cwd=ROOT, check=True, capture_output=True, text=True, timeout=180
    )
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    # The exception acknowledged its event: it is gone, and the offset behind it is committed.
    assert said["done"]["raising"] == ["one", "two"]
    assert said["committed"][raising] == 3
    # Bytes that are not JSON: nothing is ever taken again from this topic, and the process goes on.
    assert said["done"]["taking"] == []


def test_partitions_of_both_libraries_are_each_others_keys() -> None:
    assert {TopicPartition("t", 1): "x"}[TP("t", 1)] == "x"


def test_without_a_codec_library_a_compressed_record_cannot_be_read() -> None:
    without = "import sys; sys.modules['cramjam'] = None; import aiokafka.codec as codec"
    code = f"{without}; print(codec.has_lz4(), codec.has_gzip())"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["False", "True"]
