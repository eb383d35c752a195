"""Killed at any point: no request that was acknowledged is missing, and none that is sent again counts twice.

Senders send in earnest while the gateway is killed; what was not acknowledged, and some of what was, is sent
again to the next gateway, as vendors do.
"""

import json
import random
import signal
import threading
from dataclasses import dataclass, field

import httpx
import pytest

from tests.services.intake.conftest import CRM, Gateways, Running

pytestmark = pytest.mark.slow

SENDERS = 6
ENOUGH = 40


@dataclass
class Sender:
    """Sends events one after the other until it is cut off."""

    url: str
    name: str
    enough: threading.Event
    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Send until the connection breaks."""
        with httpx.Client(base_url=self.url, timeout=20) as client:
            for number in range(100_000):
                event_id = f"{self.name}-{number}"
                self.sent.append(event_id)
                try:
                    answer = post(client, event_id)
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                self.acknowledged.append(event_id)
                if number >= ENOUGH:
                    self.enough.set()


def post(client: httpx.Client, event_id: str) -> httpx.Response:
    body = {"id": event_id, "email": f"{event_id}@example.com"}
    return client.post("/v1/hooks/crm", json=body, headers=CRM)


def send_until_killed(running: Running, names: str) -> list[Sender]:
    """Send with several senders, kill the gateway in the midst, and return what they know."""
    enough = threading.Event()
    senders = [Sender(running.url, f"{names}{number}", enough) for number in range(SENDERS)]
    threads = [threading.Thread(target=one.run) for one in senders]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    running.kill()
    for thread in threads:
        thread.join()
    return senders


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_loses_nothing_and_doubles_nothing(gateways: Gateways, seed: int) -> None:
    chance = random.Random(seed)
    running = gateways()
    senders = send_until_killed(running, f"s{seed}-")
    acknowledged = {one for sender in senders for one in sender.acknowledged}
    sent = {one for sender in senders for one in sender.sent}
    assert len(acknowledged) <= running.counted()["facts"] <= len(sent)

    running.start()
    again = sorted(sent - acknowledged) + chance.sample(sorted(acknowledged), 20)
    with httpx.Client(base_url=running.url, timeout=20) as client:
        assert {post(client, event_id).status_code for event_id in again} == {202}
    assert "Stopped after" in running.stop()
    assert running.counted() == {"facts": len(sent), "dead": 0}


def test_what_was_taken_is_decided_by_the_line(gateways: Gateways) -> None:
    running = gateways()
    with httpx.Client(base_url=running.url, timeout=20) as client:
        assert {post(client, f"k{number}").status_code for number in range(20)} == {202}
    running.kill()
    assert running.counted() == {"facts": 20, "dead": 0}
    assert running.relevo("say", "captured", "--email", "other@example.com").returncode == 0
    leads = json.loads(running.relevo("leads", "--json").stdout)
    wanted = {f"k{number}@example.com" for number in range(20)} | {"other@example.com"}
    assert {one["email"] for one in leads} == wanted


def test_a_stopped_gateway_has_written_everything(gateways: Gateways) -> None:
    running = gateways()
    with httpx.Client(base_url=running.url, timeout=20) as client:
        for number in range(30):
            assert post(client, f"e{number}").status_code == 202
    assert running.stop().splitlines() == ["Stopped after 30 requests, 30 facts."]
    assert running.process.returncode == 0


def test_an_interrupt_stops_it_in_an_orderly_way(gateways: Gateways) -> None:
    running = gateways()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=60) == 0
