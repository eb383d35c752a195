"""Answers as they go onto the wire.

Every error is a JSON object with ``code`` and ``message``, because some SDKs want both; a message says what
to do and never what was wrong with a signature. No answer is a redirect, and none is a 500: a vendor's client
would give up, or worse, believe that the request had been taken.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from schemas.records import record

JSON = (b"content-type", b"application/json")


@record(frozen=True, slots=True)
class Sent:
    """An answer, ready to be sent."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (JSON,)

    def with_headers(self, *more: tuple[bytes, bytes]) -> "Sent":
        """Return the same answer with more headers."""
        return Sent(self.status, self.body, (*self.headers, *more))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way of not taking a request: what the gateway sends, and what the OpenAPI document says of it.

    Attributes:
        status: The status.
        code: What programs tell it by.
        message: What people read; ``{}`` stands for what it is about.
        example: Something that it may be about.
        header: The header that tells a client what to do, in lower case; blank for none.
    """

    status: int
    code: str
    message: str
    example: str = ""
    header: str = ""

    def body(self, about: str) -> bytes:
        """Return the body, about something."""
        return json.dumps({"code": self.code, "message": self.message.format(about)}).encode()

    def sent(self, about: str = "", value: object = "") -> Sent:
        """Return the answer.

        Args:
            about: What it is about.
            value: What the header says; blank leaves it out.
        """
        more = ((self.header.encode(), str(value).encode()),) if value != "" else ()
        return Sent(self.status, self.body(about), (JSON, *more))


BAD_HTTP = Refusal(400, "bad_http", "{}", "Invalid HTTP request received.")
MALFORMED = Refusal(400, "malformed", "the key stands in the body, and the body cannot be read")
UNAUTHENTIC = Refusal(
    401, "not_authentic", "the signature or key is missing, wrong or too old", header="www-authenticate"
)
HIDDEN = Refusal(403, "forbidden", "ask from this machine, or name your network in server.operators")
UNKNOWN = Refusal(404, "unknown_path", "there is nothing here; see docs/intake.md for the paths")
UNKNOWN_SOURCE = Refusal(404, "unknown_source", "no source has this name; see sources.yaml")
UNKNOWN_METHOD = Refusal(405, "method_not_allowed", "use {}", "POST", header="allow")
TOO_SLOW = Refusal(408, "too_slow", "a request is to arrive within {} s", "10")
TOO_LARGE = Refusal(413, "too_large", "the body is larger than this source may send")
TOO_FAST = Refusal(429, "too_fast", "{} sends too fast", "website", header="retry-after")
TOO_MANY = Refusal(
    429, "too_many_connections", "this address has too many connections open", header="retry-after"
)
LONG_HEADERS = Refusal(431, "headers_too_large", "send fewer or shorter headers")
LOG_AWAY = Refusal(503, "log_away", "the log is away; send it again", header="retry-after")

ANYWHERE = (BAD_HTTP, TOO_SLOW, TOO_MANY, LONG_HEADERS)
"""What a connection may come to whatever it asks for."""


def unauthentic(scheme: bytes | None) -> Sent:
    """Return the answer to what is not authentic; it does not say why."""
    return UNAUTHENTIC.sent(value="" if scheme is None else scheme.decode())


def method_not_allowed(allowed: str) -> Sent:
    """Return the answer to a method that a path does not know."""
    return UNKNOWN_METHOD.sent(allowed, allowed)


def in_one_piece(
    answer: Sent, more: Iterable[tuple[bytes, bytes]] = (), *, closes: bool = False, head: bool = False
) -> bytes:
    """Return an answer as it goes onto the wire.

    Args:
        answer: The answer.
        more: The headers of every answer.
        closes: Whether the connection ends with it.
        head: Whether HEAD asked for it: all but the body.
    """
    lines = [b"%s: %s\r\n" % header for header in (*more, *answer.headers)]
    end = b"connection: close\r\n\r\n" if closes else b"\r\n"
    length = b"" if answer.status == 204 else b"content-length: %d\r\n" % len(answer.body)  # RFC 9110, 8.6
    return b"".join((_first_line(answer.status), *lines, length, end, b"" if head else answer.body))


@cache
def _first_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
