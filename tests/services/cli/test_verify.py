"""``relevo verify``: the store against its facts."""

import sqlite3
from pathlib import Path

from services.line import open_line
from tests.services.cli.conftest import Relevo


def test_a_store_that_says_what_its_facts_say_agrees(year: Relevo) -> None:
    ran = year("verify", "--json")
    assert (ran.code, ran.json["agrees"], ran.json["differences"]) == (0, True, [])
    assert ran.json["lead_count"] > 50
    assert "The store says what its facts say." in year("verify").err


def test_a_number_that_was_tampered_with_is_found(year: Relevo, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "relevo.db") as store:
        store.execute("UPDATE metrics SET value = value + 1 WHERE measure = 'captured'")
    store.close()
    ran = year("verify", "--json")
    assert (ran.code, ran.json["agrees"]) == (1, False)
    assert ran.json["difference_count"] == len(ran.json["differences"]) > 0
    shown = year("verify")
    assert (shown.code, "differences" in shown.out) == (1, True)
    assert "relevo: the store does not say what its facts say" in shown.err


def test_facts_that_wait_are_a_difference(year: Relevo) -> None:
    with open_line("sqlite:///relevo.db") as line:
        line.host.append([b"{}"])
    ran = year("verify")
    assert ran.code == 1
    assert "1 fact waits to be decided" in ran.err
