"""Who waits for whom on a connection, and for how long: a peer that does nothing never keeps one for ever.

Connections of the real class over real sockets, in a loop of the test's own with little patience, before a
front that answers as the test wants: at once, late, at length, or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from uvicorn.server import ServerState

from services.intake.edge import protocol
from services.intake.edge.answers import UNKNOWN, Sent
from services.intake.edge.asked import Asked
from services.intake.edge.protocol import Connection, Reply
from services.intake.edge.routes import Route
from services.intake.edge.wire_limits import WireLimits
from tests.services.intake.edge.test_protocol import LAST, STRANGER, TAKEN, statuses

READ_SECONDS = 0.2
ANYWHERE = Route((), 100, {})
LONG = Sent(200, b"x" * 16 * 1024 * 1024)
"""More than any socket holds for who does not read."""


@dataclass
class Front:
    """Answers at once, or when a test says so."""

    at_once: Sent | None = None
    replies: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    asked_count: int = 0

    def opened(self, asked: Asked) -> Sent | Route:
        self.asked_count += 1
        if asked.path == "/broken":
            raise LookupError("no such thing")
        return ANYWHERE if self.at_once is None else self.at_once

    def take(self, asked: Asked, route: Route, body: bytes, reply: Reply) -> Sent | None:
        self.replies.put_nowait(reply)
        return None

    async def reply(self) -> Reply:
        """Return what tells the next one who waits its answer."""
        return await asyncio.wait_for(self.replies.get(), 20)


@dataclass
class Door:
    """A server, and one client of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: ServerState
    complaints: list[Any]
    lost: asyncio.Event

    async def time_passes(self) -> None:
        """Wait until who connects now and says nothing has been told that it is too slow."""
        reader, writer = await asyncio.open_connection(*self.writer.get_extra_info("peername"))
        assert statuses(await asyncio.wait_for(reader.read(), 20)) == [408]
        writer.close()

    async def read(self) -> list[int]:
        """Return the statuses of all that is said until the end."""
        return statuses(await asyncio.wait_for(self.reader.read(), 20))

    async def gone(self) -> bool:
        """Wait until the server has forgotten the connection."""
        await asyncio.wait_for(self.lost.wait(), 20)
        return not self.state.connections


@asynccontextmanager
async def opened(front: Front) -> AsyncIterator[Door]:
    limits, state, lost = WireLimits(16_384, READ_SECONDS, 10), ServerState(), asyncio.Event()

    class Watched(Connection):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if not state.connections:
                lost.set()

    loop, complaints = asyncio.get_running_loop(), list[Any]()
    loop.set_exception_handler(lambda _, context: complaints.append(context["exception"]))
    server = await loop.create_server(lambda: Watched(front, limits, state), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=4096)
    try:
        yield Door(reader, writer, state, complaints, lost)
    finally:
        writer.transport.abort()
        server.close()


def run(front: Front, scene: Callable[[Door], Awaitable[Any]]) -> Any:
    async def played() -> Any:
        async with opened(front) as door:
            return await scene(door)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gateway's
        return runner.run(played())


def test_who_was_answered_before_the_body_had_come_does_not_rest_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.1)

    async def scene(door: Door) -> list[int]:
        door.writer.write(STRANGER[:-2])
        said = await door.reader.readuntil(b"\r\n\r\n")
        door.writer.write(STRANGER[-2:])
        return [*statuses(said), *await door.read()]

    assert run(Front(UNKNOWN.sent()), scene) == [404]


def test_no_time_counts_for_a_request_while_the_connection_is_not_read() -> None:
    front = Front()

    async def scene(door: Door) -> list[int]:
        door.writer.write(TAKEN + TAKEN[:-1])  # so that the second waits behind the first
        reply = await front.reply()
        await door.time_passes()
        reply(UNKNOWN.sent())
        said = await door.reader.readuntil(b"}")
        door.writer.write(TAKEN[-1:] + LAST)
        for _ in range(2):
            (await front.reply())(UNKNOWN.sent())
        return [*statuses(said), *await door.read()]

    assert run(front, scene) == [404, 404, 404]


def test_who_is_too_slow_behind_an_awaited_answer_is_told_so_after_it() -> None:
    front = Front()

    async def scene(door: Door) -> list[int]:
        door.writer.write(TAKEN + TAKEN[:20])
        reply = await front.reply()
        await door.time_passes()
        reply(UNKNOWN.sent())
        return await door.read()

    assert run(front, scene) == [404, 408]


def test_who_does_not_read_the_last_answer_is_dropped() -> None:
    async def scene(door: Door) -> bool:
        door.writer.write(LAST)
        return await door.gone()

    assert run(Front(LONG), scene)


def test_who_sends_no_more_and_does_not_read_is_dropped() -> None:
    async def scene(door: Door) -> bool:
        door.writer.write(STRANGER)
        door.writer.write_eof()
        return await door.gone()

    assert run(Front(LONG), scene)


def test_who_reads_no_answers_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.2)
    front = Front(LONG)

    async def scene(door: Door) -> bool:
        door.writer.write(STRANGER * 3)
        return await door.gone()

    assert (run(front, scene), front.asked_count) == (True, 1)


def test_who_reads_late_is_answered_to_the_end() -> None:
    front = Front(LONG)

    async def scene(door: Door) -> int:
        door.writer.write(STRANGER * 2 + LAST)
        await door.time_passes()
        return len(await asyncio.wait_for(door.reader.read(), 60))

    assert run(front, scene) > 3 * len(LONG.body)


@pytest.mark.parametrize("sent", [STRANGER, STRANGER * 3, LAST], ids=["full", "more behind", "closing"])
def test_who_reads_no_answers_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(protocol, "LEAVING_SECONDS", 0.1)
    front = Front(LONG)

    async def scene(door: Door) -> bool:
        door.writer.write(sent)
        await door.reader.readexactly(1)
        for connection in list(door.state.connections):
            connection.shutdown()
        return await door.gone()

    assert run(front, scene)


def test_requests_in_hand_are_answered_at_the_end_and_those_who_rest_are_let_go() -> None:
    front = Front()

    async def scene(door: Door) -> list[int]:
        door.writer.write(TAKEN * 2)
        first = await front.reply()
        for connection in list(door.state.connections):
            connection.shutdown()
        first(UNKNOWN.sent())
        (await front.reply())(UNKNOWN.sent())
        return await door.read()

    assert run(front, scene) == [404, 404]


@pytest.mark.parametrize("awaited", [TAKEN, b""], ids=["behind an awaited answer", "at once"])
def test_an_error_of_ours_ends_the_connection_and_is_told(awaited: bytes) -> None:
    front = Front()

    async def scene(door: Door) -> tuple[bool, list[type]]:
        door.writer.write(awaited + STRANGER.replace(b"/v1/hooks/crm", b"/broken"))
        if awaited:
            (await front.reply())(UNKNOWN.sent())
        return await door.gone(), [type(one) for one in door.complaints]

    assert run(front, scene) == (True, [LookupError])
