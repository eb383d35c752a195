"""What a verification asks of a store: its facts, and everything that the store says of the leads.

All of it is read in chunks, and nothing is decided here. ``stored`` is what the store says of some leads;
``facts_in_order`` and what follows it is what the sequencer keeps; the counts at the end are of what no
chunk of leads would show.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from infra.decision import FactRow, Merge, SignedAgreement
from infra.memory import Ask, History
from infra.store.codec import CellKey, cell_key, concluded_from
from infra.store.journal_memory import signed_agreements, undecided
from infra.store.memory import StoredMemory, chunks
from infra.store.tables import metadata
from infra.store.tables.hosts import identities, imports, merges, positions, secrets, states, timers
from infra.store.tables.read_model import alerts, facts, handoffs, leads, metrics, sla_clocks, timeline
from schemas.entries import Concluded
from schemas.topics import partition_of
from schemas.vocabulary import LeadId, WorkerName

LEADS_A_CHUNK = 200
FACTS_A_CHUNK = 2000

WORKERS_COLUMNS = tuple(leads.c.keys())[tuple(leads.c.keys()).index("fit") :]
"""The columns of ``leads`` that are shown by the workers behind the sequencer."""

Key = tuple[str, tuple[Any, ...]]
"""A table, and the key of a row of it."""

Alarm = tuple[str, int, str]
"""A timer of a lead: worker, partition, kind."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """What a worker keeps of a lead, as JSON, and in which partition."""

    partition: int
    state: str | None


@dataclass(slots=True)
class Stored:
    """What the store says of some leads."""

    histories: dict[LeadId, History] = field(default_factory=dict)
    standing: dict[WorkerName, Mapping[LeadId, list[Concluded]]] = field(default_factory=dict)
    """What the relaying workers' conclusions come to."""
    notices: dict[LeadId, list[tuple[Concluded, datetime]]] = field(default_factory=dict)
    """What alerts said, in order, and the stamp of each."""
    states: dict[LeadId, dict[str, list[StateRow]]] = field(default_factory=dict)
    timers: dict[LeadId, dict[Alarm, datetime]] = field(default_factory=dict)
    rows: dict[LeadId, dict[Key, dict[str, Any]]] = field(default_factory=dict)
    """By lead: (table, key) to columns."""


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
        alarms = select(timers.c.worker, timers.c.partition).distinct()
        self._alarms = [(row.worker, row.partition) for row in connection.execute(alarms)]

    def clock_of(self, worker: WorkerName, lead_id: LeadId) -> datetime | None:
        """Return how far the log's time has come for a lead at a worker: that of the lead's partition."""
        return self._clocks[worker].get(self.partition_of(worker, lead_id))

    def partition_of(self, worker: WorkerName, lead_id: LeadId) -> int:
        """Return the partition of a worker that holds a lead."""
        return partition_of(lead_id, len(self._clocks[worker]) or 1)

    # --- leads

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

    def stored(self, lead_ids: Sequence[LeadId]) -> Stored:
        """Return the leads' facts (an absorbed lead has none), and what the store says of them."""
        stored, memory = Stored(), StoredMemory(self._connection)
        for worker in (WorkerName.SCORING, WorkerName.LIFECYCLE):
            memory.prepare(worker, None, lead_ids)
            stored.standing[worker] = {one: memory.standing(worker, one) for one in lead_ids}
        stored.histories = {one: memory.history(None, Ask(one, self.last_seq, 0)) for one in lead_ids}
        stored.states, stored.notices = defaultdict(lambda: defaultdict(list)), defaultdict(list)
        stored.rows, stored.timers = defaultdict(dict), defaultdict(dict)
        for some in chunks(lead_ids):
            for table in (leads, handoffs, sla_clocks, alerts):
                self._read_rows(stored, table.name, some)
            self._read_timers(stored, some)
            for worker in WorkerName:
                self._read_states(stored, worker, some)
            said = timeline.c.worker == WorkerName.ALERTS, timeline.c.lead_id.in_(some)
            for row in self._rows(select(timeline).where(*said).order_by(timeline.c.id)):
                stored.notices[row.lead_id].append((concluded_from(row), row.stamp))
        return stored

    def _read_timers(self, stored: Stored, lead_ids: Sequence[LeadId]) -> None:
        for worker, partition in self._alarms:
            here = timers.c.worker == worker, timers.c.partition == partition
            for row in self._rows(select(timers).where(*here, timers.c.lead_id.in_(lead_ids))):
                stored.timers[row.lead_id][worker, partition, row.kind] = row.due_at

    def _read_states(self, stored: Stored, worker: WorkerName, lead_ids: Sequence[LeadId]) -> None:
        places = list(self._clocks[worker]) or [0]
        here = states.c.worker == worker, states.c.partition.in_(places), states.c.lead_id.in_(lead_ids)
        for row in self._rows(select(states.c.lead_id, states.c.partition, states.c.state).where(*here)):
            stored.states[row.lead_id][worker].append(StateRow(row.partition, row.state))

    def _read_rows(self, stored: Stored, name: str, lead_ids: Sequence[LeadId]) -> None:
        table = metadata.tables[name]
        for row in self._connection.execute(select(table).where(table.c.lead_id.in_(lead_ids))).mappings():
            key = tuple(row[column.name] for column in table.primary_key)
            stored.rows[row["lead_id"]][name, key] = dict(row)

    def _rows(self, statement: Select[Any]) -> Iterator[Any]:
        yield from self._connection.execute(statement)

    # --- the sequencer

    def facts_in_order(self) -> Iterator[list[FactRow]]:
        """Return every fact, control facts included, in chunks, in order of their numbers."""
        columns = [facts.c[name] for name in FactRow.__slots__]
        after = 0
        while True:
            some = select(*columns).where(facts.c.seq > after).order_by(facts.c.seq).limit(FACTS_A_CHUNK)
            found = [FactRow(*row) for row in self._connection.execute(some)]
            if not found:
                return
            yield found
            after = found[-1].seq

    def leads_with_erased_facts(self) -> set[LeadId]:
        """Return the leads on which facts stand whose bytes an erasure took."""
        blank = facts.c.lead_id.is_not(None), facts.c.original.is_(None)
        return set(self._connection.execute(select(facts.c.lead_id).where(*blank).distinct()).scalars())

    def merges(self) -> list[Merge]:
        """Return who was merged with whom, in order."""
        rows = self._rows(select(merges).order_by(merges.c.from_seq, merges.c.absorbed))
        return [Merge(row.absorbed, row.survivor, row.from_seq, row.to_seq) for row in rows]

    def imports(self) -> dict[str, tuple[int, int | None]]:
        """Return the imports: the numbers of their opening and their close."""
        return {row.import_id: (row.opened_seq, row.closed_seq) for row in self._rows(select(imports))}

    def secret(self) -> bytes | None:
        """Return the store's secret for hashing identifiers; None: it has met none."""
        statement = select(secrets.c.value).where(secrets.c.name == "identity")
        return self._connection.execute(statement).scalar()

    def identities(self) -> Iterator[tuple[bytes, LeadId, bool]]:
        """Return every identifier's key, the lead that it names, and whether that was erased."""
        for row in self._rows(select(identities)):
            yield row.key, row.lead_id, bool(row.erased)

    def files(self) -> Iterator[tuple[LeadId, str | None]]:
        """Return what the sequencer keeps of every lead, as JSON."""
        here = states.c.worker == WorkerName.SEQUENCER
        for row in self._rows(select(states.c.lead_id, states.c.state).where(here)):
            yield row.lead_id, row.state

    # --- what no chunk of leads shows

    def cells(self) -> dict[CellKey, int]:
        """Return every cell of the numbers that is not zero, partitions added up."""
        found: dict[CellKey, int] = defaultdict(int)
        for row in self._connection.execute(select(metrics)).mappings():
            found[cell_key(dict(row))] += row["value"]
        return {key: value for key, value in found.items() if value}

    def strays(self) -> Iterator[tuple[str, LeadId]]:
        """Return the tables that speak of leads without a single fact, and of whom."""
        for table in (states, timers, leads, handoffs, sla_clocks, alerts, timeline):
            named = select(table.c.lead_id).where(table.c.lead_id.is_not(None)).distinct().subquery()
            heard_of = select(facts.c.seq).where(facts.c.lead_id == named.c.lead_id).exists()
            statement = select(named.c.lead_id).where(~heard_of).order_by(named.c.lead_id)
            for lead_id in self._connection.execute(statement).scalars():
                yield table.name, lead_id

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
