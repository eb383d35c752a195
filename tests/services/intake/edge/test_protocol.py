"""HTTP as a connection speaks it: order, ends of connections, and what senders may leave out.

Over real sockets and in bytes, because a client's library would hide what is looked at here.
"""

import asyncio
import json
import re
import socket
from contextlib import suppress

import pytest
from uvicorn.server import ServerState

from services.intake.edge import protocol
from services.intake.edge.answers import UNKNOWN, Sent
from services.intake.edge.asked import Asked
from services.intake.edge.protocol import Connection, Reply
from services.intake.edge.routes import Route
from services.intake.edge.wire_limits import WireLimits
from tests.services.intake.conftest import Running

HOOK = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-of-the-crm\r\n"
TAKEN = HOOK + b"content-length: 2\r\n\r\n{}"
STRANGER = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
LAST = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


def said_to(running: Running, *parts: bytes) -> bytes:
    """Return all that is said until the gateway closes the connection."""
    said = b""
    with running.connected() as connection:
        for part in parts:
            connection.sendall(part)
        with suppress(ConnectionResetError):
            while more := connection.recv(65536):
                said += more
    return said


def statuses(said: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d+) ", said)]


def test_requests_in_one_piece_are_answered_in_their_order(shared: Running) -> None:
    unknown = STRANGER.replace(b"crm", b"nobody")
    said = said_to(shared, TAKEN + STRANGER + unknown + TAKEN + LAST + TAKEN)
    assert statuses(said) == [202, 401, 404, 202, 200]  # and nothing after the one that closes


@pytest.mark.parametrize("each", [STRANGER, TAKEN])
def test_hundreds_of_requests_in_one_piece_are_all_answered(shared: Running, each: bytes) -> None:
    found = statuses(said_to(shared, each * 500 + LAST))
    assert (len(found), len(set(found[:-1]))) == (501, 1)


def test_a_request_in_single_bytes_is_taken(shared: Running) -> None:
    assert statuses(said_to(shared, *(bytes([one]) for one in TAKEN + LAST))) == [202, 200]


def test_a_body_in_chunks_is_taken_and_its_trailers_prove_nothing(shared: Running) -> None:
    chunks = b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n"
    trailer = b"authorization: Bearer key-of-the-crm\r\n\r\n"
    start = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\n"
    said = said_to(shared, HOOK + chunks + b"\r\n" + start + chunks + trailer + LAST)
    assert statuses(said) == [202, 401, 200]


def test_who_waits_to_be_asked_for_the_body_is_asked(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(HOOK + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}" + LAST)
        connection.settimeout(20)
        said = b""
        while more := connection.recv(65536):
            said += more
    assert statuses(said) == [202, 200]


def test_who_is_refused_is_not_asked_for_the_body(shared: Running) -> None:
    said = said_to(
        shared, HOOK + b"content-length: 300000\r\nexpect: 100-continue\r\n\r\n" + b"x" * 300000 + LAST
    )
    assert statuses(said) == [413, 200]


def test_head_is_answered_without_a_body(shared: Running) -> None:
    said = said_to(shared, b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n" + LAST)
    first, second = said.split(b"HTTP/1.1 ")[1:]
    assert b"content-length: 18\r\n" in first
    assert first.endswith(b"\r\n\r\n")
    assert json.loads(second.partition(b"\r\n\r\n")[2]) == {"status": "alive"}


def test_http_1_0_gets_one_answer_and_the_end(shared: Running) -> None:
    said = said_to(shared, b"GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n" + LAST)
    assert (statuses(said), said.count(b"connection: close\r\n")) == ([200], 1)


def test_an_upgrade_to_what_is_not_spoken_is_answered_as_it_is_and_is_the_last(shared: Running) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
    assert statuses(said_to(shared, asked + LAST)) == [200]


def test_a_body_under_an_upgrade_is_refused_and_never_read_as_a_request(shared: Running) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    head = HOOK + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: %d\r\n\r\n" % len(hidden)
    assert statuses(said_to(shared, head + hidden)) == [400]
    assert statuses(said_to(shared, head)) == [400]


def test_every_answer_is_dated_and_says_its_length(shared: Running) -> None:
    for answer in said_to(shared, TAKEN + STRANGER + LAST).split(b"HTTP/1.1 ")[1:]:
        assert re.search(rb"\r\ndate: \w+, \d+ \w+ \d+ [\d:]+ GMT\r\n", answer)
        assert answer.count(b"content-length: ") == 1


def test_what_is_no_http_ends_a_connection_after_what_was_answered(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(STRANGER)
        assert statuses(connection.recv(65536)) == [401]
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        said = connection.recv(65536)
        assert (statuses(said), b"connection: close\r\n" in said) == ([400], True)
        assert connection.recv(1) == b""


def test_who_never_reads_answers_is_not_read_without_end(shared: Running) -> None:
    with shared.connected() as connection, suppress(TimeoutError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(2)
        sent = 0
        while sent < 64 * 1024 * 1024:
            sent += connection.send(STRANGER * 500)
    assert 0 < sent < 64 * 1024 * 1024


class Nowhere:
    """A front to which every path is unknown."""

    def opened(self, asked: Asked) -> Sent | Route:
        return UNKNOWN.sent()

    def take(self, asked: Asked, route: Route, body: bytes, reply: Reply) -> Sent | None:
        raise AssertionError("no head leads here")


def test_who_was_answered_before_the_body_had_come_does_not_rest_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "IDLE_SECONDS", 0.1)
    limits, state = WireLimits(16_384, 1, 10), ServerState()

    async def rested() -> list[bytes]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(Nowhere(), limits, state), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(STRANGER[:-2])
        said = [await reader.readuntil(b"\r\n\r\n")]
        writer.write(STRANGER[-2:])
        said.append(await asyncio.wait_for(reader.read(), 20))  # until the connection ends
        writer.close()
        server.close()
        return said

    said = asyncio.run(rested())
    assert statuses(b"".join(said)) == [404]
