"""The catalogue of topics: complete, and one way."""

import pytest
from pydantic import TypeAdapter

from schemas.topics import TOPICS, Topic
from schemas.vocabulary import WorkerName


def test_topics_have_names_of_their_own() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(names) == len(set(names))


def test_every_worker_speaks_and_hears_somewhere() -> None:
    workers = {worker.value for worker in WorkerName}
    assert workers <= {who for topic in TOPICS for who in topic.speaks}
    assert workers <= {who for topic in TOPICS for who in topic.hears}


def test_data_runs_one_way() -> None:
    # The heartbeat, which the sequencer says to itself, is the one exception.
    workers = set(WorkerName)
    back = [
        (heard.name, said.name, worker)
        for place, heard in enumerate(TOPICS)
        for said in TOPICS[: place + 1]
        for worker in workers & {*heard.hears} & {*said.speaks}
        if (worker, said.name) != ("sequencer", "leads.facts")
    ]
    assert back == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_payload_has_a_json_schema(topic: Topic) -> None:
    assert TypeAdapter(topic.payload).json_schema()
