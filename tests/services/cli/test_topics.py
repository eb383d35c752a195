"""``relevo topics``: the catalogue."""

from typing import get_args

from schemas.facts import LeadFact
from schemas.topics import TOPICS
from tests.services.cli.conftest import Relevo


def test_every_topic_is_shown_with_who_speaks_and_who_hears(relevo: Relevo) -> None:
    found = relevo("topics", "--json").json["topics"]
    assert [one["topic"] for one in found] == [topic.name for topic in TOPICS]
    assert all({"key", "payload", "speaks", "hears"} <= set(one) for one in found)
    shown = relevo("topics").out
    assert all(topic.name in shown for topic in TOPICS)


def test_every_fact_that_may_be_said_is_shown_with_its_meaning(relevo: Relevo) -> None:
    found = {one["type"]: one["meaning"] for one in relevo("topics", "--json").json["facts"]}
    kinds = [model.model_fields["kind"].default for model in get_args(LeadFact)]
    assert {f"relevo.lead.{kind}" for kind in kinds} <= set(found)
    assert all(found.values())
