"""A store in the midst of a transaction, as a partition sees it (``infra.memory.Memory``).

Every question is asked for many leads at once, in chunks that fit a statement's variables. A history is
what the lead's own facts and those of the leads that it had absorbed come to, as of an entry's ``seq``:
facts never move, ``merges`` says who absorbed whom from and to which number, and facts of an import that
was not closed by then are not part of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Select, or_, select

from infra.decision import Kept, Merge
from infra.fold import BEGINNING
from infra.memory import Ask, History
from infra.refold import standing_after
from infra.store.arrays import among
from infra.store.codec import ENTRY_COLUMNS, concluded_from, entry_from
from infra.store.tables.hosts import imports, merges, states, timers
from infra.store.tables.read_model import facts, timeline
from schemas.entries import Concluded, Entry
from schemas.records import replace
from schemas.vocabulary import LeadId, WorkerName

CHUNK = 500
"""Leads a statement; SQLite takes 32,766 variables, PostgreSQL 65,535."""

Word = TypeVar("Word", Entry, Concluded)


@dataclass(slots=True)
class _Found(Generic[Word]):
    """A row of a history, read only if it is asked for, and then once."""

    at: datetime
    number: int
    """From where on it counts: the seq that decided a fact, the version that said a conclusion."""
    row: Sequence[Any]
    reading: Callable[[Sequence[Any]], Word]
    word: Word | None = None

    def read(self) -> Word:
        """Return the word that stands in the row."""
        if self.word is None:
            self.word = self.reading(self.row)
        return self.word


Said = dict[tuple[WorkerName, LeadId], list[_Found[Concluded]]]
"""By worker and lead: what was said, in order."""

NEVER = 2**63 - 1
"""Stands for the close of an import that is still open."""

_LEAD_ID, _VERSION, _AT = (list(timeline.c).index(timeline.c[name]) for name in ("lead_id", "version", "at"))
"""Places in a row of ``timeline``."""

_FACTS = (
    select(*(facts.c[name] for name in ENTRY_COLUMNS), facts.c.import_id, imports.c.closed_seq)
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
        self._facts: dict[LeadId, list[_Found[Entry]]] = {}
        """By home: its facts, and from which number on each of them is decided."""
        self._merges: dict[LeadId, list[Merge]] = {}
        self._own: Said = {}
        """What a worker had said before this batch: read before it writes, and by nobody else."""
        self._heard: Said = {}
        """What a worker has said, this batch included: read by those behind it."""

    def kept(self, worker: WorkerName, partition: int, lead_ids: Sequence[LeadId]) -> dict[LeadId, Kept]:
        """Return what was kept of these leads."""
        alarms: dict[LeadId, dict[str, datetime]] = defaultdict(dict)
        found: dict[LeadId, Kept] = {}
        for some in chunks(lead_ids):
            for lead_id, kind, due_at in self._connection.execute(
                select(timers.c.lead_id, timers.c.kind, timers.c.due_at).where(
                    timers.c.worker == worker,
                    timers.c.partition == partition,
                    among(self._connection, timers.c.lead_id, some),
                )
            ).all():
                alarms[lead_id][kind] = due_at
            for lead_id, state, taken, said, last_seq, frontier, owes in self._connection.execute(
                select(
                    states.c.lead_id,
                    states.c.state,
                    states.c.taken,
                    states.c.said,
                    states.c.last_seq,
                    states.c.frontier,
                    states.c.owes,
                ).where(
                    states.c.worker == worker,
                    states.c.partition == partition,
                    among(self._connection, states.c.lead_id, some),
                )
            ).all():
                alarm = alarms.get(lead_id, {})
                found[lead_id] = Kept(state, taken, said, last_seq, frontier, alarm, owes)
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
        return [(lead_id, due_at) for lead_id, due_at in rows]

    def leads_after(self, worker: WorkerName, partition: int, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads in order of their ids."""
        rows = self._connection.execute(
            select(states.c.lead_id)
            .where(states.c.worker == worker, states.c.partition == partition, states.c.lead_id > after)
            .order_by(states.c.lead_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def prepare(self, worker: WorkerName, upstream: WorkerName | None, lead_ids: Sequence[LeadId]) -> None:
        """Read what refolds of these leads will ask for, all at once.

        The workers of a line that shares this transaction ask for the same facts one after the other, and a
        lead may be folded several times in a batch: what was read is kept while the transaction lasts.
        """
        self._read_facts([one for one in lead_ids if one not in self._merges])
        self._read_said(self._own, worker, lead_ids)
        if upstream is not None:
            self._read_said(self._heard, upstream, lead_ids)

    def history(self, upstream: WorkerName | None, ask: Ask) -> History:
        """Return the history asked for."""
        lead_id = ask.lead_id
        if lead_id not in self._merges:
            self._read_facts([lead_id])
        facts_found = [
            entry if entry.lead_id == lead_id else replace(entry, lead_id=lead_id)
            for home in self._homes(ask)
            for found in self._facts[home]
            if found.at >= ask.since and found.number <= ask.upto_seq
            for entry in (found.read(),)
        ]
        if upstream is None:
            return History(facts_found)
        self._read_said(self._heard, upstream, [lead_id])
        said = self._heard[upstream, lead_id]
        heard = [one.read() for one in said if one.at >= ask.since and one.number <= ask.upto_version]
        return History(facts_found, list(standing_after(heard).values()))

    def standing(self, worker: WorkerName, lead_id: LeadId, since: datetime = BEGINNING) -> list[Concluded]:
        """Return what a worker's conclusions about a lead's time since then came to before this batch."""
        self._read_said(self._own, worker, [lead_id])
        said = self._own[worker, lead_id]
        return list(standing_after(one.read() for one in said if one.at >= since).values())

    def _read_facts(self, lead_ids: Sequence[LeadId]) -> None:
        """Read the facts of leads and of all that they ever absorbed."""
        homes = self._read_merges(lead_ids)
        wanted = [home for home in homes if home not in self._facts]
        self._facts |= {home: [] for home in wanted}
        for row in self._rows(_FACTS, facts.c.lead_id, wanted):
            lead_id, seq, at, *_, import_id, closed_seq = row
            number = seq if import_id is None else max(seq, closed_seq or NEVER)
            self._facts[lead_id].append(_Found(at, number, row[:-2], entry_from))

    def _read_merges(self, lead_ids: Sequence[LeadId]) -> list[LeadId]:
        """Read who was merged with whom, from these leads on; return every lead met on the way."""
        met: dict[LeadId, None] = {}
        looking = list(dict.fromkeys(lead_ids))
        while looking:
            met |= dict.fromkeys(looking)
            self._merges |= {lead_id: [] for lead_id in looking}
            found: dict[LeadId, None] = {}
            for some in chunks(looking):
                either = or_(
                    among(self._connection, merges.c.survivor, some),
                    among(self._connection, merges.c.absorbed, some),
                )
                for row in self._connection.execute(select(merges).where(either)):
                    for lead_id in {row.survivor, row.absorbed} & set(some):
                        self._merges[lead_id].append(
                            Merge(row.absorbed, row.survivor, row.from_seq, row.to_seq)
                        )
                    if row.absorbed not in met:
                        found[row.absorbed] = None
            looking = list(found)
        return list(met)

    def _homes(self, ask: Ask) -> list[LeadId]:
        """Return the leads that a lead consists of as of ``upto_seq``; none, if it was itself absorbed."""
        homes = [ask.lead_id]
        for home in homes:
            for merge in self._merges.get(home, ()):
                if not _in_force(merge, ask.upto_seq):
                    continue
                if merge.absorbed == ask.lead_id:
                    return []
                if merge.survivor == home and merge.absorbed not in homes:
                    homes.append(merge.absorbed)
        return homes

    def _read_said(self, known: Said, worker: WorkerName, lead_ids: Sequence[LeadId]) -> None:
        wanted = [lead_id for lead_id in lead_ids if (worker, lead_id) not in known]
        if not wanted:
            return
        known |= {(worker, lead_id): [] for lead_id in wanted}
        statement = select(timeline).where(timeline.c.worker == worker).order_by(timeline.c.id)
        for row in self._rows(statement, timeline.c.lead_id, wanted):
            known[worker, row[_LEAD_ID]].append(_Found(row[_AT], row[_VERSION], row, concluded_from))

    def _rows(
        self, statement: Select[Any], column: Column[Any], lead_ids: Sequence[LeadId]
    ) -> Iterator[Sequence[Any]]:
        for some in chunks(lead_ids):
            yield from self._connection.execute(statement.where(among(self._connection, column, some))).all()


def _in_force(merge: Merge, upto_seq: int) -> bool:
    return merge.from_seq <= upto_seq and (merge.to_seq is None or merge.to_seq > upto_seq)
