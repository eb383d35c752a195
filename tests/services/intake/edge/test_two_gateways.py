"""Two gateways on one store, as while one follows the other: nothing is missing, nothing counts twice."""

import subprocess
import sys
import threading

import httpx
import pytest

from tests.services.intake.conftest import CRM, Gateways, Running, environment

pytestmark = pytest.mark.slow


def send(url: str, name: str, answers: list[int]) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        for number in range(60):
            body = {"id": f"{name}-{number}", "email": f"{name}{number}@example.com"}
            answers.append(client.post("/v1/hooks/crm", json=body, headers=CRM).status_code)


def test_two_gateways_share_a_store(gateways: Gateways) -> None:
    one = gateways()
    other = Running(one.folder)
    answers: list[int] = []
    threads = [
        threading.Thread(target=send, args=(running.url, name, answers))
        for running, name in ((one, "a"), (other, "b"), (one, "c"), (other, "a"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.stop()
    one.stop()
    assert set(answers) == {202}
    assert one.counted() == {"facts": 180, "dead": 0}


def test_a_port_that_is_taken_is_said_in_one_sentence(gateways: Gateways) -> None:
    running = gateways()
    command = [sys.executable, "-m", "services.cli", "intake", "--port", str(running.address[1])]
    done = subprocess.run(
        command, cwd=running.folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        f"relevo: 127.0.0.1:{running.address[1]}: address already in use\n",
    )
