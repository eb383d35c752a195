"""What is written for other teams: a schema a topic, the agreement's, and one AsyncAPI document."""

import json
from pathlib import Path
from typing import Any

from schemas.generate import FOLDER, asyncapi, documents, write
from schemas.topics import TOPICS

NAMES = {topic.name for topic in TOPICS}


def test_what_is_committed_is_what_would_be_written() -> None:
    committed = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    assert committed == documents()


def test_every_topic_has_a_schema_and_so_has_the_agreement() -> None:
    schemas = {f"{name}.schema.json" for name in NAMES | {"agreement"}}
    assert documents().keys() == schemas | {"asyncapi.json"}
    ids = {found["$id"] for name, found in documents().items() if name in schemas}
    assert ids == {f"urn:relevo:{name}" for name in NAMES | {"agreement"}}


def test_every_reference_leads_somewhere() -> None:
    document, known = asyncapi(), documents()
    for reference in references(document):
        file, _, path = reference.partition("#")
        target: Any = known[file.removeprefix("./")] if file else document
        for part in filter(None, path.split("/")):
            target = target[part]
        assert target


def references(node: Any) -> list[str]:
    """Return every ``$ref`` in a document."""
    if isinstance(node, dict):
        here = [node["$ref"]] if "$ref" in node else []
        return here + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def test_who_speaks_and_who_hears_is_said_of_every_topic() -> None:
    said = {(one["action"], one["channel"]["$ref"], who) for who, one in by_name().items()}
    for topic in TOPICS:
        channel = f"#/channels/{topic.name}"
        assert {("send", channel, f"{who} sends {topic.name}") for who in topic.speaks} <= said
        assert {("receive", channel, f"{who} receives {topic.name}") for who in topic.hears} <= said


def by_name() -> dict[str, Any]:
    found: dict[str, Any] = asyncapi()["operations"]
    return found


def test_writing_removes_what_is_said_no_more_and_leaves_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "generated"
    write(folder)
    (folder / "leads.forgotten.schema.json").write_text("{}")
    (folder / "README.md").write_text("mine")
    write(folder)
    assert {path.name for path in folder.iterdir()} == documents().keys() | {"README.md"}
    assert json.loads((folder / "asyncapi.json").read_text()) == asyncapi()
