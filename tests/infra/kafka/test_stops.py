"""What keeps a worker from starting, or stops it: a sentence that says what to do, and nothing skipped."""

import shutil
import signal
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewPartitions, NewTopic
from sqlalchemy import select, update

from infra.kafka.routes import FACTS
from infra.store.tables.hosts import positions
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.infra.kafka.lines import NAMES, Line
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def expect_stop(line: Line, worker: str, *words: str) -> None:
    """Expect a worker to end by itself, in one sentence that holds these words."""
    (process,) = line.start(worker)
    assert process.end() == 2
    last = process.said().splitlines()[-1]
    assert last.startswith("relevo: ")
    assert [word for word in words if word not in last] == []


def admin_of(line: Line) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=line.cluster.bootstrap)


def visited(line: Line, *names: str) -> None:
    """Have workers been at work once, and stop them."""
    line.run(*names)
    line.stop()


def test_a_topic_that_is_missing_stops_with_how_to_make_it(line: Line) -> None:
    admin = admin_of(line)
    admin.delete_topics([line.cluster.name("leads.scored")])
    admin.close()
    wait_for("the topic to be gone", lambda: not line.has_topic("leads.scored"))
    expect_stop(line, "scoring", "leads.scored: no such topic", "relevo topics create")


def test_another_number_of_partitions_stops_and_says_that_it_cannot_be_undone(line: Line) -> None:
    visited(line, "scoring")
    admin = admin_of(line)
    names = [line.cluster.name(one) for one in ("leads.journal", "leads.scored", "leads.decided")]
    admin.create_partitions({name: NewPartitions(total_count=5) for name in names})
    admin.close()
    wait_for("the partitions", lambda: len(line.ends("leads.decided")) == 5)
    expect_stop(line, "scoring", "had 2 partitions and has 5", "begin a new tenant")


def test_partitions_that_come_while_a_worker_runs_stop_it(line: Line) -> None:
    (scoring,) = line.run("scoring")
    admin = admin_of(line)
    admin.create_partitions({line.cluster.name("leads.journal"): NewPartitions(total_count=5)})
    admin.close()
    assert scoring.end() == 2
    last = scoring.said().splitlines()[-1]
    assert "leads.journal had 2 partitions when this worker started" in last
    assert "begin a new tenant" in last
    with line.opened() as database, database.reading() as connection:
        assert {row.partition for row in connection.execute(select(positions))} == {0, 1}


def test_topics_with_unequal_numbers_of_partitions_stop(line: Line) -> None:
    admin = admin_of(line)
    admin.create_partitions({line.cluster.name("leads.scored"): NewPartitions(total_count=5)})
    admin.close()
    wait_for("the partitions", lambda: len(line.ends("leads.scored")) == 5)
    expect_stop(line, "lifecycle", "equally many partitions", "leads.scored has 5")


def test_a_topic_that_was_made_anew_stops(line: Line) -> None:
    visited(line, "scoring")
    admin, name = admin_of(line), line.cluster.name("leads.journal")
    admin.delete_topics([name])
    wait_for("the topic to be gone", lambda: not line.has_topic("leads.journal"))
    admin.create_topics([NewTopic(name, 2, 1)])
    admin.wait_for_topics([name])
    admin.close()
    expect_stop(line, "scoring", "was deleted and made anew", "A position outside the log")


def test_a_log_that_does_not_stamp_its_records_stops(line: Line) -> None:
    admin, name = admin_of(line), line.cluster.name(FACTS)
    admin.delete_topics([name])
    wait_for("the topic to be gone", lambda: not line.has_topic(FACTS))
    admin.create_topics([NewTopic(name, 1, 1, topic_configs={"message.timestamp.type": "CreateTime"})])
    admin.wait_for_topics([name])
    admin.close()
    expect_stop(line, "sequencer", "does not stamp its records", "relevo topics check")


def test_a_position_behind_the_log_stops_before_anything_is_read(line: Line) -> None:
    visited(line, "scoring")
    with line.opened() as database, database.writing() as connection:
        connection.execute(update(positions).values(next_offset=1_000_000))
    expect_stop(line, "scoring", "from offset 1000000", "the topic is another", "A position outside the log")


def test_records_that_were_deleted_before_they_were_read_stop(line: Line) -> None:
    line.say(one.value for one in history(Random(3), Plan(facts=30)))
    admin = admin_of(line)
    admin.delete_records({TopicPartition(line.cluster.name(FACTS), 0): 10})
    admin.close()
    expect_stop(line, "sequencer", "the log holds 10 to", "deleted before they were read")


@pytest.mark.parametrize("bootstrap", ["127.0.0.1:1", "nobody.invalid:9092"])
def test_brokers_that_do_not_answer_or_cannot_be_found_are_waited_for(line: Line, bootstrap: str) -> None:
    away = replace(line, cluster=replace(line.cluster, bootstrap=bootstrap), processes=[])
    with away:
        (process,) = away.start("scoring")
        wait_for("it to say that it waits", lambda: "Waiting: no broker answers" in process.said())
        assert process.popen.poll() is None
        assert process.kill(signal.SIGTERM) == 0
        assert process.said().endswith("Stopped.\n")


def test_a_store_put_back_behind_the_committed_offsets_goes_on_from_its_own_positions(
    line: Line, tmp_path: Path
) -> None:
    said = [one.value for one in history(Random(8), Plan(facts=120, leads=8))]
    line.run(*NAMES)
    line.say(said[:60])
    line.settle()
    store = tmp_path / "relevo.db"
    shutil.copy(store, tmp_path / "backup.db")
    line.run(*NAMES)
    line.say(said[60:])
    line.settle()
    expected = report_of(line)
    shutil.copy(tmp_path / "backup.db", store)
    line.run(*NAMES)
    line.settle()
    assert report_of(line) == expected


def report_of(line: Line) -> tuple[int, int, int]:
    """Return what the store comes to; it must agree with its facts."""
    with line.opened() as database:
        report = verify(database, WORKERS)
    assert report.agrees, report.differences[:5]
    return report.fact_count, report.conclusion_count, report.cell_count
