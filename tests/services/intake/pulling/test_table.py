"""A table of somebody else's, in SQLite and in PostgreSQL: nothing skipped, nothing twice."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from infra.elsewhere.away import SourceAway, SourceUnfit
from infra.store.database import Database
from infra.store.foreign import PAGE_ROWS
from infra.store.pulls import Batch, PulledElsewhere, standing_of, take
from services.intake.pulling.puller import Look
from services.intake.pulling.table import TableOrigin
from tests.servers.postgresql import Server
from tests.services.intake.pulling.fetching import CONTACTS, Fetching, fetched_source

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Crm:
    """A CRM's database, which Relevo reads and others write."""

    url: str

    def run(self, statement: str, *rows: dict[str, Any]) -> None:
        """Run a statement, once a row."""
        url = self.url.replace("postgresql:", "postgresql+psycopg:")
        connecting = {} if url.startswith("sqlite") else {"client_encoding": "utf8"}
        engine = create_engine(url, poolclass=NullPool, connect_args=connecting)
        with engine.begin() as connection:
            connection.execute(text(statement), list(rows) or None)

    def write(self, number: int, stage: str, at: datetime | None = NINE) -> None:
        """Write a contact, new or not."""
        row = {"id": number, "email": f"{number}@example.com", "stage": stage, "at": at and self.instant(at)}
        self.run("DELETE FROM contacts WHERE id = :id", row)
        self.run("INSERT INTO contacts VALUES (:id, :email, :stage, :at)", row)

    def instant(self, at: datetime) -> Any:
        """Return an instant as the database takes it."""
        return at if self.url.startswith("postgresql") else f"{at:%Y-%m-%d %H:%M:%S}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def crm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crm]:
    if request.param == "sqlite":
        made = Crm(f"sqlite:///{tmp_path}/crm.db")
        made.run("CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, stage TEXT, changed TEXT)")
        yield made
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as name:
        made = Crm(server.address(name))
        made.run("CREATE TABLE contacts (id INT PRIMARY KEY, email TEXT, stage TEXT, changed TIMESTAMPTZ)")
        yield made


def fetching(database: Database, crm: Crm, **pull: Any) -> Fetching:
    said = {"url_env": "DB", "table": "contacts", "key": "id", "cursor": "changed", **pull}
    mapping = pull.pop("mapping", CONTACTS)
    said.pop("mapping", None)
    source = fetched_source("sql", said, mapping, DB=crm.url)
    return Fetching(database, source, lambda: NOON)


@pytest.fixture
def one(any_store: Database, crm: Crm) -> Fetching:
    return fetching(any_store, crm)


def test_every_row_is_read_and_none_twice(one: Fetching, crm: Crm) -> None:
    for number in range(3):
        crm.write(number, "new", NINE + timedelta(minutes=number))
    assert one.look().new_count == 3
    assert one.look().new_count == 0
    assert one.counted() == (3, 0)
    assert one.facts()[0]["time"] == "2026-03-02T09:00:00Z"


def test_rows_with_one_cursor_value_are_all_read_however_the_pages_fall(one: Fetching, crm: Crm) -> None:
    rows = [
        {"id": number, "email": f"{number}@example.com", "stage": "new", "at": crm.instant(NINE)}
        for number in range(2 * PAGE_ROWS + 7)
    ]
    crm.run("INSERT INTO contacts VALUES (:id, :email, :stage, :at)", *rows)
    assert one.look().new_count == 2 * PAGE_ROWS + 7
    crm.write(-1, "new", NINE)  # as old as the newest, and before it in the order of the key
    assert one.look().new_count == 1
    assert one.counted() == (2 * PAGE_ROWS + 8, 0)


def test_a_changed_row_says_a_new_fact_even_when_it_goes_back_to_what_it_was(one: Fetching, crm: Crm) -> None:
    for minute, stage in enumerate(["new", "sql", "new"]):
        crm.write(1, stage, NINE + timedelta(minutes=minute))
        one.look()
    assert one.said("stage") == ["new", "sql", "new"]


def test_a_change_of_a_column_that_is_not_read_says_nothing(any_store: Database, crm: Crm) -> None:
    one = fetching(any_store, crm, columns=["id", "email"], mapping={**CONTACTS, "id": "id"})
    crm.write(1, "new")
    one.look()
    crm.write(1, "sql", NINE + timedelta(minutes=1))
    assert one.look().new_count == 0


def test_a_row_that_was_committed_late_is_read_within_the_lookback(any_store: Database, crm: Crm) -> None:
    one = fetching(any_store, crm, lookback="10m")
    crm.write(1, "new", NINE)
    one.look()
    crm.write(2, "new", NINE - timedelta(minutes=10))
    crm.write(3, "new", NINE - timedelta(minutes=11))
    assert one.look().new_count == 1


def test_a_row_dated_ahead_does_not_hide_those_that_come(one: Fetching, crm: Crm) -> None:
    crm.write(1, "new", datetime(2099, 1, 1, tzinfo=UTC))
    one.look()
    crm.write(2, "new", NOON - timedelta(minutes=1))
    assert one.look().new_count == 1


