"""A connection: the requests on it, one after the other, each answered in one piece, and limits below HTTP.

What has come (``incoming.py``) is looked at once the bytes are read. The front (the gateway) looks at a head
and may answer at once, then at the body, and then answers when the log has it. Requests that come before the
last one is answered wait for their turn, and no more is read meanwhile. What is over a limit, or no HTTP, is
told so after the requests that stand whole before it, and its connection closed.

A peer is waited for in four ways, each with an end: for the rest of a request, for the next one, for reading
what it is sent, and for reading the last of it. While it waits for us, or we do not read it, no time counts.

A socket that is closed with bytes unread is reset, and the peer may never see why it was refused. Who has not
sent all that it began is therefore read on for a while, and nothing of it kept (RFC 9112, 9.6: ``_linger``).

This is no ASGI: a task, an event and two messages an answer took as much time as all that the gateway does
(docs/performance.md, ADR-0017). uvicorn's server still runs the process and makes one of these for each
connection.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast

from uvicorn.server import ServerState

from services.intake.edge.answers import TOO_MANY, TOO_SLOW, Sent, in_one_piece
from services.intake.edge.asked import Asked
from services.intake.edge.incoming import Incoming, RequestReader, Unreadable
from services.intake.edge.routes import Route
from services.intake.edge.wire_limits import WireLimits

IDLE_SECONDS = 30
"""How long a connection may rest between two requests, or leave unread what it is sent."""
LEAVING_SECONDS = 1
"""How long it may leave that unread once the server is to end."""
LINGERING_SECONDS = 2
"""How long a peer that was refused may go on sending before its connection is closed all the same."""
LINGERING_BYTES = 32 * 1024 * 1024
"""How much it may send meanwhile: twice the largest body that a source may take."""


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


class Connection(asyncio.Protocol):
    """One connection.

    Args:
        front: Who answers.
        limits: What it may do.
        state: The server's: the connections that it is to close at its end, and the headers of every answer.
    """

    _transport: asyncio.Transport
    _incoming: RequestReader

    def __init__(self, front: Front, limits: WireLimits, state: ServerState) -> None:
        self._front = front
        self._limits = limits
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._address = ""
        self._turns: deque[Incoming] = deque()
        """Requests that are not answered, the next one first."""
        self._is_awaited = False
        """Whether the first one's answer is on its way."""
        self._last_word: Sent | None = None
        """What is said behind the last of them; nothing more is taken once there is one."""
        self._answered_at = 0.0
        self._is_leaving = False
        self._is_full = False
        self._is_paused = False
        self._left_bytes: int | None = None
        """How much more is read and dropped, once the last is said; None until then."""
        self._unread_seconds: float = IDLE_SECONDS
        """How long the peer may leave unread what it is sent."""
        self._watch: asyncio.TimerHandle | None = None

    # --- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and watch it."""
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)  # type: ignore[arg-type] # it asks them for shutdown only
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if peer else ""
        limits = self._limits
        self._incoming = RequestReader(self._turns, limits.header_bytes, self._address, self._loop.time)
        if limits.opened(self._address):
            self._refuse(TOO_MANY.sent(value=10))
        else:
            self._watch_for(limits.read_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._state.connections.discard(self)
        self._limits.closed(self._address)
        self._turns.clear()
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self._left_bytes is not None:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                self._end()
            return
        if self._last_word is not None or self._is_ending:
            return
        try:
            self._incoming.feed(data)
        except Unreadable as error:
            self._refuse(error.answer)
        else:
            self._go_on()

    def eof_received(self) -> bool:
        """Close once what has come whole is answered; a request that has not will not any more."""
        if self._left_bytes is not None:
            return False
        if self._turns and not self._turns[-1].is_whole:
            self._turns.pop()
        self._incoming.arriving_since = None
        self._is_leaving = True
        if not self._turns:
            self._end()
        return bool(self._turns)

    def pause_writing(self) -> None:
        """Answer nothing to who does not read answers, and do not wait for ever until it does."""
        self._is_full = True
        self._drop_after(self._unread_seconds)

    def resume_writing(self) -> None:
        """Answer again."""
        self._is_full = False
        if not self._is_ending:
            self._answered_at = self._loop.time()
            self._watch_for(0)
            self._go_on()

    def shutdown(self) -> None:
        """Close once the requests in hand are answered; the server asks for it at its end."""
        self._is_leaving = True
        self._unread_seconds = LEAVING_SECONDS
        if self._is_full or self._is_ending:
            self._drop_after(LEAVING_SECONDS)
        elif not self._turns:
            self._end()

    @property
    def _is_ending(self) -> bool:
        """Whether all has been said."""
        return self._left_bytes is not None or self._transport.is_closing()

    # --- the requests

    def _go_on(self) -> None:
        """Answer the requests whose turn it is, and read on when none waits behind another."""
        try:
            self._answer_in_turn()
        except Exception:
            self._transport.abort()  # the loop only logs it, and the peer would wait
            raise
        if self._is_ending:
            return
        pauses = len(self._turns) > 1 or self._last_word is not None or (self._is_full and bool(self._turns))
        if pauses != self._is_paused:
            self._pause() if pauses else self._resume()

    def _pause(self) -> None:
        self._is_paused = True
        self._transport.pause_reading()

    def _resume(self) -> None:
        """Read on; a request that was arriving could not meanwhile."""
        self._is_paused = False
        if self._incoming.arriving_since is not None:
            self._incoming.arriving_since = self._loop.time()
        self._transport.resume_reading()

    def _answer_in_turn(self) -> None:
        while self._turns and not self._is_full and not self._is_ending:
            answer = self._answer_to(self._turns[0])
            if answer is None:
                return
            self._send(answer)
        if self._turns or self._is_full or self._is_ending:
            return
        if self._last_word is not None:
            self._transport.write(in_one_piece(self._last_word, closes=True))
            self._close()
        elif self._is_leaving:
            self._end()

    def _answer_to(self, turn: Incoming) -> Sent | None:
        if self._is_awaited:
            return None
        if turn.route is None:
            found = self._front.opened(turn.asked)
            if isinstance(found, Sent):
                return found
            turn.route = found
        if turn.is_whole or turn.byte_count > turn.route.body_bytes:
            turn.is_settled, turn.awaits_go = True, False
            answer = self._front.take(turn.asked, turn.route, b"".join(turn.parts), self._replied)
            self._is_awaited = answer is None
            return answer
        if turn.awaits_go and self._last_word is None:
            turn.awaits_go = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self._last_word  # for it will not come whole

    def _replied(self, answer: Sent) -> None:
        """Send an answer that was awaited; the next request is not looked at in the midst of who tells it."""
        self._is_awaited = False
        if self._turns and not self._is_ending:
            self._send(answer)
            if self._turns or self._is_paused:
                self._loop.call_soon(self._go_on)

    def _send(self, answer: Sent) -> None:
        turn = self._turns.popleft()
        turn.is_settled = True
        turn.parts.clear()
        closes = self._closes_with(turn)
        head = turn.asked.method == "HEAD"
        self._transport.write(in_one_piece(answer, self._state.default_headers, closes=closes, head=head))
        if closes:
            self._close()
        else:
            self._answered_at = self._loop.time()

    def _closes_with(self, turn: Incoming) -> bool:
        """Say whether an answer is the last; who was not asked for the body may send it or not."""
        if not turn.keeps_alive or turn.awaits_go:
            return True
        return not self._turns and (self._is_leaving or (self._last_word is not None and not turn.is_whole))

    # --- the end, and the limits

    def _refuse(self, last_word: Sent) -> None:
        """Answer what has come whole, say this unless what arrives has been answered, and close."""
        self._limits.cut_count += 1
        self._last_word = last_word
        latest = self._incoming.latest
        if latest is not None and latest.is_settled and not latest.is_whole:
            self._close()
        else:
            self._go_on()

    def _close(self) -> None:
        """Close after the last answer: at once, or after the rest of what the peer is sending."""
        is_sending = self._incoming.arriving_since is not None or self._is_paused or bool(self._turns)
        is_refused = is_sending or self._last_word is not None
        self._turns.clear()
        if is_refused and not self._is_leaving and self._limits.may_linger(self._address):
            self._linger()
        else:
            self._end()

    def _linger(self) -> None:
        """Say no more, and read and drop what comes until the peer ends, or a bound is reached."""
        self._left_bytes = LINGERING_BYTES
        self._transport.write_eof()
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        self._watch_for(min(LINGERING_SECONDS, self._unread_seconds), self._end)

    def _end(self) -> None:
        """Close once all is sent, or the peer has left it unread for too long."""
        self._drop_after(min(self._unread_seconds, self._limits.read_seconds))
        self._transport.close()

    def _drop_after(self, seconds: float) -> None:
        self._watch_for(seconds, self._drop)

    def _drop(self) -> None:
        self._limits.cut_count += 1
        self._transport.abort()

    def _watch_for(self, seconds: float, then: Callable[[], None] | None = None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self._loop.call_later(seconds, then or self._look)

    def _look(self) -> None:
        """Look whether a request takes too long to arrive, or the next one too long to come."""
        limit = self._limits.read_seconds
        arriving_since, now = self._incoming.arriving_since, self._loop.time()
        if self._is_paused or (self._turns and arriving_since is None):
            left = limit  # the peer waits for us
        elif arriving_since is not None:
            left = arriving_since + limit - now
        else:
            left = max(self._answered_at, self._incoming.rested_at) + IDLE_SECONDS - now
        if left > 0:
            self._watch_for(min(left, limit, IDLE_SECONDS))
        elif arriving_since is not None:
            self._refuse(TOO_SLOW.sent(f"{limit:g}"))
        else:
            self._end()
