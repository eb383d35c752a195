"""Requests as they come in: httptools finds them in the bytes, and what it finds is put in a queue.

A request stands in the queue once its head is complete; its body follows. What the connection
(``protocol.py``) does with it, and when, is not known here. What is no HTTP, or too long a head, ends the
reading with what the sender is to be told (``Unreadable``); requests that stand whole before it stay queued.

Nobody here speaks another protocol, so that a request that offers one (``Upgrade``) is a request like
others: RFC 9110, 7.8. llhttp takes what follows such a head for the other protocol's; the head is therefore
read again without its offer, and then what follows.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import httptools

from infra.arrivals import Headers
from services.intake.edge.answers import BAD_HTTP, LONG_HEADERS, Sent
from services.intake.edge.asked import Asked
from services.intake.edge.routes import Route

RawHeaders = list[tuple[bytes, bytes]]

VERSIONS = frozenset(("1.0", "1.1"))
"""Of HTTP; llhttp lets 0.9 and 2.0 pass as well."""


class Unreadable(Exception):
    """What has come is no HTTP, or more than may come.

    Attributes:
        answer: What the sender is told.
    """

    def __init__(self, answer: Sent) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(slots=True)
class Incoming:
    """A request and how far it has come."""

    asked: Asked
    keeps_alive: bool
    awaits_go: bool
    """Whether the sender holds the body back until it is asked for it (``Expect: 100-continue``)."""
    route: Route | None = None
    """Where it leads, once that has been looked at."""
    parts: list[bytes] = field(default_factory=list)
    byte_count: int = 0
    is_whole: bool = False
    is_settled: bool = False
    """Whether the rest of its body makes no difference any more."""


class RequestReader:
    """Reads the requests of one connection.

    Args:
        queue: Where they are put.
        header_bytes: How large a head may be.
        address: Who sends.
        now: What tells the time, in seconds.
    """

    def __init__(
        self, queue: deque[Incoming], header_bytes: int, address: str, now: Callable[[], float]
    ) -> None:
        self._queue = queue
        self._header_bytes = header_bytes
        self._address = address
        self._now = now
        self.latest: Incoming | None = None
        """The request whose head came last."""
        self.arriving_since: float | None = now()
        """Since when a request has been arriving; None between two. Who connects is to send something."""
        self.rested_at = 0.0
        """When the last one had come whole."""
        self._url = b""
        self._headers: RawHeaders = []
        self._head_size = 0
        self._loose_bytes = 0
        """Bytes since anything was complete, without those before the piece in which it was."""
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # the first one is answered yet

    def feed(self, data: bytes) -> None:
        """Take bytes, no more of them at once than a head may have.

        Raises:
            Unreadable: They are no HTTP, or a head without end; no more is to be fed.
        """
        most = self._header_bytes
        if len(data) <= most:
            self._feed(data)
            return
        view = memoryview(data)
        for start in range(0, len(view), most):
            self._feed(view[start : start + most])

    def _feed(self, part: bytes | memoryview) -> None:
        self._loose_bytes += len(part)
        try:
            while part:
                part = self._feed_until_offer(part)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, Unreadable):
                raise error.__context__ from error
            raise Unreadable(BAD_HTTP.sent("Invalid HTTP request received.")) from error
        if self._loose_bytes > 2 * self._header_bytes:  # of which a head has not only names and values
            raise Unreadable(LONG_HEADERS.sent())

    def _feed_until_offer(self, part: bytes | memoryview) -> bytes | memoryview:
        """Take bytes until a head offers another protocol; return those behind it."""
        try:
            self._parser.feed_data(part)
        except httptools.HttpParserUpgrade as offer:
            rest = memoryview(part)[offer.args[0] :]
        else:
            return b""
        head = self._head_without_offer()
        self._begin()
        self._parser.feed_data(head)  # in the except, why the head is refused would be hidden
        return rest

    def _head_without_offer(self) -> bytes:
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        first = b"%b %b HTTP/%b\r\n" % (method, self._url, version)
        kept = [b"%b: %b\r\n" % header for header in self._headers if header[0] != b"upgrade"]
        return b"".join((first, *kept, b"\r\n"))

    # --- the parser's callbacks; what one raises ends the parser

    def on_message_begin(self) -> None:
        """Begin to measure."""
        self._url, self._headers = b"", []
        self._head_size = self._loose_bytes = 0
        self.arriving_since = self._now()

    def on_url(self, part: bytes) -> None:
        """Take a part of the URL."""
        self._url += part
        self._measure(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which nobody looks at."""
        self._headers.append((name.lower(), value))
        self._measure(len(name) + len(value) + 4)  # as it stands on the wire

    def _measure(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._header_bytes:
            raise Unreadable(LONG_HEADERS.sent())

    def on_headers_complete(self) -> None:
        """Queue the request, unless it offers another protocol: then it comes again."""
        self._loose_bytes = 0
        names = [name for name, _ in self._headers]
        if self._parser.should_upgrade():
            if b"upgrade" not in names:
                raise Unreadable(BAD_HTTP.sent("there is no way through here for CONNECT"))
            return
        version = self._parser.get_http_version()
        if version not in VERSIONS:
            raise Unreadable(BAD_HTTP.sent("speak HTTP/1.1"))
        if names.count(b"host") != 1 and (version != "1.0" or b"host" in names):
            raise Unreadable(BAD_HTTP.sent("name one Host"))  # RFC 9112, 3.2: whoever it is for
        keeps_alive = version != "1.0" and self._parser.should_keep_alive()
        awaits_go = version != "1.0" and b"expect" in names and _awaits_go(self._headers)
        self.latest = Incoming(self._asked(), keeps_alive, awaits_go)
        self._queue.append(self.latest)

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
        self._loose_bytes = 0
        latest = self.latest
        if latest is not None and not latest.is_settled:
            latest.parts.append(part)
            latest.byte_count += len(part)

    def on_message_complete(self) -> None:
        """Stop measuring. A head that comes again gets here too, and changes nothing: it begins at once."""
        self._loose_bytes = 0
        self.arriving_since, self.rested_at = None, self._now()
        if self.latest is not None:
            self.latest.is_whole = True


def _text(headers: RawHeaders) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])


def _awaits_go(headers: RawHeaders) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