def test_nor_those_that_came_between_two_looks(any_store: Database, crm: Crm) -> None:
    noon = fetching(any_store, crm)
    crm.write(1, "new", datetime(2099, 1, 1, tzinfo=UTC))
    noon.look()
    crm.write(2, "new", NOON + timedelta(minutes=10))
    assert replace(noon, now=lambda: NOON + timedelta(hours=1)).look().new_count == 1


def test_a_pass_that_was_cut_short_among_rows_dated_ahead_hides_nothing_either(
    any_store: Database, crm: Crm
) -> None:
    noon = fetching(any_store, crm)
    ahead = crm.instant(datetime(2099, 1, 1, tzinfo=UTC))
    rows = [{"id": number, "email": None, "stage": "new", "at": ahead} for number in range(PAGE_ROWS + 1)]
    crm.run("INSERT INTO contacts VALUES (:id, :email, :stage, :at)", *rows)
    stop = threading.Event()
    stop.set()
    noon.puller().look(stop)
    crm.write(9000, "new", NOON + timedelta(minutes=10))
    later = replace(noon, now=lambda: NOON + timedelta(hours=1))
    later.look()
    assert later.look().new_count == 1


def test_a_key_without_a_value_behind_which_rows_would_be_lost_is_refused(
    store: Database, tmp_path: Path
) -> None:
    crm = Crm(f"sqlite:///{tmp_path}/crm.db")  # where no value comes before all others
    crm.run("CREATE TABLE parts (id INT, email TEXT, stage TEXT)")
    rows = [{"id": number, "email": None} for number in range(PAGE_ROWS)]
    crm.run("INSERT INTO parts VALUES (:id, :email, 'new')", *rows)
    one = fetching(store, crm, table="parts", key=["id", "email"], cursor=None)
    assert one.look().new_count == PAGE_ROWS
    crm.run("INSERT INTO parts VALUES (:id, 'a@b.es', 'new')", {"id": PAGE_ROWS})
    assert one.look().new_count == 1
    crm.run("INSERT INTO parts VALUES (:id, 'a@b.es', 'new')", {"id": PAGE_ROWS - 1})
    with pytest.raises(SourceUnfit, match="has no 'email'; name columns as key that always have one"):
        one.look()


@pytest.mark.postgres
def test_so_is_one_whose_rows_without_a_value_come_last(store: Database, postgresql: Server) -> None:
    with postgresql.database() as name:
        crm = Crm(postgresql.address(name))
        crm.run("CREATE TABLE parts (id INT, email TEXT, stage TEXT)")
        rows = [{"id": number, "email": f"{number}@b.es"} for number in range(PAGE_ROWS)]
        crm.run("INSERT INTO parts VALUES (:id, :email, 'new')", *rows)
        crm.run("INSERT INTO parts VALUES (:id, NULL, 'new')", {"id": PAGE_ROWS - 1})
        one = fetching(store, crm, table="parts", key=["id", "email"], cursor=None)
        with pytest.raises(SourceUnfit, match="has no 'email'; name columns as key that always have one"):
            one.look()


def test_text_that_is_none_puts_its_row_aside_and_no_more(store: Database, tmp_path: Path) -> None:
    crm = Crm(f"sqlite:///{tmp_path}/crm.db")
    crm.run("CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, stage TEXT, changed TEXT)")
    crm.run(
        "INSERT INTO contacts VALUES (1, 'a@b.es', 'new', NULL), (2, 'b@b.es', CAST(x'ff' AS TEXT), NULL)"
    )
    one = fetching(store, crm, cursor=None)
    one.look()
    assert one.counted() == (1, 1)
    assert one.dead()[0].startswith("contacts 2: ")


def test_what_is_committed_while_a_long_pass_runs_is_read_by_the_next(one: Fetching, crm: Crm) -> None:
    rows = [
        {"id": number, "email": None, "stage": "new", "at": crm.instant(NINE + timedelta(seconds=number))}
        for number in range(PAGE_ROWS + 1)
    ]
    crm.run("INSERT INTO contacts VALUES (:id, :email, :stage, :at)", *rows)
    origin = TableOrigin(one.source, one.now)
    batches = origin.batches({}, {})
    first = next(batches)
    crm.write(9000, "late", NINE + timedelta(seconds=PAGE_ROWS - 100))  # behind where the pass stands
    crm.write(9001, "later", NINE + timedelta(hours=1))
    assert isinstance(first, Batch)
    positions = [first.position, *(batch.position for batch in batches if isinstance(batch, Batch))]
    again = [batch for batch in origin.batches(positions[-1] or {}, {}) if isinstance(batch, Batch)]
    seen = b"".join(content for batch in again for content, _ in batch.rows)
    assert b'"late"' in seen
    assert b'"later"' in seen


