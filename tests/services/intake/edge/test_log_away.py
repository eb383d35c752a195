"""While the log is away: 401 first, then 503 with a Retry-After that grows, never a 500; then all is well."""

import os
import signal
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.services.intake.conftest import CRM, Gateways, Running

pytestmark = pytest.mark.slow


def post(client: httpx.Client, event_id: str) -> httpx.Response:
    body = {"id": event_id, "email": f"{event_id}@example.com"}
    return client.post("/v1/hooks/crm", json=body, headers=CRM)


def until_taken(client: httpx.Client, event_id: str) -> int:
    """Send until the log is back; return how often it was away."""
    for refused in range(100_000):
        answer = post(client, event_id)
        if answer.status_code == 202:
            return refused
        assert answer.status_code == 503
    raise AssertionError("the log did not come back")


def test_a_locked_store_is_answered_with_503_until_it_is_free(gateways: Gateways) -> None:
    running = gateways()
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert post(client, "before").status_code == 202
        lock = sqlite3.connect(running.file, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        answer = post(client, "during")
        assert (answer.status_code, answer.json()["code"]) == (503, "log_away")
        assert 5 <= int(answer.headers["retry-after"]) <= 300
        ready = client.get("/readyz")
        assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/hooks/crm", json={}).status_code == 401
        assert client.post("/v1/hooks/nobody", json={}).status_code == 404
        lock.rollback()
        lock.close()
        until_taken(client, "during")
        assert client.get("/readyz").status_code == 200
    assert running.counted()["facts"] == 2


def test_a_store_that_is_moved_away_is_noticed_before_anything_is_acknowledged(gateways: Gateways) -> None:
    running = gateways()
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert post(client, "before").status_code == 202
        moved = move(running, running.folder / "elsewhere")
        assert post(client, "during").status_code == 503
        assert post(client, "during").status_code == 503
        move_back(moved, running)
        until_taken(client, "after")
    assert running.counted()["facts"] in (2, 3)  # what was refused may have reached the file all the same


def move(running: Running, to: Path) -> Path:
    to.mkdir()
    for file in running.folder.glob("relevo.db*"):
        file.rename(to / file.name)
    return to


def move_back(moved: Path, running: Running) -> None:
    for file in moved.iterdir():
        file.rename(running.folder / file.name)


def test_a_writer_that_is_killed_is_started_again(gateways: Gateways) -> None:
    running = gateways()
    with httpx.Client(base_url=running.url, timeout=30) as client:
        assert post(client, "before").status_code == 202
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        (writer,) = children.read_text().split()
        os.kill(int(writer), signal.SIGKILL)
        until_taken(client, "after")
    assert "Stopped after" in running.stop()
    assert running.counted()["facts"] == 2
