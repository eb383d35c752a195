"""HTTP as a connection speaks it: order, ends of connections, and what senders may leave out.

Over real sockets and in bytes, because a client's library would hide what is looked at here.
"""

import json
import re
import socket
from contextlib import suppress
from typing import NoReturn

import pytest

from tests.services.intake.conftest import Running

HOOK = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-of-the-crm\r\n"
TAKEN = HOOK + b"content-length: 2\r\n\r\n{}"
NOWHERE = HOOK.replace(b"crm", b"nobody", 1)
STRANGER = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
LAST = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


def said_to(running: Running, *parts: bytes) -> bytes:
    """Return all that is said until the gateway closes the connection."""
    said = b""
    with running.connected() as connection:
        with suppress(ConnectionResetError, BrokenPipeError):  # it may close before the last part
            for part in parts:
                connection.sendall(part)
        with suppress(ConnectionResetError):
            while more := connection.recv(65536):
                said += more
    return said


def send_without_end(connection: socket.socket, part: bytes) -> NoReturn:
    while True:
        connection.sendall(part)


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


def test_who_is_refused_is_not_asked_for_the_body_and_cannot_go_on(shared: Running) -> None:
    said = said_to(shared, HOOK + b"content-length: 300000\r\nexpect: 100-continue\r\n\r\n")
    assert (statuses(said), b"connection: close\r\n" in said) == ([413], True)


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (HOOK + b"content-length: 9000000\r\nexpect: 100-continue\r\n\r\n", 413),
        (NOWHERE + b"content-length: 9000000\r\nexpect: 100-continue\r\n\r\n", 404),
        (HOOK + b"transfer-encoding: chunked\r\n\r\nnonsense\r\n", 400),
        (b"no HTTP\r\n\r\n", 400),
        (HOOK + b"x-long: ", 431),
    ],
    ids=["too large", "to nobody", "a bad chunk", "no HTTP", "a long head"],
)
def test_who_is_refused_in_the_midst_of_sending_hears_why_and_is_not_reset(
    shared: Running, refused: bytes, status: int
) -> None:
    with shared.connected() as connection:
        connection.sendall(refused + b"x" * 8_000_000)
        said = b""
        while more := connection.recv(65536):
            said += more
        assert statuses(said) == [status]
        connection.sendall(b"x" * 1_000_000)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def test_who_is_refused_cannot_go_on_sending_for_ever(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(HOOK + b"content-length: 90000000\r\nexpect: 100-continue\r\n\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_without_end(connection, b"x" * 1_000_000)


def test_who_is_refused_and_does_not_end_is_closed_all_the_same(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(HOOK + b"content-length: 300000\r\nexpect: 100-continue\r\n\r\nx")
        while connection.recv(65536):
            pass
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_without_end(connection, b"x")


def test_head_is_answered_without_a_body(shared: Running) -> None:
    said = said_to(shared, b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n" + LAST)
    first, second = said.split(b"HTTP/1.1 ")[1:]
    assert b"content-length: 18\r\n" in first
    assert first.endswith(b"\r\n\r\n")
    assert json.loads(second.partition(b"\r\n\r\n")[2]) == {"status": "alive"}


def test_http_1_0_gets_one_answer_and_the_end(shared: Running) -> None:
    said = said_to(shared, b"GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n" + LAST)
    assert (statuses(said), said.count(b"connection: close\r\n")) == ([200], 1)


def test_http_1_0_is_not_asked_for_what_it_is_said_to_hold_back(shared: Running) -> None:
    head = HOOK.replace(b"1.1", b"1.0") + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n"
    assert statuses(said_to(shared, head, b"{}")) == [202]


@pytest.mark.parametrize("version", [b"2.0", b"0.9"])
def test_other_versions_of_http_are_refused(shared: Running, version: bytes) -> None:
    assert statuses(said_to(shared, TAKEN + b"GET /healthz HTTP/" + version + b"\r\nhost: x\r\n\r\n")) == [
        202,
        400,
    ]


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


def test_whole_requests_are_answered_before_what_is_no_http(shared: Running) -> None:
    said = said_to(shared, TAKEN + STRANGER + TAKEN + b"\x16\x03\x01 hello\r\n\r\n" + TAKEN)
    assert statuses(said) == [202, 401, 202, 400]


@pytest.mark.parametrize(
    ("path", "status"), [(b"crm", 400), (b"nobody", 404)], ids=["awaiting its body", "answered without"]
)
def test_a_body_that_is_no_http_is_answered_once(shared: Running, path: bytes, status: int) -> None:
    broken = HOOK.replace(b"crm ", path + b" ") + b"transfer-encoding: chunked\r\n\r\nno length\r\n"
    assert statuses(said_to(shared, TAKEN + broken + TAKEN)) == [202, status]
    assert statuses(said_to(shared, TAKEN, *(bytes([one]) for one in broken))) == [202, status]


@pytest.mark.parametrize("sent", [TAKEN, TAKEN + STRANGER, TAKEN + TAKEN + HOOK, STRANGER])
def test_who_sends_no_more_gets_the_answers_to_what_came_whole(shared: Running, sent: bytes) -> None:
    said = b""
    with shared.connected() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            said += more
    assert len(statuses(said)) == sent.count(b"{}")


@pytest.mark.parametrize("most", [30_000, 34_000])
def test_a_long_head_behind_another_request_is_refused_as_any(shared: Running, most: int) -> None:
    long = LAST.replace(b"\r\n\r\n", b"\r\nx-long: " + b"a" * most + b"\r\n\r\n")
    assert statuses(said_to(shared, STRANGER * 3 + long)) == [401, 401, 401, 200 if most < 32_768 else 431]
