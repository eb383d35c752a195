"""Requests whose term is over go in small steps; what was made of them stays, and counts once."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from infra.store import retention
from infra.store.originals import count_taken
from services.intake import letting_go
from services.intake.settling import settle
from services.line import OpenLine, open_line
from tests.services.cli.conftest import Relevo
from tests.services.intake.arriving import NOON, generic_source, keep

ANA = {"id": "1", "email": "ana@example.com"}
BO = {"id": "2", "email": "bo@example.com"}
TERM = timedelta(days=90)
LATER = NOON + TERM + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/relevo.db"


def kept(line: OpenLine) -> int:
    with line.database.reading() as connection:
        return retention.kept_since(connection)[0]


def taken(line: OpenLine) -> tuple[int, int]:
    settle(line.database)
    with line.database.reading() as connection:
        return count_taken(connection)


def gone(line: OpenLine) -> int:
    return letting_go.let_all_go(line.database, TERM, lambda: LATER, threading.Event())


def test_what_is_over_its_term_goes_and_what_is_not_stays(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA], NOON)
        keep(line.database, generic_source(), [BO], LATER)
        settle(line.database)
        assert (gone(line), kept(line), gone(line)) == (1, 1, 0)


def test_what_has_not_been_read_stays_however_old_it_is(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA])
        assert gone(line) == 0
        settle(line.database)
        assert gone(line) == 1


def test_a_request_that_is_sent_again_after_its_term_counts_once(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA, b"{"])
        before = taken(line)
        assert gone(line) == 2
        keep(line.database, generic_source(), [ANA, BO, b"{"], LATER)
        assert (before, taken(line)) == ((1, 1), (2, 1))


def test_it_takes_as_many_steps_as_there_is_to_let_go(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ORIGINALS_A_STEP", 2)
    monkeypatch.setattr(letting_go, "ORIGINALS_A_STEP", 2)
    monkeypatch.setattr(letting_go, "PAUSE_SECONDS", 0.0)
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA] * 5)
        settle(line.database)
        assert (gone(line), kept(line)) == (5, 0)


def test_whoever_runs_on_the_store_lets_go(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "LOOK_SECONDS", 0.01)
    looked = threading.Event()

    def now() -> object:
        looked.set()
        return LATER

    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA])
        settle(line.database)
        with letting_go.letting_go(store, TERM, now):  # type: ignore[arg-type]
            assert looked.wait(20)
        assert kept(line) == 0


def test_the_doctor_says_for_how_long_and_when_nobody_lets_go(relevo: Relevo, store: str) -> None:
    relevo("say", "captured", "--email", "other@example.com")
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA], NOON - timedelta(days=3650))
        settle(line.database)
    found = {one["check"]: one for one in relevo("doctor", "--json").json}["requests"]
    assert (found["verdict"], "1 request kept since 2016" in found["detail"]) == ("warn", True)
    assert "they are kept for 90 days" in found["detail"]
