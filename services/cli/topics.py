"""``relevo topics``: the catalogue of what is said where, and of every kind of fact."""

from typing import TYPE_CHECKING, get_args

from services.cli.options import Json
from services.cli.terminal import screen, table, write_json

if TYPE_CHECKING:
    from schemas.topics import Topic


def topics(*, json: Json = False) -> None:
    """Show the topics of the line, and the types of facts that may be said.

    Example: relevo topics --json
    """
    from schemas.facts import TYPE_PREFIX, ControlFact, LeadFact
    from schemas.topics import TOPICS

    kinds = [
        {"type": TYPE_PREFIX + model.model_fields["kind"].default, "meaning": _first_sentence(model)}
        for model in (*get_args(LeadFact), *get_args(ControlFact))
    ]
    if json:
        write_json({"topics": [_topic(topic) for topic in TOPICS], "facts": kinds})
        return
    drawn = table("Topics", "topic", "key", "speaks", "hears", "what it carries")
    for topic in TOPICS:
        drawn.add_row(topic.name, topic.key, ", ".join(topic.speaks), ", ".join(topic.hears), topic.sentence)
    facts = table("Facts that may be said on leads.facts", "type", "what it says")
    for kind in kinds:
        facts.add_row(kind["type"], kind["meaning"])
    screen().print(drawn, facts)


def _topic(topic: "Topic") -> dict[str, object]:
    return {
        "topic": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "payload": _payload_name(topic.payload),
        "speaks": topic.speaks,
        "hears": topic.hears,
        "kept": topic.kept,
        "meaning": topic.sentence,
    }


def _payload_name(payload: object) -> str:
    """Return the names of the payload's types: one, or those of a union."""
    members = get_args(payload) or (payload,)
    return " | ".join(getattr(member, "__name__", str(member)) for member in members)


def _first_sentence(model: type) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())
