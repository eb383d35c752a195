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


def test_the_catalogue_is_a_verb_of_its_own(relevo: Relevo) -> None:
    assert relevo("topics", "catalogue", "--json").json == relevo("topics", "--json").json


def test_brokers_that_are_away_are_said_to_be_in_one_sentence(relevo: Relevo) -> None:
    done = relevo("topics", "check", "--bootstrap", "127.0.0.1:1")
    assert done.code == 2
    assert done.err.startswith("relevo: no broker answers (127.0.0.1:1")


def test_every_fact_that_may_be_said_is_shown_with_its_meaning(relevo: Relevo) -> None:
    found = {one["type"]: one["meaning"] for one in relevo("topics", "--json").json["facts"]}
    kinds = [model.model_fields["kind"].default for model in get_args(LeadFact)]
    assert {f"relevo.lead.{kind}" for kind in kinds} <= set(found)
    assert all(found.values())


def test_leave_is_printed_as_commands_and_as_data(relevo: Relevo) -> None:
    shown = relevo("topics", "acls", "--prefix", "acme.", "--bootstrap", "kafka:9092").out.splitlines()
    assert (
        "kafka-acls --bootstrap-server kafka:9092 --add --allow-principal 'User:relevo-scoring' "
        "--operation READ --operation DESCRIBE --operation DESCRIBE_CONFIGS --topic acme.leads.journal"
    ) in shown
    found = relevo("topics", "acls", "--json", "--principal", "User:CN={who}").json
    assert len(found) == len(shown)
    assert found[-1]["principal"] == "User:CN=operator"
