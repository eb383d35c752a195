"""What a verification asks of a store: every lead's facts, and everything that the store says of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from infra.decision import SignedAgreement
from infra.memory import Ask, History
from infra.store.codec import CellKey, cell_key
from infra.store.journal_memory import signed_agreements, undecided
from infra.store.memory import StoredMemory, chunks
from infra.store.tables import (
    alerts,
    facts,
    handoffs,
    imports,
    leads,
    metadata,
    metrics,
    positions,
    sla_clocks,
    timers,
)
from schemas.entries import Concluded
from schemas.topics import partition_of
from schemas.vocabulary import LeadId, WorkerName

LEADS_A_CHUNK = 200


@dataclass(slots=True)
class Stored:
    """What the store says of some leads."""

    standing: dict[WorkerName, Mapping[LeadId, list[Concluded]]] = field(default_factory=dict)
    timers: dict[tuple[str, LeadId], dict[str, datetime]] = field(default_factory=dict)
    rows: dict[LeadId, dict[tuple[str, tuple[Any, ...]], dict[str, Any]]] = field(default_factory=dict)
    """By lead: (table, key) to columns."""
    open_alerts: dict[LeadId, set[str]] = field(default_factory=dict)


class Audit:
    """One moment of a store, as a verification sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.waiting_count = undecided(connection) + _unfinished(connection)
        self.signed: list[SignedAgreement] = signed_agreements(connection)
        self.last_seq: int = connection.execute(select(func.max(facts.c.seq))).scalar() or 0
        self._clocks: dict[str, dict[int, datetime | None]] = defaultdict(dict)
        for row in connection.execute(select(positions)):
            self._clocks[row.worker][row.partition] = row.clock

    def clock_of(self, worker: WorkerName, lead_id: LeadId) -> datetime | None:
        """Return how far the log's time has come for a lead at a worker: that of the lead's partition."""
        clocks = self._clocks[worker]
        return clocks.get(partition_of(lead_id, len(clocks))) if clocks else None

    def lead_chunks(self) -> Iterator[list[LeadId]]:
        """Return every lead that has facts, in chunks, in order of ids."""
        after = ""
        while True:
            rows = self._connection.execute(
                select(facts.c.lead_id)
                .where(facts.c.lead_id > after)
                .distinct()
                .order_by(facts.c.lead_id)
                .limit(LEADS_A_CHUNK)
            )
            lead_ids = list(rows.scalars())
            if not lead_ids:
                return
            yield lead_ids
            after = lead_ids[-1]

    def histories(self, lead_ids: Sequence[LeadId]) -> Mapping[LeadId, History]:
        """Return the leads' facts; an absorbed lead has none."""
        memory = StoredMemory(self._connection)
        return {lead_id: memory.history(None, Ask(lead_id, self.last_seq, 0)) for lead_id in lead_ids}

    def stored(self, lead_ids: Sequence[LeadId]) -> Stored:
        """Return what the store says of the leads."""
        stored = Stored()
        memory = StoredMemory(self._connection)
        memory.prepare(WorkerName.SCORING, WorkerName.LIFECYCLE, lead_ids)
        for worker in (WorkerName.SCORING, WorkerName.LIFECYCLE):
            stored.standing[worker] = {one: memory.standing(worker, one) for one in lead_ids}
        stored.rows = defaultdict(dict)
        stored.open_alerts = defaultdict(set)
        stored.timers = defaultdict(dict)
        for some in chunks(lead_ids):
            for table in (leads, handoffs, sla_clocks):
                self._rows(stored, table.name, some)
            for row in self._connection.execute(select(timers).where(timers.c.lead_id.in_(some))):
                stored.timers[row.worker, row.lead_id][row.kind] = row.due_at
            unresolved = select(alerts.c.lead_id, alerts.c.alert_id).where(
                alerts.c.lead_id.in_(some), alerts.c.resolved_at.is_(None)
            )
            for row in self._connection.execute(unresolved):
                stored.open_alerts[row.lead_id].add(row.alert_id)
        return stored

    def _rows(self, stored: Stored, name: str, lead_ids: Sequence[LeadId]) -> None:
        table = metadata.tables[name]
        for row in self._connection.execute(select(table).where(table.c.lead_id.in_(lead_ids))).mappings():
            key = tuple(row[column.name] for column in table.primary_key)
            stored.rows[row["lead_id"]][name, key] = dict(row)

    def cells(self) -> dict[CellKey, int]:
        """Return every cell of the numbers that is not zero, partitions added up."""
        found: dict[CellKey, int] = defaultdict(int)
        for row in self._connection.execute(select(metrics)).mappings():
            found[cell_key(dict(row))] += row["value"]
        return {key: value for key, value in found.items() if value}

    def missing_numbers(self) -> int:
        """Return how many numbers between 1 and the last one no fact has."""
        return self.last_seq - (
            self._connection.execute(select(func.count()).select_from(facts)).scalar() or 0
        )

    def repeated_facts(self) -> int:
        """Return how many facts were admitted more than once."""
        once = select(facts.c.source, facts.c.event_id).group_by(facts.c.source, facts.c.event_id)
        twice = once.having(func.count() > 1).subquery()
        return self._connection.execute(select(func.count()).select_from(twice)).scalar() or 0


def _unfinished(connection: Connection) -> int:
    """Return how many facts of open imports wait, and how many workers are in the midst of long work."""
    still_open = select(imports.c.import_id).where(imports.c.closed_seq.is_(None))
    deferred = select(func.count()).select_from(facts).where(facts.c.import_id.in_(still_open))
    long_work = select(func.count()).select_from(positions).where(positions.c.cursor.is_not(None))
    return connection.execute(deferred).scalar_one() + connection.execute(long_work).scalar_one()
