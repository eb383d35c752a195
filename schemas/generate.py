"""Write ``schemas/generated/``: a JSON Schema a topic and for the agreement, and one AsyncAPI document.

Run it with ``make docs``; ``make check`` fails while what it would write is not what is there. Other teams
read these files, so they are committed. Nothing here decides anything: the catalogue (``schemas.topics``)
and the models say it all.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from schemas.agreement import Agreement
from schemas.topics import TOPICS, Topic

FOLDER = Path(__file__).parent / "generated"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI = "3.0.0"


def documents() -> dict[str, dict[str, Any]]:
    """Return every document, by file name."""
    found = {f"{topic.name}.schema.json": _schema(topic.payload, topic.name) for topic in TOPICS}
    found["agreement.schema.json"] = _schema(Agreement, "agreement")
    found["asyncapi.json"] = asyncapi()
    return found


def _schema(payload: Any, name: str) -> dict[str, Any]:
    schema = TypeAdapter(payload).json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": f"urn:relevo:{name}", **schema}


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI document: channels, messages, and who sends and receives."""
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Relevo",
            "version": "1.0.0",
            "description": "The lead lifecycle: facts in; scores, stages, clocks and numbers out.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: one for topic in TOPICS for name, one in _operations(topic).items()},
        "components": {"messages": {topic.name: _message(topic) for topic in TOPICS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.sentence,
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "summary": topic.sentence,
        "description": f"Key: {topic.key}. Kept: {topic.kept}.",
        "contentType": "application/json",
        "payload": {"$ref": f"./{topic.name}.schema.json"},
    }


def _operations(topic: Topic) -> dict[str, dict[str, Any]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = {f"{who} sends {topic.name}": {"action": "send", "channel": channel} for who in topic.speaks}
    hears = {f"{who} receives {topic.name}": {"action": "receive", "channel": channel} for who in topic.hears}
    return sends | hears


def write(folder: Path = FOLDER) -> None:
    """Write every document, and remove files that are none of them."""
    folder.mkdir(exist_ok=True)
    wanted = documents()
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, document in wanted.items():
        (folder / name).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write()