def test_a_pass_that_was_cut_short_goes_on_where_it_was(one: Fetching, crm: Crm) -> None:
    rows = [
        {"id": number, "email": f"{number}@example.com", "stage": "new", "at": crm.instant(NINE)}
        for number in range(PAGE_ROWS + 20)
    ]
    crm.run("INSERT INTO contacts VALUES (:id, :email, :stage, :at)", *rows)
    first = next(TableOrigin(one.source, one.now).batches({}, {}))
    assert isinstance(first, Batch)
    with one.database.writing() as connection:
        take(connection, standing_of(connection, "crm"), first)
    assert one.look().read_count == 20


def test_without_a_cursor_the_whole_table_is_read_and_changes_count(any_store: Database, crm: Crm) -> None:
    one = fetching(any_store, crm, cursor=None)
    crm.write(1, "new", None)
    crm.write(2, "new", None)
    assert one.look().new_count == 2
    crm.write(1, "sql", None)
    assert one.look() == Look(read_count=2, new_count=1)
    assert one.said("stage") == ["new", "new", "sql"]


def test_rows_without_a_cursor_value_are_counted_aloud(one: Fetching, crm: Crm) -> None:
    crm.write(1, "new", None)
    one.look()
    assert one.told == ["crm: 1 rows have no changed and are not read"]


def test_a_bad_row_is_a_dead_letter_that_names_it_and_the_rest_goes_on(any_store: Database, crm: Crm) -> None:
    mapping = {**CONTACTS, "time": "stage"}
    one = fetching(any_store, crm, mapping=mapping)
    crm.write(1, "2026-03-01 10:00")
    crm.write(2, "yesterday")
    crm.write(3, "2026-03-01 11:00")
    one.look()
    assert one.counted() == (2, 1)
    assert one.dead()[0].startswith("contacts 2: 'yesterday' is no date")


def test_a_view_is_read_like_a_table(any_store: Database, crm: Crm) -> None:
    crm.run("CREATE VIEW hot AS SELECT * FROM contacts WHERE stage = 'hot'")
    one = fetching(any_store, crm, table="hot")
    crm.write(1, "hot")
    crm.write(2, "cold")
    assert one.look().new_count == 1


def test_a_key_that_names_several_rows_is_refused_before_any_is_passed_over(one: Fetching, crm: Crm) -> None:
    crm.run("CREATE TABLE visits (who INT, changed TEXT)")
    crm.run("INSERT INTO visits VALUES (1, '2026-03-01'), (1, '2026-03-01')")
    visits = fetching(one.database, crm, table="visits", key="who")
    with pytest.raises(SourceUnfit, match="several rows of visits agree in who; name more columns"):
        visits.look()


@pytest.mark.parametrize("wrong", [{"table": "nowhere"}, {"cursor": "nothing"}, {"key": "Nobody"}])
def test_a_table_or_column_that_is_not_there_needs_a_person(
    any_store: Database, crm: Crm, wrong: dict[str, str]
) -> None:
    crm.write(1, "new")
    with pytest.raises(SourceUnfit, match=r"nowhere|nothing|Nobody"):
        fetching(any_store, crm, **wrong).look()


def test_a_lookback_that_does_not_fit_the_cursor_is_said(any_store: Database, crm: Crm) -> None:
    crm.write(1, "new")
    one = fetching(any_store, crm, cursor="id", lookback="10m")
    one.look()
    with pytest.raises(SourceUnfit, match="write its lookback as a number"):
        one.look()


def test_numbers_serve_as_cursor_with_a_lookback_of_numbers(any_store: Database, crm: Crm) -> None:
    one = fetching(any_store, crm, cursor="id", lookback=2)
    for number in (1, 3, 5):
        crm.write(number, "new")
    one.look()
    crm.write(2, "new")
    crm.write(4, "new")
    assert one.look().new_count == 1


def test_relevo_cannot_write_where_it_reads(one: Fetching, crm: Crm) -> None:
    crm.run("CREATE TABLE log (id INTEGER)")
    origin = TableOrigin(one.source, one.now)
    with (
        pytest.raises((SourceAway, SourceUnfit), match=r"read.?only"),
        origin._table._reading() as connection,
    ):
        connection.execute(text("INSERT INTO log VALUES (1)"))


def test_two_processes_that_fetch_one_source_never_both_take_a_row(one: Fetching, crm: Crm) -> None:
    crm.write(1, "new")
    batch = next(TableOrigin(one.source, one.now).batches({}, {}))
    assert isinstance(batch, Batch)
    with one.database.reading() as connection:
        standing = standing_of(connection, "crm")
    one.look()
    with pytest.raises(PulledElsewhere, match="another process"), one.database.writing() as connection:
        take(connection, standing, batch)
    assert one.counted() == (1, 0)


def test_a_database_that_is_away_says_so_without_its_password(store: Database) -> None:
    crm = Crm("postgresql://reader:secreta@127.0.0.1:1/crm")
    with pytest.raises(SourceAway, match=r"127\.0\.0\.1:1/crm") as raised:
        fetching(store, crm).look()
    assert "secreta" not in str(raised.value)


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "nobase://host/db"])
def test_a_url_that_cannot_be_used_needs_a_person(store: Database, url: str) -> None:
    with pytest.raises(SourceUnfit, match=r"URL|memory|driver"):
        fetching(store, Crm(url)).look()
