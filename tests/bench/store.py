"""Both stores beside each other: rows in bulk, and one worker at a time with the commit of many processes.

``python -m tests.bench.store`` starts a PostgreSQL of its own, which does not sync to disk; nor does SQLite
here. The same 1,000 states of about 1 KB are written again and again; then each worker, alone, takes the
journal of the demo's year in batches of 1,000, as a process of its own would, and what it says is handed to
the next. Look at ratios within one run, and at CPU seconds.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

import services.sequencer
from infra.commit import Delivered, Outgoing, Station
from infra.commit_journal import JournalStation
from infra.journal.ports import LogRecord
from infra.store.bulk import upsert
from infra.store.database import Database
from infra.store.tables.hosts import states
from schemas.facts import AgreementSigned
from services.agreement.loader import example
from services.pipeline import WORKERS
from tests.bench.line import SIGNED_AT, control, year
from tests.servers.postgresql import own_server
from tests.stores import new_store

BATCH = 1000
ROUNDS = 12

Rows = list[dict[str, Any]]
Write = Callable[[Connection, Rows], object]


@contextmanager
def stores() -> Iterator[dict[str, Database]]:
    """Give a new store of either kind."""
    with (
        own_server() as server,
        server.store() as there,
        tempfile.TemporaryDirectory() as folder,
        new_store(Path(folder) / "relevo.db") as here,
    ):
        yield {"SQLite": here, "PostgreSQL": there}


def states_of(batch: int) -> Rows:
    """Return a batch of states; those of one round in ten are the same leads."""
    text = '{"contributions": [' + ", ".join(['{"rule": "demo", "points": 10}'] * 30) + "]}"
    row = {"worker": "scoring", "partition": 0, "taken": 1, "said": 1, "last_seq": 1, "frontier": None}
    first = batch % 10 * BATCH
    return [{**row, "lead_id": f"L{number:016d}", "state": text} for number in range(first, first + BATCH)]


def one_by_one(connection: Connection, rows: Rows) -> None:
    """Write rows as the driver's ``executemany`` does, in pipeline mode."""
    statement = insert(states)
    keys = [column.name for column in states.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def copied(connection: Connection, rows: Rows) -> None:
    """Write rows with COPY into a temporary table, and from there."""
    connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS news (LIKE states) ON COMMIT DELETE ROWS",
    )
    cursor: Any = connection.connection.cursor()
    names = ", ".join(rows[0])
    with cursor.copy(f"COPY news ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))
    changed = ", ".join(f"{name} = excluded.{name}" for name in ("state", "taken", "said", "last_seq"))
    conflict = f"ON CONFLICT (worker, partition, lead_id) DO UPDATE SET {changed}"
    connection.exec_driver_sql(f"INSERT INTO states SELECT * FROM news {conflict}")  # noqa: S608 - ours


def in_bulk(connection: Connection, rows: Rows) -> None:
    """Write rows as the product does."""
    upsert(connection, states, rows)


def bench_rows(found: dict[str, Database]) -> None:
    """Print how long 1,000 states take, by each way in turn, so that all see the same machine."""
    ways: list[tuple[str, str, Write]] = [
        ("SQLite", "in bulk", in_bulk),
        ("PostgreSQL", "executemany", one_by_one),
        ("PostgreSQL", "COPY and a temporary table", copied),
        ("PostgreSQL", "in bulk: arrays and unnest", in_bulk),
    ]
    took: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for batch in range(ROUNDS * 10):
        for name, way, write in ways:
            rows = states_of(batch)
            begun, cpu = time.perf_counter(), time.process_time()
            with found[name].writing() as connection:
                write(connection, rows)
            spent = time.perf_counter() - begun, time.process_time() - cpu
            took.setdefault((name, way), []).append(spent)
    for (name, way), spans in took.items():
        wall, cpu = median(span for span, _ in spans), median(span for _, span in spans)
        print(f"1,000 states, {name}, {way}: {wall * 1000:.1f} ms, {cpu * 1000:.1f} of them our CPU")


def bench_workers(database: Database, name: str, fact_count: int) -> None:
    """Print how fast each worker takes the year, alone."""
    said = [(SIGNED_AT, control(AgreementSigned(document=example()))), *year(fact_count)]
    log = [LogRecord(offset, at, value) for offset, (at, value) in enumerate(said)]
    heard: list[Outgoing] = []
    take(name, "sequencer", JournalStation(services.sequencer, database, heard.extend), log)
    for worker in WORKERS:
        records = [
            Delivered(place, one.value) for place, one in enumerate(o for o in heard if not o.is_letter)
        ]
        spoken: list[Outgoing] = []
        take(name, worker.name, Station(worker, 0, database, spoken.extend), records)
        heard = spoken if worker.relays else heard


def take(store: str, worker: str, station: Any, records: Sequence[object]) -> None:
    """Let a worker take records in batches, and print its rate."""
    station.take_over()
    begun, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(records), BATCH):
        station.process(records[start : start + BATCH])
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    count = len(records)
    print(f"{worker} on {store}: {count:,} records, {count / wall:,.0f}/s, {count / cpu:,.0f} a CPU second")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.store", description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000, help="facts through each worker")
    asked = parser.parse_args()
    with stores() as found:
        bench_rows(found)
    with stores() as found:
        for name, database in found.items():
            bench_workers(database, name, asked.facts)


if __name__ == "__main__":
    main()
