"""How the line is doing, as its tables tell: positions and lag, timers, imports, sizes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from infra.store.journal_memory import undecided
from infra.store.tables import facts, imports, leads, positions, restatements, timers


@dataclass(frozen=True, slots=True)
class WorkerPosition:
    """How far a worker has come in a partition."""

    worker: str
    partition: int
    next_offset: int
    clock: datetime | None
    seq: int
    cursor: str | None
    """Where long work (a change of agreement, the close of an import) stands; null when there is none."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import: open while ``closed_seq`` is null."""

    import_id: str
    opened_seq: int
    closed_seq: int | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is in a store."""

    lead_count: int
    fact_count: int
    waiting_count: int
    """Records of the log that have not been decided yet."""
    timer_count: int
    restatement_count: int


def positions_of(connection: Connection) -> list[WorkerPosition]:
    """Return how far every worker has come."""
    rows = connection.execute(select(positions).order_by(positions.c.worker, positions.c.partition))
    return [
        WorkerPosition(row.worker, row.partition, row.next_offset, row.clock, row.seq, row.cursor)
        for row in rows
    ]


def oldest_timer(connection: Connection) -> datetime | None:
    """Return when the next timer of the line is due."""
    return connection.execute(select(func.min(timers.c.due_at))).scalar()


def imports_of(connection: Connection) -> list[ImportRow]:
    """Return every import, oldest first."""
    rows = connection.execute(select(imports).order_by(imports.c.opened_seq))
    return [ImportRow(row.import_id, row.opened_seq, row.closed_seq) for row in rows]


def sizes(connection: Connection) -> Sizes:
    """Count what there is."""
    count = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (leads, facts, timers, restatements)
    }
    return Sizes(
        count["leads"], count["facts"], undecided(connection), count["timers"], count["restatements"]
    )


def newest_stamp(connection: Connection) -> datetime | None:
    """Return the log's time as of the last entry."""
    newest = select(facts.c.stamp).order_by(facts.c.seq.desc()).limit(1)
    return connection.execute(newest).scalar()
