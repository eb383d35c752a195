"""A receiver of the test's own on this machine: it answers what it is told to, and remembers what came."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.serving import serving


@dataclass(frozen=True)
class Came:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What to answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


OK = Answer()
Choose = Callable[[Came], Answer]


@dataclass
class Receiver:
    """A server. ``choose`` says what each request is answered; by default all are taken."""

    url: str = ""
    came: list[Came] = field(default_factory=list)
    choose: Choose = field(default=lambda _: OK)

    def script(self, *answers: Answer) -> None:
        """Answer these in turn, and then take all."""
        rest = list(answers)
        self.choose = lambda _: rest.pop(0) if rest else OK

    @property
    def ids(self) -> list[str]:
        """The ids of the webhooks that came, in their order."""
        return [one.headers["webhook-id"] for one in self.came]


class _Quiet(ThreadingHTTPServer):
    """A server that is not surprised by senders that hang up."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Came(self.command, self.path, headers, body)
            found.came.append(came)
            answer = found.choose(came)
            self.send_response_only(answer.status)
            content = answer.body.encode()
            for name, value in {**answer.headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do  # noqa: N815 - as the standard library calls them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with serving(server) as port:
        found.url = f"http://127.0.0.1:{port}/hook"
        yield found
