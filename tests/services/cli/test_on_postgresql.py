"""Every verb on a store in PostgreSQL: the same numbers as on SQLite, and one sentence when it is away."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.cli.main import run
from tests.servers.postgresql import Server
from tests.services.cli.conftest import YEAR, Relevo
from tests.services.cli.test_pull import source

pytestmark = pytest.mark.postgres

READING = [
    ("metrics", "--json"),
    ("metrics", "--by", "origin", "--by", "segment", "--json"),
    ("metrics", "--period", "quarter", "--json"),
    ("leads", "--limit", "1000", "--json"),
    ("stalled", "--json"),
    ("alerts", "--json"),
    ("dead", "--json"),
    ("lead", "crm:S-0007", "--why", "--clocks", "--history", "--json"),
]
TODAY = re.compile(r'"[0-9-]+T[0-9:]+\.[0-9]+Z"')
"""An instant with a fraction: when the line heard of something. Those of the year have none."""


@pytest.fixture(scope="module")
def told_there(postgresql: Server) -> Iterator[str]:
    """Return the store of the small demo year, in PostgreSQL; it is only read."""
    with postgresql.database() as name:
        store = postgresql.address(name)
        assert run(["demo", *YEAR, "--store", store]) == 0
        yield store


@pytest.mark.parametrize("verb", READING, ids=" ".join)
def test_what_a_verb_reads_is_the_same_on_both_stores(
    verb: tuple[str, ...], told_there: str, told_year: Path, relevo: Relevo
) -> None:
    there, here = relevo(*verb, "--store", told_there), relevo(*verb, "--store", f"sqlite:///{told_year}")
    assert (there.code, here.code) == (0, 0)
    assert TODAY.sub("", there.out) == TODAY.sub("", here.out)


def test_the_store_says_what_its_facts_say_and_is_well(told_there: str, relevo: Relevo) -> None:
    assert "The store says what its facts say." in relevo("verify", "--store", told_there).err
    examined = relevo("doctor", "--store", told_there, "--json")
    found = {one["check"]: one for one in examined.json}
    assert examined.code == 0
    assert found["journal"]["detail"].startswith("kept by PostgreSQL")


def test_a_fact_is_said_and_a_second_demo_adds_nothing(postgresql: Server, relevo: Relevo) -> None:
    with postgresql.database() as name:
        store = ("--store", postgresql.address(name))
        assert relevo("demo", "--leads", "20", *YEAR[2:], *store).code == 0
        again = relevo("demo", "--leads", "20", *YEAR[2:], *store)
        assert "Nothing was added" in again.err + again.out
        assert relevo("say", "captured", "--email", "a@b.es", *store).code == 0
        assert relevo("lead", "a@b.es", *store).code == 0
        assert relevo("doctor", "--migrate", *store).code == 0


def test_requests_are_read_again_where_nothing_can_be_tried_on_a_copy(
    postgresql: Server, relevo: Relevo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DB", f"sqlite:///{tmp_path}/crm.db")
    with closing(sqlite3.connect(tmp_path / "crm.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT)")
        connection.execute("INSERT INTO contacts VALUES (1, 'ana@example.com'), (2, NULL)")
    mapping = {"subject": {"external_ids": {"crm": "id"}}, "facts": [{"kind": "captured", "id": "id"}]}
    with postgresql.database() as name:
        store = ("--store", postgresql.address(name))
        (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source()]}))
        assert relevo("pull", "--once", *store).code == 0
        (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source(mapping=mapping)]}))
        shown = relevo("intake", "replay", "--source", "crm", *store)
        assert (shown.code, "What that changes is not shown" in shown.err) == (0, True)
        done = relevo("intake", "replay", "--source", "crm", "--apply", "--json", *store).json
        assert (done["said_count"], done["effect"]) == (1, None)
        assert relevo("intake", "count", "--json", *store).json == {"facts": 2, "dead": 1}
        assert relevo("dead", "list", "--json", *store).json == []


def test_a_bug_is_told_without_the_password(postgresql: Server, relevo: Relevo) -> None:
    with postgresql.store() as database:
        with database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE dead_letters")
        ran = relevo("doctor", "--store", postgresql.address(str(database.address.url.database)))
    assert ran.code == 1
    assert "this should not have happened" in ran.err
    assert "secreta" not in ran.err


def test_a_server_that_is_away_is_one_sentence(relevo: Relevo) -> None:
    ran = relevo("leads", "--store", "postgresql://ana:secreta@127.0.0.1:1/relevo")
    assert ran.code == 2
    assert "does not answer" in ran.err
    assert "secreta" not in ran.err
    assert len(ran.err.splitlines()) == 1
