"""Throughput of the front door beside a bare handler of the same server that only checks the HMAC.

Both run in a process of their own and get the same requests, made and signed before the clock starts, over
keep-alive connections from a third process's event loop. The gateway acknowledges what the log has on disk
(``synchronous=FULL``, group commit) and makes facts of it behind that; how fast it did both is said. The bare
handler keeps nothing.
"""

import asyncio
import hmac
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from infra.store.opening import open_store
from infra.store.originals import count_taken
from infra.time_source import system_time

SECRET = b"a secret of thirty-two bytes, ok"
CONCURRENCY = 32
EVENTS_A_BATCH = 100


@dataclass(frozen=True, slots=True)
class Load:
    """What one run came to."""

    request_count: int
    seconds: float
    """Until the last one was answered."""
    read_seconds: float
    """Until facts had been made of all of them."""
    latencies: list[float]
    cpu_seconds: tuple[float, ...]
    """Of the process that answers, and of the one that writes, where there is one."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.request_count / self.seconds

    def quantile(self, share: float) -> float:
        """Return the latency (ms) that this share of the requests stayed under."""
        found = sorted(self.latencies)
        return found[min(len(found) - 1, int(share * len(found)))] * 1000


def signed_event(number: int) -> bytes:
    """Return a request with one event, signed as Standard Webhooks says."""
    body = json.dumps(
        {
            "id": f"e{number}",
            "email": f"lead{number % 5000}@example.com",
            "kind": "engaged",
            "channel": "form",
            "action": "submit",
            "name": "demo-es",
        }
    ).encode()
    stamp = str(int(system_time().timestamp())).encode()
    message = f"msg_{number}".encode()
    signature = b64encode(hmac.digest(SECRET, b".".join((message, stamp, body)), "sha256"))
    head = b"webhook-id: %s\r\nwebhook-timestamp: %s\r\nwebhook-signature: v1,%s\r\n" % (
        message,
        stamp,
        signature,
    )
    return _request("/v1/hooks/signed", head, body)


def batch(number: int) -> bytes:
    """Return a request with a hundred events, as the SDKs send them."""
    events = [
        {
            "type": "track",
            "event": "Clicked",
            "userId": f"u{(number * EVENTS_A_BATCH + place) % 5000}",
            "messageId": f"m{number}-{place}",
            "timestamp": "2026-03-02T09:00:00.000Z",
            "properties": {"plan": "team", "seats": 12},
        }
        for place in range(EVENTS_A_BATCH)
    ]
    body = json.dumps({"sentAt": "2026-03-02T09:00:01.000Z", "batch": events}).encode()
    head = b"authorization: Basic %s\r\n" % b64encode(SECRET + b":")
    return _request("/v1/batch", head, body)


def _request(target: str, head: bytes, body: bytes) -> bytes:
    start = f"POST {target} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n".encode()
    return start + head + b"content-length: %d\r\n\r\n" % len(body) + body


class _Sender(asyncio.Protocol):
    """One connection that sends a request as soon as the last one is answered."""

    def __init__(self, requests: Iterator[bytes], load: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._latencies = load
        self._done = done
        self._sent_at = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of one."""
        self._answer += data
        head, blank, body = self._answer.partition(b"\r\n\r\n")
        if not blank or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]):
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
            self._transport.close()
            self._done.set_exception(AssertionError(self._answer))
            return
        self._answer = b""
        self._latencies.append(time.perf_counter() - self._sent_at)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def _send(port: int, requests: Sequence[bytes]) -> list[float]:
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    latencies: list[float] = []
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(CONCURRENCY)]
    for end in ends:
        await loop.create_connection(partial(_Sender, waiting, latencies, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return latencies


def run_load(
    port: int, requests: Sequence[bytes], server: int, file: Path | None, events_a_request: int = 1
) -> Load:
    """Send requests, and wait until facts have been made of all of them where there is a store."""
    before, cpu_before = _facts(file), _cpu_seconds(server)
    begun = time.perf_counter()
    latencies = uvloop.run(_send(port, requests))
    answered = time.perf_counter() - begun
    while file is not None and _facts(file) - before < len(requests) * events_a_request:
        time.sleep(0.02)
    read = time.perf_counter() - begun
    used = tuple(after - before for after, before in zip(_cpu_seconds(server), cpu_before, strict=True))
    return Load(len(requests), answered, read, latencies, used)


def _cpu_seconds(server: int) -> list[float]:
    """Return the CPU seconds of a process and of its children."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in (server, *children)]
    return [(int(each[11]) + int(each[12])) / os.sysconf("SC_CLK_TCK") for each in fields]


def _facts(file: Path | None) -> int:
    if file is None:
        return 0
    with open_store(f"sqlite:///{file}") as database, database.reading() as connection:
        return count_taken(connection)[0]


BARE = """
import hmac, sys, uvicorn
from base64 import b64encode
SECRET = sys.argv[2].encode()
async def app(scope, receive, send):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = dict(scope["headers"])
    content = b".".join((headers[b"webhook-id"], headers[b"webhook-timestamp"], body))
    expected = b"v1," + b64encode(hmac.digest(SECRET, content, "sha256"))
    status = 200 if hmac.compare_digest(expected, headers[b"webhook-signature"]) else 401
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
print("ready", flush=True)
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False, lifespan="off", ws="none")
"""


@contextmanager
def bare(port: int) -> Iterator[int]:
    """Run the bare handler; give its process."""
    command = [sys.executable, "-c", BARE, str(port), SECRET.decode()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        _wait_for(port)
        try:
            yield process.pid
        finally:
            process.terminate()


@contextmanager
def gateway(folder: Path, port: int) -> Iterator[int]:
    """Run the gateway; give its process."""
    secret = "whsec_" + b64encode(SECRET).decode()
    limits = {"requests_per_second": 100_000, "burst": 1_000_000}
    sources = [
        {"name": "signed", "kind": "standard_webhooks", "secret_env": ["SIGNED"], "limits": limits},
        {"name": "web", "kind": "segment", "secret_env": ["KEY"], "limits": limits},
    ]
    (folder / "sources.yaml").write_text(json.dumps({"sources": sources}))
    command = [sys.executable, "-m", "services.cli", "intake", "--port", str(port)]
    environment = {**os.environ, "SIGNED": secret, "KEY": SECRET.decode(), "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as process:
        _wait_for(port)
        try:
            yield process.pid
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens at port {port}")


def bench_intake(request_count: int) -> None:
    """Print the rates and latencies, and their ratios."""
    singles = [signed_event(number) for number in range(request_count)]
    batches = [batch(number) for number in range(max(32, request_count // 50))]
    with bare(18731) as server:
        run_load(18731, singles[:2000], server, None)
        plain = run_load(18731, singles, server, None)
    with tempfile.TemporaryDirectory() as place, gateway(Path(place), 18732) as server:
        file = Path(place) / "relevo.db"
        run_load(18732, [signed_event(10_000_000 + number) for number in range(2000)], server, file)
        single = run_load(18732, singles, server, file)
        many = run_load(18732, batches, server, file, EVENTS_A_BATCH)
    events = many.rate * EVENTS_A_BATCH
    print(f"intake, bare handler with the HMAC alone: {_told(plain)}")
    print(f"intake, an event a request: {_told(single)}; {single.rate / plain.rate:.2f} of bare")
    print(f"intake, {EVENTS_A_BATCH} events a request: {_told(many)}")
    print(f"        {events:,.0f} events/s, {events / single.rate:.1f} times as many as one by one")


def _told(load: Load) -> str:
    cpu = " + ".join(f"{seconds / load.request_count * 1e6:.0f}" for seconds in load.cpu_seconds)
    latency = f"p50 {load.quantile(0.5):.1f} ms, p99 {load.quantile(0.99):.1f} ms"
    read = f"read at {load.request_count / load.read_seconds:,.0f}/s, " if len(load.cpu_seconds) > 1 else ""
    return f"{load.rate:,.0f} requests/s, {latency}, {read}{cpu} µs CPU a request"


if __name__ == "__main__":
    bench_intake(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
