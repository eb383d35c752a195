"""A connection: the requests on it, one after the other, each answered in one piece, and limits below HTTP.

httptools finds the requests in the bytes. Its callbacks only collect; what they have collected is looked at
once the bytes are read. The front (the gateway) looks at a head and may answer at once, then at the body, and
then answers when the log has it. Requests that come before the last one is answered wait for their turn, and
no more is read meanwhile. Headers have a size and arriving has an end; what is over a limit is told so where
that is still possible, and its connection closed. One timer a connection watches over all of its requests.

This is no ASGI: a task, an event and two messages an answer took as much time as all that the gateway does
(docs/performance.md, ADR-0017). uvicorn's server still runs the process and makes one of these for each
connection.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from urllib.parse import unquote

import httptools
from uvicorn.server import ServerState

from infra.arrivals import Headers
from services.intake.edge.answers import (
    BAD_HTTP,
    LONG_HEADERS,
    TOO_MANY,
    TOO_SLOW,
    Refusal,
    Sent,
    in_one_piece,
)
from services.intake.edge.asked import Asked
from services.intake.edge.routes import Route
from services.intake.edge.wire_limits import WireLimits

RawHeaders = list[tuple[bytes, bytes]]

IDLE_SECONDS = 30
"""How long a connection may rest between two requests."""


Reply = Callable[[Sent], None]


class Front(Protocol):
    """Who answers."""

    def opened(self, asked: Asked) -> Sent | Route:
        """Return the answer to a head, or where it leads if the body is to be read."""

    def take(self, asked: Asked, route: Route, body: bytes, reply: Reply) -> Sent | None:
        """Return the answer to a whole request; None: ``reply`` is called with it, once and later.

        Args:
            asked: Its head.
            route: What ``opened`` has returned.
            body: Its body; more than the route takes, and not all of it, where it was too large.
            reply: Who is told.
        """


def speaking(front: Front, limits: WireLimits) -> type[asyncio.Protocol]:
    """Return what uvicorn's server makes for each connection."""

    class Bound(Connection):
        """Bound to one server's front and limits."""

        def __init__(self, *, server_state: ServerState, **_: Any) -> None:
            super().__init__(front, limits, server_state)

    return Bound


@dataclass(slots=True)
class _Turn:
    """A request and how far it has come."""

    asked: Asked
    keeps_alive: bool
    awaits_go: bool
    """Whether the sender holds the body back until it is asked for it (``Expect: 100-continue``)."""
    route: Route | None = None
    parts: list[bytes] = field(default_factory=list)
    byte_count: int = 0
    is_whole: bool = False
    is_taken: bool = False
    is_answered: bool = False


