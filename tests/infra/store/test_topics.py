"""What a store remembers of its topics, and that it is filled from one kind of log alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.store.database import Transaction
from infra.store.errors import StoreUnusable
from infra.store.positions import take_over
from infra.store.topics import KnownTopic, remember
from schemas.vocabulary import WorkerName
from tests.stores import new_store

FACTS = KnownTopic("leads.facts", "id-1", 1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Transaction]:
    with new_store(tmp_path / "relevo.db") as database, database.writing() as connection:
        yield connection


def test_a_topic_is_remembered_as_it_was_first_met(connection: Transaction) -> None:
    assert remember(connection, [FACTS]) == {"leads.facts": FACTS}
    take_over(connection, WorkerName.SEQUENCER, 0)
    again = FACTS._replace(topic_id="id-2")
    assert remember(connection, [again]) == {"leads.facts": FACTS}


def test_workers_on_kafka_leave_the_line_of_one_machine_alone(connection: Transaction) -> None:
    take_over(connection, WorkerName.SEQUENCER, 0)
    with pytest.raises(StoreUnusable, match="a database of their own"):
        remember(connection, [FACTS])
