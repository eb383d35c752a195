"""The job as Faust's guide would have it: an agent and a table, an event at a time.

``python -m tests.bench.peers.faust_idiom BOOTSTRAP EVENTS SCORED``, until it is stopped. The table is in
memory with a changelog topic, and the guarantee is at-least-once: both are Faust's defaults.
"""

import sys
import tempfile
from typing import Any

import faust

from tests.bench.peers.job import POINTS


def application(bootstrap: str, events: str, scored: str) -> faust.App:
    """Return the application."""
    app = faust.App(
        "peers-faust",
        broker=f"kafka://{bootstrap}",
        web_enabled=False,
        topic_partitions=4,
        consumer_auto_offset_reset="earliest",
        datadir=tempfile.mkdtemp(),
    )
    said = app.topic(scored, key_type=str, value_serializer="json")
    scores = app.Table("scores", default=int)

    async def score(entries: Any) -> None:
        async for entry in entries:
            lead_id = entry["lead_id"]
            scores[lead_id] += entry["traits"][POINTS]
            await said.send(key=lead_id, value=entry | {"score": scores[lead_id]})

    app.agent(app.topic(events, key_type=str, value_serializer="json"))(score)
    return app


if __name__ == "__main__":
    faust.Worker(application(*sys.argv[1:]), loglevel="ERROR").execute_from_commandline()
