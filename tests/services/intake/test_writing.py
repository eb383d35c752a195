"""The writer of the front door, spoken to over its pipe: reading stands behind keeping, and loses nothing."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.arrivals import Original
from infra.embedded import front_writer
from infra.embedded.front_writer import Writer, packed
from infra.store.opening import open_store
from infra.store.originals import count_taken
from services.intake.reading import Reader
from services.intake.registry import kinds
from tests.services.intake.arriving import NOON

DOCUMENTS = {"m": '{"mapping": {}}'}
Tell = Callable[[int], dict[str, int]]


def event(number: int) -> Original:
    body = json.dumps({"id": f"e{number}", "email": f"lead{number}@example.com"}).encode()
    return Original(NOON, "crm", "generic", "m", "POST", "/v1/hooks/crm", (), body, "bearer key")


@pytest.fixture
def store(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'relevo.db'}"
    open_store(url).close()
    return url


@pytest.fixture
def tell(store: str) -> Iterator[Tell]:
    """Send the writer one request, and return what it says once it is kept."""
    ours, its = socket.socketpair()
    ours.settimeout(20)
    writer = Writer(its, store, lambda known: Reader(kinds(), known).make, DOCUMENTS)
    thread = threading.Thread(target=writer.run)
    thread.start()

    with closing(its), closing(ours), ours.makefile("rb") as heard:

        def one(number: int) -> dict[str, int]:
            ours.sendall(packed(event(number)))
            return next(said for line in heard if (said := json.loads(line))["arrived"])

        yield one
        ours.shutdown(socket.SHUT_WR)
        thread.join(20)
        assert not thread.is_alive()


def taken(store: str) -> tuple[int, int]:
    with open_store(store) as database, database.reading() as connection:
        return count_taken(connection)


def test_what_waited_is_read_while_requests_keep_coming(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_writer, "READ_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(front_writer, "IDLE_SECONDS", 20.0)
    said = [tell(number)["facts"] for number in range(5)]
    assert said == [0, 1, 2, 3, 4]  # each with the commit after its own


def test_what_has_not_waited_is_read_when_the_gateway_has_gone(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_writer, "READ_AFTER_SECONDS", 60.0)
    monkeypatch.setattr(front_writer, "IDLE_SECONDS", 20.0)
    ours, its = socket.socketpair()
    with closing(its), closing(ours):
        ours.sendall(b"".join(packed(event(number)) for number in range(120)))
        ours.shutdown(socket.SHUT_WR)
        Writer(its, store, lambda known: Reader(kinds(), known).make, DOCUMENTS).run()
    assert taken(store) == (120, 0)