class Connection(asyncio.Protocol):
    """One connection.

    Args:
        front: Who answers.
        limits: What it may do.
        state: The server's: the connections that it is to close at its end, and the headers of every answer.
    """

    _transport: asyncio.Transport

    def __init__(self, front: Front, limits: WireLimits, state: ServerState) -> None:
        self._front = front
        self._limits = limits
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # the first one is answered yet
        self._address = ""
        self._turns: deque[_Turn] = deque()
        """Requests that are not answered, the next one first."""
        self._reading: _Turn | None = None
        """The request that the bytes belong to."""
        self._url = b""
        self._headers: RawHeaders = []
        self._header_count = 0
        """Bytes since the request began whose headers are not complete yet."""
        self._since: float | None = None
        """Since when a request has been arriving, or the connection idle; None while an answer is awaited."""
        self._is_arriving = True  # who connects is to send something
        self._is_leaving = False
        self._is_full = False
        self._is_paused = False
        self._watch: asyncio.TimerHandle | None = None

    # --- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and watch it."""
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)  # type: ignore[arg-type] # it asks them for shutdown only
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if peer else ""
        if self._limits.opened(self._address):
            self._cut(TOO_MANY, value=10)
            return
        self._since = self._loop.time()
        self._watch_for(self._limits.read_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._state.connections.discard(self)
        self._limits.closed(self._address)
        self._turns.clear()
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless they are headers without end."""
        if self._transport.is_closing():
            return
        self._header_count += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._cut(BAD_HTTP, "Invalid HTTP request received.")
        except httptools.HttpParserUpgrade:
            pass  # to a protocol that nobody here speaks; the request is answered as it is, and the last
        if self._header_count > self._limits.header_bytes:
            self._cut(LONG_HEADERS)
        self._go_on()

    def pause_writing(self) -> None:
        """Answer nothing to who does not read answers."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Answer again."""
        self._is_full = False
        self._go_on()

    def shutdown(self) -> None:
        """Close once the request in hand is answered; the server asks for it at its end."""
        self._is_leaving = True
        if not self._turns:
            self._transport.close()

    # --- the parser

    def on_message_begin(self) -> None:
        """Begin to measure."""
        self._url, self._headers = b"", []
        self._is_arriving, self._since = True, self._loop.time()

    def on_url(self, part: bytes) -> None:
        """Take a part of the URL."""
        self._url += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Queue the request, unless its headers are too large or name no host; raising ends the parser."""
        count, self._header_count = self._header_count, 0
        limit = self._limits.header_bytes
        if count > limit and self._size() > limit:
            self._cut(LONG_HEADERS)
            raise ValueError("headers too large")  # they came in one piece with the body
        version = self._parser.get_http_version()
        names = [name for name, _ in self._headers]
        if names.count(b"host") != 1 and (version != "1.0" or b"host" in names):
            raise ValueError("one host is to be named")  # RFC 9112, 3.2: a 400, whoever it is for
        upgrades = self._parser.should_upgrade()
        if upgrades and (b"content-length" in names or b"transfer-encoding" in names):
            raise ValueError("no body under Upgrade")  # the parser takes it for the other protocol's
        keeps_alive = version != "1.0" and not upgrades and self._parser.should_keep_alive()
        awaits_go = b"expect" in names and _awaits_go(self._headers)
        self._reading = _Turn(self._asked(), keeps_alive, awaits_go)
        self._turns.append(self._reading)

    def _size(self) -> int:
        return len(self._url) + sum(len(name) + len(value) for name, value in self._headers)

    def _asked(self) -> Asked:
        url = httptools.parse_url(self._url)
        path = url.path.decode("ascii")
        query = (url.query or b"").decode("latin-1")
        target = f"{path}?{query}" if query else path
        looked_up = unquote(path) if "%" in path else path
        method = self._parser.get_method().decode("ascii")
        return Asked(method, looked_up, target, _text(self._headers), self._address)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body, unless what it is for is known without."""
        self._header_count = 0
        turn = self._reading
        if turn is not None and not turn.is_taken and not turn.is_answered:
            turn.parts.append(part)
            turn.byte_count += len(part)

    def on_message_complete(self) -> None:
        """Stop measuring; a request that was answered before its body had come leaves the connection idle."""
        self._header_count = 0
        self._is_arriving, self._since = False, None if self._turns else self._loop.time()
        if self._reading is not None:
            self._reading.is_whole = True

    # --- the requests

    def _go_on(self) -> None:
        """Answer the requests whose turn it is, and read on when none waits behind another."""
        while self._turns and not self._is_full and not self._transport.is_closing():
            answer = self._answer_to(self._turns[0])
            if answer is None:
                break
            self._send(answer)
        pauses = len(self._turns) > 1 or (self._is_full and bool(self._turns))
        if pauses != self._is_paused and not self._transport.is_closing():
            self._is_paused = pauses
            (self._transport.pause_reading if pauses else self._transport.resume_reading)()

    def _answer_to(self, turn: _Turn) -> Sent | None:
        if turn.is_taken:
            return None
        if turn.route is None:
            found = self._front.opened(turn.asked)
            if isinstance(found, Sent):
                return found
            turn.route = found
        if turn.is_whole or turn.byte_count > turn.route.body_bytes:
            turn.is_taken = True
            return self._front.take(turn.asked, turn.route, b"".join(turn.parts), self._replied)
        if turn.awaits_go:
            turn.awaits_go = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    def _replied(self, answer: Sent) -> None:
        """Send an answer that was awaited; the next request is not looked at in the midst of who tells it."""
        if self._turns and not self._transport.is_closing():
            self._send(answer)
            if self._turns or self._is_paused:
                self._loop.call_soon(self._go_on)

    def _send(self, answer: Sent) -> None:
        turn = self._turns.popleft()
        turn.is_answered = True
        turn.parts.clear()
        closes = not turn.keeps_alive or self._is_leaving
        head = turn.asked.method == "HEAD"
        self._transport.write(in_one_piece(answer, self._state.default_headers, closes=closes, head=head))
        if closes:
            self._turns.clear()
            self._transport.close()  # which sends it
        elif not self._turns and not self._is_arriving:
            self._since = self._loop.time()

    # --- the limits

    def _watch_for(self, seconds: float) -> None:
        self._watch = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Look whether a request takes too long to arrive, or the next one too long to come."""
        limit = self._limits.read_seconds
        patience = limit if self._is_arriving else IDLE_SECONDS
        left = limit if self._since is None else self._since + patience - self._loop.time()
        if left > 0:
            self._watch_for(min(left, limit))
        elif self._is_arriving:
            self._cut(TOO_SLOW, f"{limit:g}")
        else:
            self._transport.close()

    def _cut(self, refusal: Refusal, about: str = "", value: object = "") -> None:
        """Say why, unless what is arriving has been answered, and close the connection."""
        if self._transport.is_closing():
            return
        self._limits.cut_count += 1
        self._header_count = 0
        awaited = bool(self._turns) and self._turns[0].is_taken  # it would be read as that one's answer
        self._turns.clear()
        turn = self._reading
        if not awaited and (turn is None or turn.is_whole or not turn.is_answered):
            self._transport.write(in_one_piece(refusal.sent(about, value), closes=True))
        self._transport.close()  # which sends it


def _text(headers: RawHeaders) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])


def _awaits_go(headers: RawHeaders) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
