"""A PostgreSQL that lets nobody in: what it says then comes without a SQLSTATE, and is known by its words."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.store.errors import StoreAway, StoreError, StoreFull, StoreUnusable
from infra.store.opening import open_store
from tests.servers.serving import serving

pytestmark = pytest.mark.postgres


@contextmanager
def server_that_says(message: str) -> Iterator[int]:
    """A server that ends every session before it begins, as one does that goes down or cannot; its port."""
    fields = (b"SFATAL", b"VFATAL", b"C57P01", b"M" + message.encode())
    body = b"".join(one + b"\0" for one in fields) + b"\0"

    class Refusal(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(int.from_bytes(self.rfile.read(4)) - 4)
            self.wfile.write(b"E" + (len(body) + 4).to_bytes(4) + body)

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusal)) as port:
        yield port


@pytest.mark.parametrize(
    ("message", "kind", "sentence"),
    [
        ("the database system is starting up", StoreAway, "stopping or starting"),
        ("terminating connection due to unexpected postmaster exit", StoreAway, "stopping or starting"),
        ("canceling authentication due to timeout", StoreAway, "too busy to let us in"),
        ('could not write "base/5/pg_internal.init": No space left on device', StoreFull, "disk is full"),
        ('role "nobody" does not exist', StoreUnusable, "refuses us"),
    ],
)
def test_what_ends_a_session_before_it_begins_passes_unless_it_is_a_refusal(
    message: str, kind: type[StoreError], sentence: str
) -> None:
    with server_that_says(message) as port:
        url = f"postgresql://someone@127.0.0.1:{port}/relevo?sslmode=disable&gssencmode=disable"
        with pytest.raises(StoreError, match=sentence) as caught:
            open_store(url)
    assert caught.type is kind
