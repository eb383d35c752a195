"""Stores in tests: opening one, running the embedded line over a history, and a picture to compare stores by.

A **picture** is all that a store says of its leads, conclusions byte for byte, without what must differ
between two stores that agree: numbers that a table counts up, the store's own secret, and how often somebody
was reminded.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy import Connection, Table, select

import services.sequencer
from infra.embedded.line import Line
from infra.refold import standing_after
from infra.store.codec import cell_key, concluded_from
from infra.store.database import Database
from infra.store.journal_memory import append_log
from infra.store.opening import open_store
from infra.store.tables.hosts import agreements, imports, merges, timers
from infra.store.tables.read_model import (
    alerts,
    dead_letters,
    facts,
    handoffs,
    leads,
    metrics,
    sla_clocks,
    timeline,
)
from schemas.entries import Concluded
from schemas.vocabulary import WorkerName
from services.pipeline import WORKERS
from tests.histories import Said

Picture = dict[str, Any]


class Logged(Protocol):
    """A record of the log of facts, readable or not."""

    @property
    def received_at(self) -> datetime:
        """When the log had it."""

    @property
    def value(self) -> bytes:
        """What was sent."""

    @property
    def is_heartbeat(self) -> bool:
        """Whether the sequencer said it to itself."""


def new_store(file: Path) -> Database:
    """Return the store in a file, a new one if there is none; a power cut is nothing to worry about here."""
    if not file.exists():
        file.write_bytes(_empty_store())
    return open_store(f"sqlite:///{file}", durability="normal")


_lasting: list[Database] = []


def lasting_store(file: Path) -> Database:
    """Return the store in a file for as long as a test lasts: it is closed behind it (``close_lasting``)."""
    _lasting.append(new_store(file))
    return _lasting[-1]


def close_lasting() -> None:
    """Close the stores that a test has left open."""
    while _lasting:
        _lasting.pop().close()


@cache
def _empty_store() -> bytes:
    """Return a store in which nothing was ever said; to copy it is six times as fast as to make it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        open_store(f"sqlite:///{file}", durability="normal").close()
        return file.read_bytes()


class Clock:
    """A time source that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def open_line(database: Database, now: datetime, batch: int = 1000) -> Line:
    """Return the embedded line over a store."""
    return Line(database, WORKERS, services.sequencer, Clock(now), batch=batch)


def append(database: Database, said: Iterable[Logged]) -> None:
    """Append a history to the log, with the times at which the log had it."""
    with database.writing() as connection:
        for one in said:
            append_log(connection, [one.value], one.received_at)


def end_of(said: Iterable[Said]) -> datetime:
    """Return the latest of the log's own times."""
    return max(one.received_at for one in said)


def undisturbed(file: Path, said: list[Said], batch: int = 1000) -> Database:
    """Return a store that the embedded line has run over a history, at one go."""
    database = new_store(file)
    append(database, said)
    open_line(database, end_of(said), batch).drain()
    return database


def in_time(file: Path, said: Sequence[Logged]) -> Database:
    """Return a store that the embedded line has run over a history as it came, ticking at each heartbeat."""
    return told_in_time(new_store(file), said)


def told_in_time(database: Database, said: Sequence[Logged]) -> Database:
    """Run the embedded line over a history as it came; return the store."""
    clock = Clock(said[0].received_at)
    line = Line(database, WORKERS, services.sequencer, clock)
    waiting: list[Logged] = []
    for one in said:
        waiting.append(one)
        if one.is_heartbeat:
            append(database, waiting)
            waiting, clock.now = [], one.received_at
            line.drain()
    return database


def picture(database: Database) -> Picture:
    """Return what a store says of its leads."""
    with database.reading() as connection:
        found: Picture = {
            table.name: _rows(connection, table)
            for table in (facts, merges, agreements, imports, leads, handoffs, sla_clocks)
        }
        found["timers"] = _timers(connection)
        found["standing"] = _standing(connection)
        found["cells"] = _cells(connection)
        found["alerts"] = _open_alerts(connection)
        found["dead"] = sorted(row.reason for row in connection.execute(select(dead_letters)))
    return found


def unlike(one: Picture, other: Picture) -> dict[str, list[str]]:
    """Return, by part, what two pictures do not share; empty when they are alike."""
    return {
        part: differing for part in one if (differing := _unlike(_listed(one[part]), _listed(other[part])))
    }


def _listed(part: Any) -> list[str]:
    return sorted(map(str, part.items() if isinstance(part, dict) else part))


def _unlike(one: list[str], other: list[str]) -> list[str]:
    return [f"- {line}" for line in one if line not in other] + [
        f"+ {line}" for line in other if line not in one
    ]


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
    found = [dict(row) for row in rows]
    if table is leads:  # a lead that says nothing and one that nobody mentions are the same
        found = [
            row for row in found if any(value is not None for key, value in row.items() if key != "lead_id")
        ]
    return found


def _timers(connection: Connection) -> dict[str, datetime]:
    return {
        f"{row.worker} {row.lead_id} {row.kind}": row.due_at
        for row in connection.execute(select(timers))
        if row.worker != WorkerName.ALERTS  # its only timer is the next reminder
    }


def _standing(connection: Connection) -> dict[str, Any]:
    said = defaultdict(list)
    relaying = timeline.c.worker.in_([worker.name for worker in WORKERS if worker.relays])
    for row in connection.execute(select(timeline).where(relaying).order_by(timeline.c.id)):
        said[row.lead_id].append(concluded_from(row))
    return {
        one.id: (*_whose(one), one.body.model_dump_json())
        for some in said.values()
        for one in standing_after(some).values()
    }


def _whose(one: Concluded) -> tuple[Any, ...]:
    return (one.worker, one.lead_id, one.at, one.cause, one.ordinal, one.agreement)


def _cells(connection: Connection) -> dict[Any, int]:
    found: dict[Any, int] = defaultdict(int)
    for row in connection.execute(select(metrics)).mappings():
        found[cell_key(dict(row))] += row["value"]
    return {key: value for key, value in found.items() if value}


def _open_alerts(connection: Connection) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        select(alerts).where(alerts.c.resolved_at.is_(None)).order_by(alerts.c.alert_id)
    )
    return [
        (row.alert_id, row.kind, row.about, row.severity, row.due_at, row.owner, row.team) for row in rows
    ]
