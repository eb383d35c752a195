"""What other teams may send to ``leads.facts``: any codec, transactions, both modes of events, nonsense."""

import json
from base64 import b64decode

import pytest
from confluent_kafka import Producer
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from sqlalchemy import select

from infra.kafka.cluster import Cluster
from infra.kafka.poison import FEWEST
from infra.kafka.routes import DEAD, FACTS
from infra.store.tables.read_model import dead_letters, facts
from infra.wire import write_fact
from schemas.facts import Captured
from schemas.topics import LARGEST_RECORD_BYTES
from tests.histories import START, event, subject
from tests.infra.kafka.lines import Line
from tests.infra.kafka.test_cloud_events import binary
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def captured(number: int) -> bytes:
    return write_fact(event(Captured(), subject(number), event_id=f"e{number}", time=START))


class Team:
    """Another team's producer."""

    def __init__(self, cluster: Cluster, **settings: str) -> None:
        self._topic = cluster.name(FACTS)
        options = {name.replace("_", "."): value for name, value in settings.items()}
        self.producer = Producer(cluster.for_confluent() | options)

    def send(self, *values: bytes | None, headers: list[tuple[str, bytes | None]] | None = None) -> None:
        """Send records without a key."""
        for value in values:
            self.producer.produce(self._topic, value, partition=0, headers=headers or [])
        assert self.producer.flush(30) == 0


def decided(line: Line) -> tuple[list[str], list[str]]:
    """Have the sequencer decide what was sent; return the ids of the facts, and why others were put aside."""
    ends = line.ends(FACTS)
    line.run("sequencer")
    wait_for("the sequencer to come to the end", lambda: line.reached("sequencer", ends))
    line.stop()
    with line.opened() as database, database.reading() as connection:
        admitted = select(facts.c.event_id).where(facts.c.lead_id.is_not(None)).order_by(facts.c.seq)
        letters = select(dead_letters.c.reason).order_by(dead_letters.c.id)
        return list(connection.scalars(admitted)), list(connection.scalars(letters))


def signed(line: Line) -> None:
    """Have an agreement signed before anything is sent."""
    assert decided(line) == ([], [])


def test_every_codec_is_read(line: Line) -> None:
    signed(line)
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    for place, codec in enumerate(codecs):
        Team(line.cluster, compression_type=codec).send(*[captured(10 * place + one) for one in range(10)])
    assert decided(line) == ([f"e{number}" for number in range(50)], [])


def test_what_a_transaction_committed_is_read_and_what_it_took_back_is_not(line: Line) -> None:
    signed(line)
    team = Team(line.cluster, transactional_id=f"{line.cluster.prefix}team")
    team.producer.init_transactions()
    for number, keeps in enumerate((True, False, True)):
        team.producer.begin_transaction()
        team.send(captured(10 * number), captured(10 * number + 1))
        if keeps:
            team.producer.commit_transaction()
        else:
            team.producer.abort_transaction()
    assert decided(line) == (["e0", "e1", "e20", "e21"], [])
    Team(line.cluster).send(captured(30))
    assert decided(line)[0][-1] == "e30"


def test_both_modes_are_read_and_nonsense_is_put_aside_with_its_bytes(line: Line) -> None:
    signed(line)
    team = Team(line.cluster)
    value, headers = binary(event(Captured(), subject(1), event_id="in-binary", time=START))
    team.send(value, headers=headers)
    team.send(captured(2))
    team.send(None, b"\xff\x00 nonsense")
    assert decided(line) == (["in-binary", "e2"], ["not_json", "not_json"])
    published = [json.loads(one) for one in values_of(line, DEAD)]
    assert [one["reason"] for one in published] == ["not_json", "not_json"]
    assert [b64decode(one["original"]) for one in published] == [b"", b"\xff\x00 nonsense"]
    assert all(one["offset"] > 0 and one["detail"] for one in published)


def values_of(line: Line, topic: str) -> list[bytes]:
    """Return the values of the records of a topic's first partition, by another client."""
    consumer = KafkaConsumer(**line.cluster.for_kafka_python())
    place = TopicPartition(line.cluster.name(topic), 0)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    found: list[bytes] = []
    end = line.ends(topic)[0]
    while consumer.position(place) < end:
        found += [record.value for record in consumer.poll(1000).get(place, [])]
    consumer.close()
    return found


def test_a_stream_of_poison_stops_the_sequencer_which_says_why(line: Line) -> None:
    signed(line)
    Team(line.cluster).send(*[b"poison"] * (FEWEST + 10))
    (process,) = line.start("sequencer")
    assert process.end() == 2
    assert f"{FEWEST + 10} of the last" in process.said().splitlines()[-1]
    assert "not_json" in process.said().splitlines()[-1]


def limit(line: Line, topic: str, largest: str) -> None:
    """Have a topic take records up to so many bytes."""
    admin = KafkaAdminClient(**line.cluster.for_kafka_python())
    changes = {"max.message.bytes": largest}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, line.cluster.name(topic), changes)])
    admin.close()


def test_while_the_dead_letters_cannot_be_written_the_log_waits(line: Line) -> None:
    signed(line)
    limit(line, DEAD, "1")
    Team(line.cluster).send(b"nonsense", captured(1))
    ends = line.ends(FACTS)
    (process,) = line.run("sequencer")
    wait_for(
        "it to say what it waits for", lambda: process.said().count("leads.dead/0: Broker: Message size") > 1
    )
    assert values_of(line, DEAD) == []
    limit(line, DEAD, str(LARGEST_RECORD_BYTES))
    wait_for("the sequencer to come to the end", lambda: line.reached("sequencer", ends))
    wait_for("the letter to be published", lambda: len(values_of(line, DEAD)) == 1)
