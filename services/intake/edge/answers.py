"""Answers as they go onto the wire.

Every error is a JSON object with ``code`` and ``message``, because some SDKs want both; a message says what
to do and never what was wrong with a signature. No answer is a redirect, and none is a 500: a vendor's client
would give up, or worse, believe that the request had been taken.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer, ready to be sent."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (JSON,)

    def with_headers(self, *more: tuple[bytes, bytes]) -> "Sent":
        """Return the same answer with more headers."""
        return Sent(self.status, self.body, (*self.headers, *more))


def refusal(status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> Sent:
    """Return an error's answer."""
    return Sent(status, json.dumps({"code": code, "message": message}).encode(), (JSON, *headers))


UNKNOWN = refusal(404, "unknown_path", "there is nothing here; see docs/intake.md for the paths")
UNKNOWN_SOURCE = refusal(404, "unknown_source", "no source has this name; see sources.yaml")
TOO_LARGE = refusal(413, "too_large", "the body is larger than this source may send")
MALFORMED = refusal(400, "malformed", "the key stands in the body, and the body cannot be read")
HIDDEN = refusal(403, "forbidden", "ask from this machine, or name your network in server.operators")


def unauthentic(scheme: bytes | None) -> Sent:
    """Return the answer to what is not authentic; it does not say why."""
    headers = () if scheme is None else ((b"www-authenticate", scheme),)
    return refusal(401, "not_authentic", "the signature or key is missing, wrong or too old", *headers)


def method_not_allowed(allowed: str) -> Sent:
    """Return the answer to a method that a path does not know."""
    return refusal(405, "method_not_allowed", f"use {allowed}", (b"allow", allowed.encode()))


def come_again(status: int, code: str, message: str, after_seconds: int) -> Sent:
    """Return the answer to what may be sent again later."""
    return refusal(status, code, message, (b"retry-after", str(after_seconds).encode()))


async def send_answer(send: Send, answer: Sent, *, head: bool = False) -> None:
    """Send an answer."""
    length = (b"content-length", str(len(answer.body)).encode())
    headers: RawHeaders = [*answer.headers, length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
