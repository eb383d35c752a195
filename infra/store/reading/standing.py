"""How the line is doing, as its tables tell: positions and lag, timers, imports, sizes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select

from infra.store.journal_memory import undecided
from infra.store.tables.hosts import imports, positions, seen, states, timers
from infra.store.tables.read_model import dead_letters, facts, leads, restatements
from schemas.vocabulary import LeadId


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
    version: int
    """Rises with every commit."""


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
    """Facts about leads and about the line itself."""
    control_count: int
    """Facts about the line itself: signings, imports."""
    waiting_count: int
    """Records of the log that have not been decided yet."""
    timer_count: int
    restatement_count: int


_PLACE = ("worker", "partition", "next_offset", "clock", "seq", "cursor", "version")


def positions_of(connection: Connection) -> list[WorkerPosition]:
    """Return how far every worker has come."""
    rows = connection.execute(select(positions).order_by(positions.c.worker, positions.c.partition))
    return [WorkerPosition(*(getattr(row, name) for name in _PLACE)) for row in rows]


def is_at_rest(connection: Connection) -> bool:
    """Say whether the line has nothing left to do: no record waits, and no long work is under way."""
    busy = select(func.count()).select_from(positions).where(positions.c.cursor.is_not(None))
    return not undecided(connection) and not connection.execute(busy).scalar_one()


def oldest_timer(connection: Connection) -> datetime | None:
    """Return when the next timer of the line is due."""
    return connection.execute(select(func.min(timers.c.due_at))).scalar()


def state_of(connection: Connection, worker: str, lead_id: LeadId) -> str | None:
    """Return what a worker keeps of a lead, as JSON."""
    statement = select(states.c.state).where(_kept_of(worker, lead_id))
    return connection.execute(statement).scalar()


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of a lead a worker has taken: what its history is, as the worker has decided it."""

    seq: int
    """The number of the last entry."""
    version: int
    """The last version of the worker before it."""
    clock: datetime | None
    """How far the log's time has come; None before the first tick."""


def taken_of(connection: Connection, worker: str, lead_id: LeadId) -> Taken | None:
    """Return how much of a lead a worker has taken; None if it has not heard of it."""
    here = (states.c.worker == positions.c.worker) & (states.c.partition == positions.c.partition)
    statement = (
        select(states.c.last_seq, states.c.taken, positions.c.clock)
        .join(positions, here)
        .where(_kept_of(worker, lead_id))
    )
    row = connection.execute(statement).first()
    return None if row is None else Taken(row.last_seq, row.taken, row.clock)


def _kept_of(worker: str, lead_id: LeadId) -> ColumnElement[bool]:
    """Return the row of a lead at a worker by its whole key: without the partition, all are looked at."""
    partitions = select(positions.c.partition).where(positions.c.worker == worker)
    return and_(states.c.worker == worker, states.c.partition.in_(partitions), states.c.lead_id == lead_id)


def clock_of(connection: Connection, worker: str) -> datetime | None:
    """Return how far the log's time has come at a worker."""
    statement = select(func.max(positions.c.clock)).where(positions.c.worker == worker)
    return connection.execute(statement).scalar()


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
    control = select(func.count()).select_from(facts).where(facts.c.lead_id.is_(None))
    return Sizes(
        lead_count=count["leads"],
        fact_count=count["facts"],
        control_count=connection.execute(control).scalar_one(),
        waiting_count=undecided(connection),
        timer_count=count["timers"],
        restatement_count=count["restatements"],
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a store's growth: the last fact admitted, and the last dead letter."""

    seq: int
    dead_letter: int


def mark(connection: Connection) -> Mark:
    """Return where the store stands now; ``grown_since`` says what came after."""
    seq = connection.execute(select(func.coalesce(func.max(facts.c.seq), 0))).scalar_one()
    dead = connection.execute(select(func.coalesce(func.max(dead_letters.c.id), 0))).scalar_one()
    return Mark(seq, dead)


def grown_since(connection: Connection, before: Mark) -> tuple[int, int]:
    """Return how many facts about leads were admitted since a mark, and how many dead letters there were."""
    admitted = select(func.count()).select_from(facts)
    admitted = admitted.where(facts.c.seq > before.seq, facts.c.lead_id.is_not(None))
    dead = select(func.count()).select_from(dead_letters).where(dead_letters.c.id > before.dead_letter)
    return connection.execute(admitted).scalar_one(), connection.execute(dead).scalar_one()


def fact_of(connection: Connection, event_key: bytes) -> tuple[int, LeadId | None] | None:
    """Return the number and the lead of an admitted event, by its key (``infra.keyring.event_key``)."""
    statement = (
        select(facts.c.seq, facts.c.lead_id)
        .join(seen, seen.c.seq == facts.c.seq)
        .where(seen.c.key == event_key)
    )
    row = connection.execute(statement).first()
    return None if row is None else (row.seq, row.lead_id)
