"""Sending a request: to the address that was looked at, without following anybody anywhere, and in time."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from services.outbound.addresses import AddressRefused, HostUnknown, reach
from services.outbound.outlet import HttpAnswer, HttpRequest, Outcome, Verdict

MOST_ANSWER_BYTES = 256 * 1024
"""What is behind that of an answer is not read, and no more than comes within a step's time."""

Post = Callable[[HttpRequest], HttpAnswer | Outcome]


class Poster:
    """Sends requests to one destination.

    Args:
        private: Whether it may be at an inner address.
        timeout_seconds: How long each step of a request may take.
    """

    def __init__(self, *, private: bool, timeout_seconds: float) -> None:
        self._private = private
        self._timeout_seconds = timeout_seconds
        self._client = httpx.Client(
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "relevo"},
        )

    def post(self, request: HttpRequest) -> HttpAnswer | Outcome:
        """Send a request; return the answer, or what kept it from coming."""
        try:
            reached = reach(request.url, private=self._private)
        except (AddressRefused, HostUnknown) as error:
            return Outcome(Verdict.AWAY, str(error))
        url = httpx.URL(request.url)
        headers = {**request.headers, "host": url.netloc.decode("ascii")}
        made = self._client.build_request(
            request.method,
            url.copy_with(host=reached.address),
            headers=headers,
            content=request.body,
            extensions={"sni_hostname": reached.host},
        )
        try:
            return self._answer(made)
        except httpx.HTTPError as error:
            said = " ".join(str(error).split()) or type(error).__name__
            return Outcome(Verdict.AWAY, f"no answer: {said}"[:200])

    def _answer(self, made: httpx.Request) -> HttpAnswer:
        answer = self._client.send(made, stream=True)
        until = time.monotonic() + self._timeout_seconds
        try:
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_ANSWER_BYTES or time.monotonic() > until:
                    break
        finally:
            answer.close()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status_code, headers, body[:MOST_ANSWER_BYTES])

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()
