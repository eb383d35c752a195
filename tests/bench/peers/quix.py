"""The job with Quix Streams: a stateful function over a stream, its store RocksDB with a changelog topic.

``python quix.py BOOTSTRAP EVENTS SCORED FOLDER``, until it is stopped; its interpreter is that of a venv of
its own, because nothing of Relevo needs it. The guarantee is at-least-once, which is what Quix has.
"""

import sys
from typing import Any

from quixstreams import Application, State


def score(entry: dict[str, Any], state: State) -> dict[str, Any]:
    """Add an event's points to its lead's."""
    total = state.get("score", 0) + entry["traits"]["points"]
    state.set("score", total)
    entry["score"] = total
    return entry


def main(bootstrap: str, events: str, scored: str, folder: str) -> None:
    """Work until a signal comes."""
    app = Application(
        broker_address=bootstrap,
        consumer_group="peers-quix",
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        state_dir=folder,
        loglevel="ERROR",
    )
    read = app.topic(events, value_deserializer="json", key_deserializer="str")
    said = app.topic(scored, value_serializer="json", key_serializer="str")
    app.dataframe(read).apply(score, stateful=True).to_topic(said)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
