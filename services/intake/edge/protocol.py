"""The limits that lie below HTTP: header size, how long a request may take to arrive, connections an address.

uvicorn hands over a request once its headers are complete, and waits for that as long as it takes; here the
waiting has an end and the headers a size. What is over a limit is told so where that is still possible, and
its connection closed; the others do not notice. One timer a connection watches over all of its requests.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from services.intake.edge.answers import BAD_HTTP, LONG_HEADERS, TOO_MANY, TOO_SLOW, Refusal, Sent
from services.intake.sources import Networks


@dataclass(slots=True)
class WireLimits:
    """What a connection may do, and how many each address has open."""

    header_bytes: int
    read_seconds: float
    connections_per_address: int
    trusted_proxies: Networks = ()
    open_by_address: Counter[str] = field(default_factory=Counter)
    cut_count: int = 0
    """Connections that were closed because of a limit."""

    def is_proxy(self, address: str) -> bool:
        """Say whether an address is a trusted proxy's, behind which there are many."""
        return is_among(address, self.trusted_proxies)


def is_among(address: str, networks: Networks) -> bool:
    """Say whether an address lies in one of the networks; what is no address does not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def limited(limits: WireLimits) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol with these limits."""

    class Limited(LimitedProtocol):
        """Bound to one server's limits."""

        wire_limits: ClassVar[WireLimits] = limits

    return Limited


class _InOnePiece:
    """A transport that sends the head of an answer together with what follows it: a call to the system less.

    What it is not asked to write goes to the transport beneath.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        """Write, after the head that waits; the head of an answer waits itself."""
        if not self._head and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            self._head = data
            return
        head, self._head = self._head, b""
        self._transport.write(head + data)

    def flush(self) -> None:
        """Write the head that waits, if one does."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Write what waits, and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with limits."""

    wire_limits: ClassVar[WireLimits]
    _address: str = ""
    _counted: bool = False
    _header_count: int = 0
    """Bytes since the request began whose headers are not complete yet."""
    _count_before: int = 0
    _reading_since: float | None = None
    _piece: _InOnePiece
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Count the connection, and watch it."""
        self._piece = _InOnePiece(transport)
        super().connection_made(self._piece)  # type: ignore[arg-type]
        limits = self.wire_limits
        self._address = self.client[0] if self.client else ""
        self._counted = True
        limits.open_by_address[self._address] += 1
        too_many = limits.open_by_address[self._address] > limits.connections_per_address
        if too_many and not limits.is_proxy(self._address):
            self._cut(TOO_MANY, value=10)
            return
        self._reading_since = self.loop.time()  # who connects is to send something
        self._watch_for(limits.read_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._counted:
            self._counted = False
            self.wire_limits.open_by_address[self._address] -= 1
            if self.wire_limits.open_by_address[self._address] <= 0:
                del self.wire_limits.open_by_address[self._address]
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless they are headers without end."""
        if self.transport.is_closing():
            return
        self._header_count += len(data)
        super().data_received(data)
        if self._header_count > self.wire_limits.header_bytes:
            self._cut(LONG_HEADERS)

    def on_message_begin(self) -> None:
        """Begin to measure."""
        super().on_message_begin()
        self._reading_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Look at the size of headers that came in one piece with the body."""
        self._count_before, self._header_count = self._header_count, 0
        if (
            self._count_before > self.wire_limits.header_bytes
            and self._size() > self.wire_limits.header_bytes
        ):
            self._header_count = self._size()
            raise ValueError("headers too large")  # ends the parser; data_received answers
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            raise ValueError("one host is to be named")  # RFC 9112, 3.2: a 400, whoever it is for
        super().on_headers_complete()

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def on_response_complete(self) -> None:
        """Send an answer that has no body."""
        self._piece.flush()
        super().on_response_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._header_count = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop measuring."""
        self._header_count = 0
        self._reading_since = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        if self._header_count <= self.wire_limits.header_bytes:
            self._cut(BAD_HTTP, msg)

    def _watch_for(self, seconds: float) -> None:
        self._watch = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        since, limit = self._reading_since, self.wire_limits.read_seconds
        if since is None:
            self._watch_for(limit)
            return
        left = since + limit - self.loop.time()
        if left > 0:
            self._watch_for(left)
        else:
            self._cut(TOO_SLOW, f"{limit:g}")

    def _cut(self, refusal: Refusal, about: str = "", value: object = "") -> None:
        """Answer, if nothing has been answered yet, and close the connection."""
        if self.transport.is_closing():
            return
        self.wire_limits.cut_count += 1
        self._header_count = 0
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_raw(refusal.sent(about, value)))
        self.transport.close()  # which sends it


def _raw(answer: Sent) -> bytes:
    head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode()
    headers = (*answer.headers, (b"content-length", b"%d" % len(answer.body)), (b"connection", b"close"))
    return head + b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n" + answer.body
