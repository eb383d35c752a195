"""The front desk at its end: what comes after that is told to come again, and not left waiting."""

import asyncio
import signal
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.arrivals import Original
from infra.embedded.front_desk import FrontDesk, LogAway
from infra.store.opening import open_store
from services.intake.edge.writer import starter

ORIGINAL = Original(
    received_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    source="crm",
    kind="generic",
    mapping="0" * 16,
    method="POST",
    target="/v1/hooks/crm",
    headers=(),
    body=b"{}",
    verified="bearer",
)


def test_a_writer_that_breaks_down_while_the_desk_stops_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"sqlite:///{tmp_path / 'relevo.db'}"
    open_store(store).close()
    told: list[LogAway | None] = []
    start = starter(store, {}, None)

    def start_and_freeze(end: socket.socket) -> "subprocess.Popen[bytes]":
        writer = start(end)
        writer.send_signal(signal.SIGSTOP)
        writers.append(writer)
        return writer

    async def scene() -> None:
        desk = FrontDesk(start_and_freeze)
        await desk.start()
        desk.keep(ORIGINAL, told.append)
        stopping = asyncio.ensure_future(desk.stop())
        asyncio.get_running_loop().call_soon(writers[0].kill)
        await stopping

    writers: list[subprocess.Popen[bytes]] = []
    asyncio.run(scene())
    assert [type(one) for one in told] == [LogAway]
    assert "this is the end of the gateway; requests told to come again: 1" in caplog.text
    assert "the writer ended with code -9; what it left unread is read at the next start" in caplog.text


def test_what_comes_while_the_desk_stops_is_told_to_come_again(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'relevo.db'}"
    open_store(store).close()
    told: list[LogAway | None] = []

    async def scene() -> None:
        desk = FrontDesk(starter(store, {}, None))
        await desk.start()
        desk.keep(ORIGINAL, told.append)
        stopping = asyncio.ensure_future(desk.stop())
        begun = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(begun.set_result, None)
        await begun
        with pytest.raises(LogAway):
            desk.keep(ORIGINAL, told.append)
        await stopping

    asyncio.run(scene())
    assert told == [None]
