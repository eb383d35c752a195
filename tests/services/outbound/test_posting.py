"""Sending: only to addresses that may be called, never on to another, and no more than is needed."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import sleep

import pytest

from services.outbound.addresses import AddressRefused, HostUnknown, reach
from services.outbound.outlet import HttpAnswer, HttpRequest, Outcome, Verdict
from services.outbound.posting import MOST_ANSWER_BYTES, Poster
from tests.services.outbound.receiving import Answer, Receiver


def sent(url: str, *, private: bool = False, timeout_seconds: float = 10) -> HttpAnswer | Outcome:
    with Poster(private=private, timeout_seconds=timeout_seconds) as poster:
        return poster.post(HttpRequest("POST", url, {"content-type": "application/json"}, b"{}"))


def test_an_answer_comes_back_and_the_name_is_the_host(received: Receiver) -> None:
    received.script(Answer(202, {"Retry-After": "3"}, "taken"))
    url = received.url.replace("127.0.0.1", "localhost")
    answer = sent(url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (202, "3", b"taken")
    assert received.came[0].headers["host"].startswith("localhost:")


def test_a_redirect_is_not_followed(received: Receiver) -> None:
    received.script(Answer(307, {"Location": received.url}))
    answer = sent(received.url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, len(received.came)) == (307, 1)


def test_an_answer_without_end_is_not_read_to_its_end(received: Receiver) -> None:
    received.script(Answer(200, body="x" * 4 * MOST_ANSWER_BYTES))
    answer = sent(received.url)
    assert isinstance(answer, HttpAnswer)
    assert len(answer.body) == MOST_ANSWER_BYTES


def test_an_answer_that_comes_drop_by_drop_is_not_waited_for() -> None:
    with socket.socket() as listening, ThreadPoolExecutor(1) as threads:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            sender, _ = listening.accept()
            with sender, suppress(OSError):
                sender.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n")
                while True:
                    sender.sendall(b".")
                    sleep(0.05)

        dripping = threads.submit(drip)
        answer = sent(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout_seconds=0.5)
        dripping.result()
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 200
    assert 0 < len(answer.body) < MOST_ANSWER_BYTES


def test_who_does_not_answer_is_away() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        outcome = sent(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout_seconds=0.2)
    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.AWAY


@pytest.mark.parametrize("host", ["10.0.0.7", "169.254.169.254", "[fd00::1]", "0.0.0.0", "192.168.1.1"])  # noqa: S104
def test_an_inner_address_is_refused_unless_it_is_meant(host: str) -> None:
    with pytest.raises(AddressRefused, match="an inner address"):
        reach(f"https://{host}/", private=False)
    assert reach(f"https://{host}/", private=True).address


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inner)
    outcome = sent("https://rebound.example.com/")
    assert isinstance(outcome, Outcome)
    assert "rebound.example.com is at 127.0.0.1, an inner address" in outcome.detail


def test_a_host_that_is_not_found_is_away() -> None:
    with pytest.raises(HostUnknown, match="nowhere"):
        reach("https://nowhere.invalid/", private=False)
