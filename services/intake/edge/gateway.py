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
from collections.abc import Callable
from datetime import datetime
from functools import partial

from infra.arrivals import Original
from infra.embedded.front_desk import FrontDesk, LogAway
from infra.time_source import TimeSource
from services.intake.compression import BadEncoding, TooMuch, decompressed
from services.intake.edge.answers import (
    LOG_AWAY,
    MALFORMED,
    TOO_FAST,
    TOO_LARGE,
    Sent,
    method_not_allowed,
    unauthentic,
)
from services.intake.edge.asked import Asked
from services.intake.edge.cors import Pages
from services.intake.edge.counting import Counts
from services.intake.edge.operators import Operators
from services.intake.edge.rates import Rates, patience
from services.intake.edge.routes import Route, Routes
from services.intake.keys import Doors
from services.intake.redacting import redacted
from services.intake.request import Request
from services.intake.sources import Source
from services.intake.vendor import MISSING, Answer, Authenticity, Secrets, Verdict

SECRET_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "x-api-key"))
"""Headers that are not kept."""

Settled = Callable[[Source, LogAway | None], None]
"""Told that the log has a request of a source, or why it has not."""


class BodyTooLarge(Exception):
    """The body is over its limit."""


class Gateway:
    """The front door: what a connection asks for its answers (``protocol.Front``)."""

    def __init__(
        self,
        doors: Doors,
        desk: FrontDesk,
        operators: Operators,
        counts: Counts,
        *,
        now: TimeSource,
        pages: Pages,
    ) -> None:
        self._routes = Routes(doors)
        self._desk = desk
        self._operators = operators
        self._counts = counts
        self._now = now
        self._pages = pages
        self._rates = Rates()

    def opened(self, asked: Asked) -> Sent | Route:
        """Return the answer to a head, or where it leads if the body is to be read."""
        found = self._at(asked)
        if isinstance(found, Sent):
            self._counts.answered(found.status)
        return found

    def take(self, asked: Asked, route: Route, body: bytes, reply: Callable[[Sent], None]) -> Sent | None:
        """Return the answer to a whole request; None while the log has not said whether it has it.

        Args:
            asked: Its head.
            route: Where it leads.
            body: Its body; more than the route takes, and not all of it, where it was too large.
            reply: Called with the answer once the log has said so.
        """

        def finished(answer: Sent) -> Sent:
            self._counts.answered(answer.status)
            return self._for_pages(asked, route, answer)

        def settled(source: Source, away: LogAway | None) -> None:
            reply(finished(self._kept(source, away)))

        try:
            answer = self._take(asked, route, body, settled)
        except BodyTooLarge:
            answer = TOO_LARGE.sent()
        return None if answer is None else finished(answer)

    def _at(self, asked: Asked) -> Sent | Route:
        if self._operators.knows(asked.path):
            return self._operators.answer(asked)
        route = self._routes.at(asked.path)
        if isinstance(route, Sent):
            return route
        answer = self._before_the_body(asked, route)
        return route if answer is None else self._for_pages(asked, route, answer)

    def _before_the_body(self, asked: Asked, route: Route) -> Sent | None:
        if asked.method == "POST":
            said = asked.header("content-length") or "0"
            return TOO_LARGE.sent() if len(said) > 18 or int(said) > route.body_bytes else None
        if route.sdk and asked.method == "OPTIONS":
            return Sent(200, b"", ())
        return self._handshake(route, asked)

    def _handshake(self, route: Route, asked: Asked) -> Sent:
        shake = route.handshakes.get(asked.method)
        if shake is None:
            return method_not_allowed(route.allow)
        source = route.sources[0] if route.sources else None
        name, secrets = (source.name, source.secrets) if source else ("", Secrets())
        request = Request(name, asked.method, asked.target, asked.headers, b"", b"", self._now())
        return _sent(shake.answer(request, secrets))

    # --- one request

    def _take(self, asked: Asked, route: Route, body: bytes, settled: Settled) -> Sent | None:
        if len(body) > route.body_bytes:
            return TOO_LARGE.sent()
        now = self._now()
        content = _content(asked, body, route.body_bytes)
        source, verdict = self._recognised(asked, route, body, content, now)
        if source is None:
            self._counts.refused(route.sources, verdict)
            malformed = verdict.authenticity is Authenticity.MALFORMED
            return MALFORMED.sent() if malformed else unauthentic(route.scheme)
        if len(body) > source.body_bytes:
            return TOO_LARGE.sent()
        wait = self._rates.seconds_to_wait(source.name, source.limits, time.monotonic())
        if wait:
            return TOO_FAST.sent(source.name, wait)
        kept = redacted(_original(source, asked, body, verdict, now), content, source.vendor.keys_in_body)
        try:
            self._desk.keep(kept, partial(settled, source))
        except LogAway as error:
            return self._kept(source, error)
        return None

    def _recognised(
        self, asked: Asked, route: Route, body: bytes, content: bytes, now: datetime
    ) -> tuple[Source | None, Verdict]:
        """Return the first source that a request is authentic for, or how it fails for the last one."""
        verdict = MISSING
        for source in route.sources:
            url = self._url(source, asked) if source.vendor.signs_url else ""
            request = Request(source.name, asked.method, asked.target, asked.headers, body, content, now, url)
            verdict = source.vendor.authenticate(request, source.secrets, now)
            if verdict.is_authentic:
                return source, verdict
        return None, verdict

    def _kept(self, source: Source, away: LogAway | None) -> Sent:
        """Return the answer once the log has a request, or has not."""
        if away is not None:
            return LOG_AWAY.sent(value=patience(away.away_seconds))
        self._counts.taken(source.name)
        answers = source.vendor.answers
        return Sent(answers.taken, answers.body)

    def _url(self, source: Source, asked: Asked) -> str:
        path, mark, query = asked.target.partition("?")
        if source.public_url is not None:
            return source.public_url + mark + query
        return f"{self._operators.scheme(asked)}://{asked.header('host') or ''}{path}{mark}{query}"

    def _for_pages(self, asked: Asked, route: Route, answer: Sent) -> Sent:
        """Return an answer so that a browser shows it to the page that asked, where SDKs send."""
        return answer.with_headers(*self._pages.headers(asked)) if route.sdk else answer


def _content(asked: Asked, body: bytes, most_bytes: int) -> bytes:
    """Return the body decompressed; as it is where that cannot be done, for it may be authentic all the same.

    Raises:
        BodyTooLarge: Decompressed it is over the limit.
    """
    encoding = asked.header("content-encoding")
    if encoding is None:
        return body
    try:
        return decompressed(body, encoding, most_bytes)
    except TooMuch as error:
        raise BodyTooLarge from error
    except BadEncoding:
        return body


def _original(source: Source, asked: Asked, body: bytes, verdict: Verdict, now: datetime) -> Original:
    return Original(
        received_at=now,
        source=source.name,
        kind=source.vendor.kind,
        mapping=source.mapping_digest,
        method=asked.method,
        target=asked.target,
        headers=tuple([header for header in asked.headers if header[0] not in SECRET_HEADERS]),
        body=body,
        verified=verdict.by,
    )


def _sent(answer: Answer) -> Sent:
    headers = tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    )
    return Sent(answer.status, answer.body, headers)
