"""A trial leaves nothing behind, and refuses a store of which no copy can be tried on."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.store.copying import copy_store
from infra.store.errors import StoreUnusable
from infra.store.topics import KnownTopic, remember
from services.line import OpenLine
from services.trial import effect_of
from tests.stores import lasting_store


@pytest.fixture
def unheard() -> Iterator[None]:
    """Nobody listens to a hang-up or is to survive one, under whatever these tests run (nohup, say)."""
    before = {one: signal.signal(one, signal.SIG_DFL) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_no_copy_is_left_by_who_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    there: list[Path] = []

    def told_to_stop(_: OpenLine) -> None:
        there.extend(copies.iterdir())
        os.kill(os.getpid(), number)

    with pytest.raises(SystemExit) as ended:
        effect_of(lasting_store(tmp_path / "relevo.db"), told_to_stop)
    assert (ended.value.code, len(there), list(copies.iterdir())) == (128 + number, 1, [])
    assert signal.getsignal(number) is signal.SIG_DFL


def test_who_is_to_survive_a_hang_up_goes_on(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        effect = effect_of(
            lasting_store(tmp_path / "relevo.db"), lambda _: os.kill(os.getpid(), signal.SIGHUP)
        )
    finally:
        signal.signal(signal.SIGHUP, before)
    assert effect.admitted_count == 0


def test_a_place_that_takes_no_copy_is_told_in_a_sentence(tmp_path: Path) -> None:
    copy = tmp_path / "gone" / "trial.db"
    with pytest.raises(StoreUnusable, match=f"^sqlite:///{copy}: the file cannot be opened; "):
        copy_store(lasting_store(tmp_path / "relevo.db"), copy)


def test_nothing_is_tried_on_a_store_that_workers_on_kafka_fill(tmp_path: Path) -> None:
    store, said = lasting_store(tmp_path / "relevo.db"), list[OpenLine]()
    topics = [KnownTopic(name, f"id-of-{name}", 1) for name in ("leads.facts", "leads.entries")]
    with store.writing() as connection:
        remember(connection, topics)
    with pytest.raises(StoreUnusable, match="takes a line of one machine, in a store in SQLite"):
        effect_of(store, said.append)
    assert said == []
