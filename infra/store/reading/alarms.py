"""How many timers are armed and when the oldest is due, and how many SLA clocks are open."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from infra.store.tables.hosts import timers
from infra.store.tables.read_model import sla_clocks
from schemas.vocabulary import WorkerName


@dataclass(frozen=True, slots=True)
class Alarms:
    """One worker's alarms; the clocks are the lifecycle's and None for every other."""

    armed_count: int
    oldest_due_at: datetime | None
    open_clock_count: int | None


def alarms_of(connection: Connection, worker: WorkerName) -> Alarms:
    """Return a worker's alarms, all partitions together."""
    armed, oldest = connection.execute(
        select(func.count(), func.min(timers.c.due_at)).where(timers.c.worker == worker)
    ).one()
    clocks = None
    if worker is WorkerName.LIFECYCLE:
        open_ones = select(func.count()).select_from(sla_clocks).where(sla_clocks.c.ended_at.is_(None))
        clocks = connection.execute(open_ones).scalar_one()
    return Alarms(armed, oldest, clocks)
