"""What is too much: slow senders, endless headers, too many connections, too many requests, and bombs.

Over real sockets, with small limits where waiting would take long. What is refused is told so where that is
possible; the others are served meanwhile, and memory stays flat.
"""

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.services.intake.conftest import CRM, SOURCES, Gateways, Running

pytestmark = pytest.mark.slow

HEAD = b"POST /v1/hooks/crm HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-of-the-crm\r\n"


def with_server(**server: Any) -> dict[str, Any]:
    return {**SOURCES, "server": server}


def answer_of(connection: socket.socket) -> bytes:
    """Return all that the gateway says until it closes."""
    said = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            said += part
    return said


def status_of(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


def body_of(said: bytes) -> Any:
    return json.loads(said.partition(b"\r\n\r\n")[2])


def resident_kilobytes(running: Running) -> int:
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway that has little patience, room for short headers, and a slow source."""
    crm, *others = SOURCES["sources"]
    slow = {**crm, "limits": {"requests_per_second": 0.01, "burst": 2}}
    server = {"read_seconds": 0.5, "header_bytes": 1024}
    folder = tmp_path_factory.mktemp("tight")
    (folder / "sources.yaml").write_text(json.dumps({"sources": [slow, *others], "server": server}))
    running = Running(folder)
    yield running
    running.stop()


@pytest.mark.parametrize(
    "sent", [b"", b"POST /v1/hooks/crm HT", HEAD, HEAD + b"content-length: 100\r\n\r\n{"], ids=len
)
def test_who_takes_too_long_is_told_and_cut_off(tight: Running, sent: bytes) -> None:
    with tight.connected() as connection:
        connection.sendall(sent)
        said = answer_of(connection)
        assert (status_of(said), body_of(said)["code"]) == (408, "too_slow")


def test_an_idle_connection_between_requests_is_left_alone(tight: Running) -> None:
    with httpx.Client(base_url=tight.url, timeout=20) as client, tight.connected() as other:
        assert client.get("/healthz").status_code == 200
        assert status_of(answer_of(other)) == 408  # so the time has passed
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "flood",
    [
        b"x-long: " + b"a" * 40_000 + b"\r\n\r\n",
        b"".join(b"x-%d: y\r\n" % number for number in range(5000)) + b"\r\n",
        b"x-endless: " + b"a" * 200_000,
    ],
    ids=["long", "many", "endless"],
)
def test_a_flood_of_headers_is_cut_off(shared: Running, flood: bytes) -> None:
    with shared.connected() as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(HEAD + flood)
        said = answer_of(connection)
        assert said == b"" or status_of(said) == 431
    assert httpx.get(f"{shared.url}/healthz", timeout=20).status_code == 200


def test_headers_over_the_limit_are_told_so(tight: Running) -> None:
    answer = httpx.post(f"{tight.url}/v1/hooks/crm", headers={**CRM, "X-Long": "a" * 2000}, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")


def test_what_is_no_http_gets_400(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(b"GIVE ME EVERYTHING\r\n\r\n")
        said = answer_of(connection)
    assert (status_of(said), body_of(said)["code"]) == (400, "bad_http")


def test_two_lengths_of_one_body_are_refused(shared: Running) -> None:
    with shared.connected() as connection:
        connection.sendall(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}")
        assert status_of(answer_of(connection)) == 400


@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [
        (b"1.1", b"", 400),
        (b"1.1", b"host: a\r\nhost: b\r\n", 400),
        (b"1.1", b"host: a\r\n", 200),
        (b"1.1", b"host:\r\n", 200),
        (b"1.0", b"", 200),
    ],
)
def test_a_request_names_one_host(shared: Running, version: bytes, hosts: bytes, status: int) -> None:
    with shared.connected() as connection:
        connection.sendall(b"GET /healthz HTTP/" + version + b"\r\nconnection: close\r\n" + hosts + b"\r\n")
        assert status_of(answer_of(connection)) == status


def test_an_address_has_so_many_connections(gateways: Gateways) -> None:
    running = gateways(with_server(connections_per_address=3))
    with running.connected(), running.connected(), running.connected(), running.connected() as fourth:
        said = answer_of(fourth)
        assert (status_of(said), b"retry-after: 10" in said) == (429, True)


def test_a_source_that_sends_too_fast_is_told_when_to_come_again(tight: Running) -> None:
    with httpx.Client(base_url=tight.url, timeout=20) as client:
        answers = [client.post("/v1/hooks/crm", json={}, headers=CRM) for _ in range(3)]
        assert [one.status_code for one in answers] == [202, 202, 429]
        assert 50 < int(answers[2].headers["retry-after"]) <= 100
        assert client.post("/v1/hooks/crm", json={}).status_code == 401  # strangers use up nothing
        assert client.post("/v1/t", json={"writeKey": "write-key"}).status_code == 200


def test_bombs_and_floods_leave_memory_flat_and_others_served(gateways: Gateways) -> None:
    running = gateways()
    bomb = gzip.compress(b"[" + b"0," * 40_000_000)
    assert 70_000 < len(bomb) < 256 * 1024
    deep = b'{"a":' * 40_000
    with httpx.Client(base_url=running.url, timeout=60) as client:
        headers = {**CRM, "Content-Encoding": "gzip"}
        statuses = set()
        for _ in range(5):  # warm
            statuses.add(client.post("/v1/hooks/crm", content=bomb, headers=headers).status_code)
        before = resident_kilobytes(running)
        for _ in range(50):
            statuses.add(client.post("/v1/hooks/crm", content=bomb, headers=headers).status_code)
            assert client.post("/v1/hooks/crm", content=deep, headers=CRM).status_code == 202
        assert statuses == {413}
        assert resident_kilobytes(running) - before < 20_000
        assert client.post("/v1/hooks/crm", json={"email": "ana@example.com"}, headers=CRM).status_code == 202


def test_a_refused_body_leaves_the_connection_usable(shared: Running) -> None:
    with httpx.Client(base_url=shared.url, timeout=20) as client:
        for _ in range(3):
            answer = client.post("/v1/hooks/crm", content=b"x" * 300_000, headers=CRM)
            assert answer.status_code == 413
            assert client.get("/healthz").status_code == 200


def test_forwarding_headers_count_from_a_trusted_proxy_only(gateways: Gateways) -> None:
    running = gateways(with_server(trusted_proxies=["127.0.0.0/8"], operators=["192.0.2.0/24"]))
    with httpx.Client(base_url=running.url, timeout=20) as client:
        for hops, status in (
            ("192.0.2.7", 200),
            ("203.0.113.9", 403),
            ("192.0.2.7, 203.0.113.9", 403),  # the nearest stranger counts: the rest is hearsay
            ("203.0.113.9, 192.0.2.7, 127.0.0.1", 200),
        ):
            assert client.get("/metrics", headers={"X-Forwarded-For": hops}).status_code == status
