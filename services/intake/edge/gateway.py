"""The gateway: from a request to an answer, in this order and no other.

1. the path names sources (404), and knows the method (405);
2. the body is read up to its limit (413);
3. the source's own scheme says whether it is authentic (401; 400 where the key stands in a body that cannot
   be read); strangers are counted, and nothing of what they sent is kept;
4. the source has not sent too fast (429);
5. the log has the request (503 while it is away);
6. the answer that the vendor's client expects.

What the request means is found out behind this, from what the log has: an authentic request is never lost
because it could not be read.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.arrivals import Headers, Original
from infra.embedded.front_desk import FrontDesk, LogAway
from infra.time_source import TimeSource
from services.intake.compression import BadEncoding, TooMuch, decompressed
from services.intake.edge.answers import (
    LOG_AWAY,
    MALFORMED,
    TOO_FAST,
    TOO_LARGE,
    UNKNOWN,
    UNKNOWN_SOURCE,
    Receive,
    Scope,
    Send,
    Sent,
    method_not_allowed,
    send_answer,
    unauthentic,
)
from services.intake.edge.counting import Counts
from services.intake.edge.operators import Operators
from services.intake.edge.paths import FACTS, HOOKS, SDK_CALLS
from services.intake.edge.rates import Rates, patience
from services.intake.keys import Doors
from services.intake.redacting import redacted
from services.intake.request import Request
from services.intake.sources import Source
from services.intake.vendor import MISSING, Answer, Authenticity, Handshake, Secrets, Verdict

SECRET_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "x-api-key"))
"""Headers that are not kept."""
_NOBODYS_BYTES = 4 * 1024 * 1024
"""How large a body may be where no source takes any: as anybody's, so that 401 says what is wrong."""


class SenderGone(Exception):
    """The connection was closed before the request was complete."""


class BodyTooLarge(Exception):
    """The body is over its limit."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request may be for."""

    sources: Sequence[Source]
    body_bytes: int
    """How large a body may be, as far as the path tells."""
    handshakes: Mapping[str, Handshake]
    """Other methods, of the first source."""
    scheme: bytes | None = None
    sdk: bool = False

    @property
    def allow(self) -> str:
        """The methods, as ``Allow`` says them."""
        others = ("OPTIONS",) if self.sdk else self.handshakes
        return ", ".join(("POST", *others))


