"""A store in the midst of a transaction, as a partition sees it (``infra.memory.Memory``).

Every question is asked for many leads at once, in chunks that fit a statement's variables. A history is
what the lead's own facts and those of the leads that it had absorbed come to, as of an entry's ``seq``:
facts never move, ``merges`` says who absorbed whom from and to which number, and facts of an import that
was not closed by then are not part of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, or_, select

from infra.decision import Kept
from infra.memory import Ask, History
from infra.refold import standing_after
from infra.store.codec import concluded_from, entry_from
from infra.store.tables import facts, imports, merges, states, timeline, timers
from schemas.entries import Concluded, Entry
from schemas.vocabulary import LeadId, WorkerName

CHUNK = 500
"""Leads a statement; SQLite takes 32,766 variables, PostgreSQL 65,535."""

_FACTS = (
    select(
        facts.c.seq,
        facts.c.lead_id,
        facts.c.at,
        facts.c.stamp,
        facts.c.source,
        facts.c.event_id,
        facts.c.test,
        facts.c.flags,
        facts.c.traits,
        facts.c.fact,
        facts.c.import_id,
        imports.c.closed_seq,
    )
    .select_from(facts.outerjoin(imports, facts.c.import_id == imports.c.import_id))
    .order_by(facts.c.lead_id, facts.c.seq)
)


def chunks(lead_ids: Sequence[LeadId]) -> Iterator[Sequence[LeadId]]:
    """Cut a list of ids into statements' worth."""
    for start in range(0, len(lead_ids), CHUNK):
        yield lead_ids[start : start + CHUNK]


