"""Rows found by whole keys are searched, however large their table is."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from infra.store.bulk import insert_rows, rows_like
from infra.store.opening import open_store
from infra.store.tables.read_model import metrics
from tests.servers.postgresql import Server

NAMES = ("measure", "cohort_on", "on", "detail", "origin", "campaign", "segment", "team", "owner", "bucket")


def cell(origin: str) -> dict[str, object]:
    day = date(2026, 3, 2)
    values = ("captured", day, day, "", origin, "", "", "", "", -1)
    return dict(zip(NAMES, values, strict=True))


def test_rows_are_found_by_their_keys_and_not_by_reading_the_table(tmp_path: Path) -> None:
    asked: list[tuple[str, object]] = []
    with open_store(f"sqlite:///{tmp_path}/a.db") as database:
        with database.writing() as connection:
            rows = [cell(f"o{number}") | {"partition": 0, "value": number} for number in range(500)]
            insert_rows(connection, metrics, rows)

        @event.listens_for(database.engine, "before_cursor_execute")
        def note(_: Connection, __: object, statement: str, values: object, *___: object) -> None:
            asked.append((statement, values))

        with database.reading() as connection:
            found = {row["origin"]: row for row in rows_like(connection, metrics, [cell("o7"), cell("none")])}
            statement, values = next(one for one in asked if "metrics" in one[0])
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
            assert connection.execute(text("SELECT count(*) FROM metrics")).scalar() == 500
    assert {origin: (row["value"], row["on"]) for origin, row in found.items()} == {
        "o7": (7, date(2026, 3, 2))
    }
    assert any("SEARCH metrics USING PRIMARY KEY" in row[3] for row in plan)
    assert not any("SCAN metrics" in row[3] for row in plan)


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["deciding", "writing", "alone"])
def test_a_new_table_that_nobody_has_analyzed_is_searched_by_its_keys(postgresql: Server, kind: str) -> None:
    cells = [cell(f"o{number}") for number in range(3000)]
    with postgresql.store() as database:
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE metrics SET (autovacuum_enabled = off)")
            insert_rows(connection, metrics, [one | {"partition": 0, "value": 1} for one in cells])
        with getattr(database, kind)() as connection:
            assert len(list(rows_like(connection, metrics, cells[:500]))) == 500
            whole_reads = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'metrics'"
            assert connection.exec_driver_sql(whole_reads).scalar() == 0
