"""``relevo pull``: fetched once or until it is stopped, killed at any moment, and counted like the rest."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.services.cli.conftest import Relevo, clean_environment

ROWS = 3000
ROOT = Path(__file__).parents[3]


def source(**more: Any) -> dict[str, Any]:
    return {
        "name": "crm",
        "kind": "sql",
        "pull": {"url_env": "CRM_DB", "table": "contacts", "key": "id", "cursor": "id", "every": "1s"},
        "mapping": {"subject": {"email": "email"}, "facts": [{"kind": "captured", "id": "id"}]},
        **more,
    }


pytestmark = pytest.mark.usefixtures("relevo", "crm")


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setenv("CRM_DB", f"sqlite:///{tmp_path}/crm.db")
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source()]}))
    with closing(sqlite3.connect(tmp_path / "crm.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT)")
        connection.execute("INSERT INTO contacts VALUES (1, 'ana@example.com'), (2, NULL)")
        yield connection


def test_what_was_fetched_counts_like_what_was_sent(relevo: Relevo) -> None:
    pulled = relevo("pull", "--once")
    assert pulled.out == "crm: 2 new rows, 0 known already\n"
    assert "to be decided; relevo up does that." in pulled.err
    again = relevo("pull", "--once", "--json", "--source", "crm")
    assert again.json == [{"source": "crm", "new": 0, "read": 2, "files": 0}]
    assert relevo("intake", "count", "--json").json == {"facts": 1, "dead": 1}
    assert relevo("dead", "list", "--json").json[0]["detail"].startswith("contacts 2: nobody is named")


def test_what_was_fetched_is_read_again_with_a_corrected_mapping(relevo: Relevo, tmp_path: Path) -> None:
    relevo("pull", "--once")
    mapping = {"subject": {"external_ids": {"crm": "id"}}, "facts": [{"kind": "captured", "id": "id"}]}
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source(mapping=mapping)]}))
    assert "1 new fact (1 captured)" in relevo("intake", "replay", "--source", "crm", "--apply").out
    assert relevo("intake", "count", "--json").json == {"facts": 2, "dead": 1}
    assert relevo("dead", "list").out.strip() == ""


def test_a_source_that_cannot_be_read_is_named_and_the_exit_code_says_so(
    relevo: Relevo, crm: sqlite3.Connection
) -> None:
    crm.execute("DROP TABLE contacts")
    ran = relevo("pull", "--once")
    assert ran.code == 1
    assert "no such table: contacts" in ran.err
    assert "1 of 1 sources could not be read" in ran.err


def test_names_that_are_not_there_are_refused(relevo: Relevo, tmp_path: Path) -> None:
    assert "has no source of this name with a pull" in relevo("pull", "--source", "erp").err
    (tmp_path / "sources.yaml").write_text('{"sources": []}')
    assert "names nothing to fetch" in relevo("pull").err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pull": {"table": "contacts", "key": "id"}}, "url_env"),
        ({"pull": {"url_env": "NOT_SET", "table": "contacts", "key": "id"}}, "NOT_SET is not set"),
        ({"pull": {"url_env": "CRM_DB", "table": "contacts", "key": "id", "every": "often"}}, "like 30s"),
        ({"pull": {"url_env": "CRM_DB", "table": "a.b.c", "key": "id"}}, "table"),
        ({"secret_env": ["CRM_DB"]}, "leave secret_env out"),
        ({"kind": "generic", "secret_env": ["CRM_DB"], "mapping": {}}, "leave pull out"),
        ({"mapping": {"facts": [{"kind": "sold"}]}}, "'sold' is no kind of fact"),
        ({"mapping": {"zone": "Europe/Atlantis"}}, "zone"),
    ],
)
def test_what_is_wrong_in_the_document_is_said_before_anything_is_fetched(
    relevo: Relevo, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source(**change)]}))
    ran = relevo("pull", "--once")
    assert ran.code == 2
    assert said in ran.err


class Process:
    """The verb in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "pull"],
            cwd=folder,
            env={**clean_environment(), "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )

    def says(self, words: str) -> str:
        """Wait for a line with these words."""
        assert self.process.stderr is not None
        return next(line for line in self.process.stderr if words in line)

    def end(self, number: int) -> str:
        """Send it a signal, and return what else it said."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return said


@pytest.mark.slow
def test_it_fetches_until_it_is_stopped(crm: sqlite3.Connection, tmp_path: Path) -> None:
    running = Process(tmp_path)
    assert running.says("Fetching crm")
    assert running.says("2 new rows")
    crm.execute("INSERT INTO contacts VALUES (3, 'bo@example.com')")
    assert running.says("1 new rows, 2 known already")
    assert "Stopped." in running.end(signal.SIGTERM)
    assert running.process.returncode == 0


def in_a_table(crm: sqlite3.Connection, _folder: Path) -> dict[str, Any]:
    """Give rows in a table to fetch."""
    crm.execute("BEGIN")
    crm.execute("DELETE FROM contacts")
    crm.executemany("INSERT INTO contacts VALUES (?, ?)", [(n, f"{n}@example.com") for n in range(ROWS)])
    crm.execute("COMMIT")
    return source()


def in_a_folder(_crm: sqlite3.Connection, folder: Path) -> dict[str, Any]:
    """Give rows in 10 files to fetch."""
    for start in range(0, ROWS, 300):
        rows = "".join(f"{n},{n}@example.com\n" for n in range(start, start + 300))
        (folder / f"{start}.csv").write_text(f"id,email\n{rows}")
    return source(kind="csv_folder", pull={"folder": str(folder), "settle": "0s", "every": "1s"})


def said_by(file: Path) -> int:
    """Return how many facts a store holds, without settling what it has not read."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM made_facts").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("given", [in_a_table, in_a_folder])
def test_killed_at_any_moment_it_goes_on_and_says_nothing_twice(
    relevo: Relevo, crm: sqlite3.Connection, tmp_path: Path, given: Callable[..., dict[str, Any]]
) -> None:
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [given(crm, tmp_path)]}))
    assert relevo("intake", "count", "--json").code == 2  # there is no store yet
    for enough in (500, 1500):
        running = Process(tmp_path)
        while said_by(tmp_path / "relevo.db") < enough:
            assert running.process.poll() is None
        running.end(signal.SIGKILL)
    assert relevo("pull", "--once").code == 0
    assert relevo("intake", "count", "--json").json == {"facts": ROWS, "dead": 0}