class StoredMemory:
    """What a partition asks of a store, answered from one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._facts: dict[tuple[LeadId, int], list[Entry]] = {}
        self._said: dict[tuple[WorkerName, LeadId, int], list[Concluded]] = {}

    def kept(self, worker: WorkerName, partition: int, lead_ids: Sequence[LeadId]) -> dict[LeadId, Kept]:
        """Return what was kept of these leads."""
        alarms: dict[LeadId, dict[str, datetime]] = defaultdict(dict)
        found: dict[LeadId, Kept] = {}
        for some in chunks(lead_ids):
            for alarm in self._connection.execute(
                select(timers.c.lead_id, timers.c.kind, timers.c.due_at).where(
                    timers.c.worker == worker, timers.c.partition == partition, timers.c.lead_id.in_(some)
                )
            ):
                alarms[alarm.lead_id][alarm.kind] = alarm.due_at
            for row in self._connection.execute(
                select(
                    states.c.lead_id,
                    states.c.state,
                    states.c.taken,
                    states.c.said,
                    states.c.last_seq,
                    states.c.frontier,
                ).where(
                    states.c.worker == worker, states.c.partition == partition, states.c.lead_id.in_(some)
                )
            ):
                found[row.lead_id] = Kept(
                    row.state, row.taken, row.said, row.last_seq, row.frontier, alarms.get(row.lead_id, {})
                )
        return found

    def due(
        self, worker: WorkerName, partition: int, until: datetime, limit: int
    ) -> list[tuple[LeadId, datetime]]:
        """Return the timers due by ``until``, in order."""
        rows = self._connection.execute(
            select(timers.c.lead_id, timers.c.due_at)
            .where(timers.c.worker == worker, timers.c.partition == partition, timers.c.due_at <= until)
            .order_by(timers.c.due_at, timers.c.lead_id, timers.c.kind)
            .limit(limit)
        )
        return [(row.lead_id, row.due_at) for row in rows]

    def leads_after(self, worker: WorkerName, partition: int, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads in order of their ids."""
        rows = self._connection.execute(
            select(states.c.lead_id)
            .where(states.c.worker == worker, states.c.partition == partition, states.c.lead_id > after)
            .order_by(states.c.lead_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def histories(self, upstream: WorkerName | None, asks: Sequence[Ask]) -> Mapping[LeadId, History]:
        """Return the histories asked for.

        The workers of a line that shares this transaction ask for the same facts one after the other, so what
        was read is kept for as long as the transaction lasts.
        """
        self._read_facts([ask for ask in asks if (ask.lead_id, ask.upto_seq) not in self._facts])
        histories = {ask.lead_id: History(self._facts[ask.lead_id, ask.upto_seq]) for ask in asks}
        if upstream is None:
            return histories
        keys = {ask: (upstream, ask.lead_id, ask.upto_version) for ask in asks}
        self._read_said(upstream, [ask for ask, key in keys.items() if key not in self._said])
        for ask, key in keys.items():
            histories[ask.lead_id].said = self._said[key]
        return histories

    def _read_facts(self, asks: Sequence[Ask]) -> None:
        by_home: dict[LeadId, list[Ask]] = defaultdict(list)
        members = self._members(asks) if asks else {}
        for ask in asks:
            self._facts[ask.lead_id, ask.upto_seq] = []
            for home in members[ask.lead_id]:
                by_home[home].append(ask)
        for row in self._rows(_FACTS, facts.c.lead_id, list(by_home)):
            for ask in by_home[row.lead_id]:
                if row.seq <= ask.upto_seq and _is_decided(row, ask.upto_seq):
                    self._facts[ask.lead_id, ask.upto_seq].append(entry_from(row, ask.lead_id))

    def standing(self, worker: WorkerName, lead_ids: Sequence[LeadId]) -> Mapping[LeadId, list[Concluded]]:
        """Return what a worker's conclusions about these leads come to."""
        said: dict[LeadId, list[Concluded]] = defaultdict(list)
        statement = select(timeline).where(timeline.c.worker == worker).order_by(timeline.c.id)
        for row in self._rows(statement, timeline.c.lead_id, lead_ids):
            said[row.lead_id].append(concluded_from(row))
        return {lead_id: list(standing_after(some).values()) for lead_id, some in said.items()}

    def _read_said(self, upstream: WorkerName, asks: Sequence[Ask]) -> None:
        versions = {ask.lead_id: ask.upto_version for ask in asks}
        said: dict[LeadId, list[Concluded]] = {lead_id: [] for lead_id in versions}
        statement = select(timeline).where(timeline.c.worker == upstream).order_by(timeline.c.id)
        for row in self._rows(statement, timeline.c.lead_id, list(versions)):
            if row.version <= versions[row.lead_id]:
                said[row.lead_id].append(concluded_from(row))
        for lead_id, some in said.items():
            self._said[upstream, lead_id, versions[lead_id]] = list(standing_after(some).values())

    def _members(self, asks: Sequence[Ask]) -> dict[LeadId, set[LeadId]]:
        """Return the leads that each lead consists of as of ``upto_seq``; none, if it was itself absorbed."""
        members: dict[LeadId, set[LeadId]] = {ask.lead_id: {ask.lead_id} for ask in asks}
        upto = {ask.lead_id: ask.upto_seq for ask in asks}
        looking = {ask.lead_id: {ask.lead_id} for ask in asks}
        absorbed: set[LeadId] = set()
        while looking:
            wanted = sorted(looking)
            found: dict[LeadId, set[LeadId]] = defaultdict(set)
            for row in self._merges(wanted):
                for lead_id in looking.get(row.survivor, ()):
                    if _in_force(row, upto[lead_id]) and row.absorbed not in members[lead_id]:
                        members[lead_id].add(row.absorbed)
                        found[row.absorbed].add(lead_id)
                if row.absorbed in upto and _in_force(row, upto[row.absorbed]):
                    absorbed.add(row.absorbed)
            looking = found
        return members | {lead_id: set() for lead_id in absorbed}

    def _merges(self, lead_ids: Sequence[LeadId]) -> Iterator[Row[Any]]:
        for some in chunks(lead_ids):
            yield from self._connection.execute(
                select(merges).where(or_(merges.c.survivor.in_(some), merges.c.absorbed.in_(some)))
            )

    def _rows(
        self, statement: Select[Any], column: Column[Any], lead_ids: Sequence[LeadId]
    ) -> Iterator[Row[Any]]:
        for some in chunks(lead_ids):
            yield from self._connection.execute(statement.where(column.in_(some)))


def _in_force(row: Row[Any], upto_seq: int) -> bool:
    return bool(row.from_seq <= upto_seq and (row.to_seq is None or row.to_seq > upto_seq))


def _is_decided(row: Row[Any], upto_seq: int) -> bool:
    return row.import_id is None or (row.closed_seq is not None and row.closed_seq <= upto_seq)
