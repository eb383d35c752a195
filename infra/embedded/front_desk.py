"""The front desk: where requests wait until the log has them.

The gateway's side of the pipe to the writer (``infra.embedded.front_writer``): what arrives while the writer
is busy goes over together, and who sent it goes on once the writer says that it is on the disk. While
the log is away, or the writer is, nobody waits: what cannot be kept is refused at once (``LogAway``), and the
writer finds out every second whether the log is back.
"""

import asyncio
import json
import logging
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.arrivals import Original
from infra.embedded.front_writer import packed

MOST_WAITING = 5_000
"""Requests that may wait for a commit."""
MOST_WAITING_BYTES = 64 * 1024 * 1024
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class LogAway(Exception):
    """The log cannot be written now; the sender is to come again.

    Attributes:
        away_seconds: For how long it has been away.
    """

    def __init__(self, why: str, away_seconds: float) -> None:
        super().__init__(why)
        self.away_seconds = away_seconds


@dataclass(slots=True)
class DeskCounts:
    """What has been done since the writer was started."""

    kept_count: int = 0
    failure_count: int = 0
    commit_count: int = 0
    made_count: int = 0
    dead_count: int = 0
    unread_count: int = 0
    unsent_count: int = 0
    """Facts that wait because brokers are away."""


Settled = Callable[[LogAway | None], None]
"""Told how it went."""

StartWriter = Callable[[socket.socket], "subprocess.Popen[bytes]"]
"""Starts a writer at the other end of a pipe."""


class FrontDesk(asyncio.Protocol):
    """The front door's way into the log of one machine; lives in one event loop.

    Args:
        start_writer: Starts the process that writes.
    """

    def __init__(self, start_writer: StartWriter) -> None:
        self._start_writer = start_writer
        self._writer: subprocess.Popen[bytes] | None = None
        self._pipe: asyncio.Transport | None = None
        self._gathered: list[bytes] = []
        self._waiting: deque[tuple[Settled, int]] = deque()
        """Who waits, in order, and how much of the room each takes."""
        self._waiting_bytes = 0
        self._in_flight = 0
        """Requests that the writer has and has not answered for."""
        self._heard = b""
        self._away: tuple[float, str] | None = None
        """Since when the log is away (monotonic seconds), and why."""
        self._stopping: asyncio.Future[None] | None = None
        self.counts = DeskCounts()

    async def start(self) -> None:
        """Start the writer; what an earlier one left unread is read first."""
        ours, its = socket.socketpair()
        ours.setblocking(False)
        with its:
            self._writer = self._start_writer(its)
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=ours)

    async def stop(self) -> None:
        """Have everything written that has arrived, and end the writer."""
        if self._pipe is None or self._writer is None:
            return
        self._stopping = asyncio.get_running_loop().create_future()
        self._hand_over()
        self._pipe.write_eof()
        await self._stopping
        if code := await asyncio.to_thread(self._writer.wait):
            log.warning("the writer ended with code %d; what it left unread is read at the next start", code)

    def keep(self, original: Original, settled: Settled) -> None:
        """Have a request kept.

        Args:
            original: The request.
            settled: Called once, later: with None when it is on the disk, or with why it is not.

        Raises:
            LogAway: It cannot be kept now; nobody is called.
        """
        if self._away is not None or self._pipe is None or self._stopping is not None:
            raise LogAway(self._away[1] if self._away else "no writer", self.away_seconds or 0.0)
        size = len(original.body) + 1024
        if len(self._waiting) >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            raise LogAway("too much waits for the log", 0.0)
        if not self._gathered and not self._in_flight:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._gathered.append(packed(original))
        self._waiting.append((settled, size))
        self._waiting_bytes += size

    @property
    def away_seconds(self) -> float | None:
        """For how long the log has been away; None while it is there."""
        return None if self._away is None else time.monotonic() - self._away[0]

    # --- the pipe

    def connection_made(self, transport: Any) -> None:
        """Begin to use the pipe."""
        self._pipe = transport

    def data_received(self, data: bytes) -> None:
        """Hear what the writer says, a line a commit."""
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def connection_lost(self, exc: Exception | None) -> None:
        """Refuse what waits, and start another writer unless this is the end."""
        self._pipe = None
        self._heard, self._gathered, self._in_flight = b"", [], 0
        stopping = self._stopping
        if stopping is None or self._waiting:
            what_now = "another is being started" if stopping is None else "this is the end of the gateway"
            why, count = f"the writer broke down; {what_now}", len(self._waiting)
            log.warning("%s; requests told to come again: %d", why, count)
            self._is_away(why)
            self._settle(len(self._waiting))
        if stopping is not None:
            stopping.set_result(None)
            return
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self._start_again)

    def _start_again(self) -> None:
        self._restarting = asyncio.ensure_future(self.start())

    def _hand_over(self) -> None:
        """Give the writer what has arrived, all at once."""
        if self._gathered and self._pipe is not None:
            self._in_flight += len(self._gathered)
            self._pipe.write(b"".join(self._gathered))
        self._gathered = []

    def _hear(self, said: dict[str, Any]) -> None:
        counts = self.counts
        counts.commit_count, counts.unread_count = said["commits"], said["unread"]
        counts.made_count, counts.dead_count = said["facts"], said["dead"]
        counts.unsent_count = said["unsent"]
        if said["error"] is None:
            self._away = None
            counts.kept_count += said["arrived"]
        else:
            counts.failure_count += 1
            self._is_away(said["error"])
        self._in_flight -= said["arrived"]
        self._settle(said["arrived"])
        if not self._in_flight:
            self._hand_over()

    def _is_away(self, why: str) -> None:
        self._away = self._away[0] if self._away else time.monotonic(), why

    def _settle(self, count: int) -> None:
        """Tell the first of those who wait how it went."""
        away = self._away
        for _ in range(count):
            settled, size = self._waiting.popleft()
            self._waiting_bytes -= size
            settled(None if away is None else LogAway(away[1], time.monotonic() - away[0]))