class Gateway:
    """The front door as an ASGI application."""

    def __init__(
        self,
        doors: Doors,
        desk: FrontDesk,
        operators: Operators,
        counts: Counts,
        *,
        now: TimeSource,
        cors_origins: Sequence[str],
    ) -> None:
        self._doors = doors
        self._desk = desk
        self._operators = operators
        self._counts = counts
        self._now = now
        self._cors_origins = frozenset(cors_origins)
        self._rates = Rates()
        self._routes: dict[str, Route] = {}
        self._routes_of = -1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except SenderGone:
            return
        self._counts.answered(answer.status)
        await send_answer(send, answer, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Sent:
        path = scope["path"]
        if self._operators.knows(path):
            return self._operators.answer(scope)
        route = self._route(path)
        if isinstance(route, Sent):
            return route
        headers = _headers(scope)
        answer = await self._at(route, scope, headers, receive)
        return answer.with_headers(*self._cors(headers)) if route.sdk else answer

    def _route(self, path: str) -> Route | Sent:
        """Return where a path leads; what a look has found counts until the doors change."""
        routes = self._routes
        if self._doors.version != self._routes_of:
            self._routes_of = self._doors.version
            routes.clear()
        known = routes.get(path)
        if known is not None:
            return known
        found = self._look_up(path)
        if isinstance(found, Route):
            routes[path] = found
        return found

    def _look_up(self, path: str) -> Route | Sent:
        if path.startswith(HOOKS):
            source = self._doors.source(path.removeprefix(HOOKS))
            if source is None:
                return UNKNOWN_SOURCE.sent()
            scheme = b"Bearer" if source.vendor.secret == "bearer" else None  # noqa: S105 - what is needed
            return _route((source,), source.vendor.handshakes, scheme)
        if path == FACTS:
            return _route(self._doors.facts_sources(), self._doors.facts_vendor.handshakes, b"Bearer")
        if path in SDK_CALLS:
            return _route(self._doors.sdk_sources(), {}, b"Basic", sdk=True)
        return UNKNOWN.sent()

    async def _at(self, route: Route, scope: Scope, headers: Headers, receive: Receive) -> Sent:
        method = scope["method"]
        if route.sdk and method == "OPTIONS":
            return Sent(200, b"", ())
        if method != "POST":
            return self._handshake(route, scope, headers)
        try:
            body = await _body(headers, receive, route.body_bytes)
            return await self._take(route, scope, headers, body)
        except BodyTooLarge:
            return TOO_LARGE.sent()

    def _handshake(self, route: Route, scope: Scope, headers: Headers) -> Sent:
        shake = route.handshakes.get(scope["method"])
        if shake is None:
            return method_not_allowed(route.allow)
        source = route.sources[0] if route.sources else None
        name, secrets = (source.name, source.secrets) if source else ("", Secrets())
        asked = Request(name, scope["method"], _target(scope), headers, b"", b"", self._now())
        return _sent(shake.answer(asked, secrets))

    # --- one request

    async def _take(self, route: Route, scope: Scope, headers: Headers, body: bytes) -> Sent:
        now = self._now()
        content = _content(headers, body, route.body_bytes)
        source, verdict = self._recognised(route, scope, headers, body, content, now)
        if source is None:
            self._counts.refused(route.sources, verdict)
            malformed = verdict.authenticity is Authenticity.MALFORMED
            return MALFORMED.sent() if malformed else unauthentic(route.scheme)
        if len(body) > source.body_bytes:
            return TOO_LARGE.sent()
        wait = self._rates.seconds_to_wait(source.name, source.limits, time.monotonic())
        if wait:
            return TOO_FAST.sent(source.name, wait)
        kept = _original(source, scope, headers, body, verdict, now)
        return await self._keep(source, redacted(kept, content, source.vendor.keys_in_body))

    def _recognised(
        self, route: Route, scope: Scope, headers: Headers, body: bytes, content: bytes, now: datetime
    ) -> tuple[Source | None, Verdict]:
        """Return the first source that a request is authentic for, or how it fails for the last one."""
        verdict = MISSING
        for source in route.sources:
            request = self._request(source, scope, headers, body, content, now)
            verdict = source.vendor.authenticate(request, source.secrets, now)
            if verdict.is_authentic:
                return source, verdict
        return None, verdict

    async def _keep(self, source: Source, original: Original) -> Sent:
        try:
            await self._desk.keep(original)
        except LogAway as error:
            return LOG_AWAY.sent(value=patience(error.away_seconds))
        self._counts.taken(source.name)
        answers = source.vendor.answers
        return Sent(answers.taken, answers.body)

    def _request(
        self,
        source: Source,
        scope: Scope,
        headers: Headers,
        body: bytes,
        content: bytes,
        now: datetime,
    ) -> Request:
        target = _target(scope)
        url = self._url(source, scope, headers, target) if source.vendor.signs_url else ""
        return Request(source.name, scope["method"], target, headers, body, content, now, url)

    def _url(self, source: Source, scope: Scope, headers: Headers, target: str) -> str:
        path, mark, query = target.partition("?")
        if source.public_url is not None:
            return source.public_url + mark + query
        host = next((value for name, value in headers if name == "host"), "")
        return f"{self._operators.scheme(scope, headers)}://{host}{path}{mark}{query}"

    def _cors(self, headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
        origin = next((value for name, value in headers if name == "origin"), None)
        if origin is None or not self._cors_origins & {"*", origin}:
            return ()
        allowed = "*" if "*" in self._cors_origins else origin
        return (
            (b"access-control-allow-origin", allowed.encode("latin-1")),
            (b"access-control-allow-methods", b"POST, OPTIONS"),
            (b"access-control-allow-headers", b"authorization, content-type, content-encoding, anonymousid"),
            (b"access-control-expose-headers", b"retry-after"),  # a page's SDK waits for as long as it says
            (b"access-control-max-age", b"600"),
            (b"vary", b"origin"),
        )


def _route(
    sources: Sequence[Source], handshakes: Mapping[str, Handshake], scheme: bytes | None, *, sdk: bool = False
) -> Route:
    most = max((one.body_bytes for one in sources), default=_NOBODYS_BYTES)
    return Route(sources, most, handshakes, scheme, sdk)


def _headers(scope: Scope) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])


def _target(scope: Scope) -> str:
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _body(headers: Headers, receive: Receive, most_bytes: int) -> bytes:
    """Return the body.

    Raises:
        BodyTooLarge: It is over the limit.
        SenderGone: The connection was closed.
    """
    said = next((value for name, value in headers if name == "content-length"), "0")
    if len(said) > 18 or int(said) > most_bytes:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    while True:
        message: Mapping[str, object] = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        part = message.get("body", b"")
        if isinstance(part, bytes) and part:
            parts.append(part)
            size += len(part)
        if size > most_bytes:
            raise BodyTooLarge
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _content(headers: Headers, body: bytes, most_bytes: int) -> bytes:
    """Return the body decompressed; as it is where that cannot be done, for it may be authentic all the same.

    Raises:
        BodyTooLarge: Decompressed it is over the limit.
    """
    encoding = next((value for name, value in headers if name == "content-encoding"), None)
    if encoding is None:
        return body
    try:
        return decompressed(body, encoding, most_bytes)
    except TooMuch as error:
        raise BodyTooLarge from error
    except BadEncoding:
        return body


def _original(
    source: Source, scope: Scope, headers: Headers, body: bytes, verdict: Verdict, now: datetime
) -> Original:
    kept = tuple((name, value) for name, value in headers if name not in SECRET_HEADERS)
    return Original(
        received_at=now,
        source=source.name,
        kind=source.vendor.kind,
        mapping=source.mapping_digest,
        method=scope["method"],
        target=_target(scope),
        headers=kept,
        body=body,
        verified=verdict.by,
    )


def _sent(answer: Answer) -> Sent:
    headers = tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    )
    return Sent(answer.status, answer.body, headers)
