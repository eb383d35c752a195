"""Faust as its guide uses it, run as a process of its own: ``python -m tests.infra.kafka.faust_idiom``.

Two agents read three records each, of which the first is bad: one raises on it, the other takes batches of
JSON that it is not. What they did is printed as JSON once the first one's offsets were committed, and no
sooner than the other had time for its batches.
"""

import asyncio
import json
import sys
import tempfile
import time
from typing import Any

import faust

FEWEST_SECONDS, MOST_SECONDS = 6, 60


async def main(bootstrap: str, group: str, raising: str, taking: str) -> None:
    """Run both agents until the first one's last offset was committed."""
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_commit_interval=0.5,
        datadir=tempfile.mkdtemp(),
    )
    done: dict[str, list[Any]] = {"raising": [], "taking": []}

    async def on_each(stream: Any) -> None:
        async for value in stream:
            if value == b"bad":
                raise ValueError(value)
            done["raising"].append(value.decode())

    async def on_several(stream: Any) -> None:
        async for values in stream.take(10, within=0.5):
            done["taking"] += values

    app.agent(app.topic(raising, value_serializer="raw"))(on_each)
    app.agent(app.topic(taking, value_serializer="json"))(on_several)
    await app.start()
    begun, committed = time.monotonic(), dict[str, int]()
    while (ran := time.monotonic() - begun) < FEWEST_SECONDS or committed.get(raising, 0) < 3:
        if ran > MOST_SECONDS:
            break
        await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.5)
        committed = {tp.topic: offset for tp, offset in app.consumer._committed_offset.items() if offset}
    print(json.dumps({"done": done, "committed": committed}))  # noqa: T201
    await app.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
