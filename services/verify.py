"""Verify: recompute everything from the facts with a plain batch, and compare it with the store.

Each lead's facts are folded by each rule of the line in turn, from nothing, up to the log's time in hand.
What that comes to is held against what the store says: the conclusions that stand in the timeline, the rows
of the read model, the timers, the open alerts, and every cell of the numbers. Nothing of how the line works
live (batches, versions, refolds, caches) is used, so an error there shows here. Only a drained line can be
verified.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.agreements import AgreementBook
from infra.fold import Folding, fold
from infra.memory import History
from infra.partition import BEGINNING
from infra.refold import events_of
from infra.store.auditing import Audit, Stored
from infra.store.codec import CellKey, cell_key, cell_values
from infra.store.engine import Database
from infra.worker import Worker
from schemas.alerts import NoticeOpened, NoticeResolved
from schemas.entries import Concluded
from schemas.vocabulary import LeadId, WorkerName

MOST_KEPT = 1000
"""Differences beyond this many are counted and not kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the store says and the facts do not, or the other way round."""

    what: str
    lead_id: LeadId | None
    expected: str
    found: str


@dataclass(slots=True)
class Report:
    """What a verification came to."""

    lead_count: int = 0
    fact_count: int = 0
    conclusion_count: int = 0
    cell_count: int = 0
    waiting_count: int = 0
    """Records that wait to be decided: with any, the store cannot agree with its facts."""
    difference_count: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether the store says what the facts say."""
        return not self.difference_count and not self.waiting_count

    def expect(self, what: str, lead_id: LeadId | None, expected: object, found: object) -> None:
        """Note a difference, if it is one."""
        if expected == found:
            return
        self.difference_count += 1
        if len(self.differences) < MOST_KEPT:
            self.differences.append(Difference(what, lead_id, str(expected), str(found)))


@dataclass(frozen=True, slots=True)
class _Recomputed:
    worker: Worker
    folding: Folding[Any]
    said: list[Concluded]


def verify(
    database: Database, workers: Sequence[Worker], progress: Callable[[int], None] | None = None
) -> Report:
    """Recompute everything and compare.

    Args:
        database: The store; it is only read.
        workers: The line.
        progress: Called with the number of leads done, now and then.
    """
    report = Report()
    cells: Counter[CellKey] = Counter()
    with database.reading() as connection:
        audit = Audit(connection)
        book = AgreementBook(audit.signed)
        report.waiting_count = audit.waiting_count
        for lead_ids in audit.lead_chunks():
            histories, stored = audit.histories(lead_ids), audit.stored(lead_ids)
            for lead_id in lead_ids:
                report.fact_count += len(histories[lead_id].facts)
                recomputed = _recompute(lead_id, histories[lead_id], book, workers, audit)
                _compare(report, lead_id, recomputed, stored)
                _count(cells, recomputed)
            report.lead_count += len(lead_ids)
            if progress is not None:
                progress(len(lead_ids))
        _compare_cells(report, cells, audit.cells())
        report.expect("numbers that no fact has", None, 0, audit.missing_numbers())
        report.expect("facts admitted twice", None, 0, audit.repeated_facts())
    return report


def _recompute(
    lead_id: LeadId, history: History, book: AgreementBook, workers: Sequence[Worker], audit: Audit
) -> list[_Recomputed]:
    """Fold one lead by every worker in turn; each reads what its upstream worker said in this very pass."""
    done: dict[WorkerName, list[Concluded]] = {}
    found = []
    for worker in workers:
        said = done[worker.upstream] if worker.upstream is not None else []
        folding: Folding[Any] = Folding(worker.name, lead_id, worker.step, book.at_place)
        events = events_of(lead_id, History(history.facts, said), book, audit.last_seq)
        done[worker.name] = fold(folding, events, audit.clock_of(worker.name, lead_id) or BEGINNING)
        found.append(_Recomputed(worker, folding, done[worker.name]))
    return found


def _compare(report: Report, lead_id: LeadId, recomputed: list[_Recomputed], stored: Stored) -> None:
    for one in recomputed:
        name = one.worker.name
        if one.worker.relays:
            _compare_said(report, lead_id, one, stored)
            report.expect(
                f"timers of {name}", lead_id, one.folding.timers, stored.timers.get((name, lead_id), {})
            )
        if one.worker.settle is not None:
            report.expect("open alerts", lead_id, _open(one.said), stored.open_alerts.get(lead_id, set()))
        _compare_rows(report, lead_id, one, stored)


def _compare_said(report: Report, lead_id: LeadId, one: _Recomputed, stored: Stored) -> None:
    standing = {said.id: said.body for said in stored.standing[one.worker.name].get(lead_id, [])}
    report.conclusion_count += len(one.said)
    for said in one.said:
        found = standing.pop(said.id, None)
        report.expect(f"{said.body.kind} of {one.worker.name} at {said.at}", lead_id, said.body, found)
    for body in standing.values():
        report.expect(f"{body.kind} of {one.worker.name}", lead_id, None, body)


def _compare_rows(report: Report, lead_id: LeadId, one: _Recomputed, stored: Stored) -> None:
    there = stored.rows.get(lead_id, {})
    rows = () if one.folding.state is None else one.worker.rows(lead_id, one.folding.state)
    for row in rows:
        found = there.get((row.table, row.key), {})
        for column, value in row.values:
            report.expect(f"{row.table}.{column} of {row.key}", lead_id, value, found.get(column))
    if not rows and one.worker.name is WorkerName.LIFECYCLE:
        left = sorted(str(key) for key in there if key[0] in ("handoffs", "sla_clocks"))
        report.expect("rows of a lead that is part of another", lead_id, [], left)


def _open(said: list[Concluded]) -> set[str]:
    """Return the alerts that a history leaves open."""
    found: set[str] = set()
    for one in said:
        if isinstance(one.body, NoticeOpened):
            found.add(one.body.alert.alert_id)
        elif isinstance(one.body, NoticeResolved):
            found.discard(one.body.alert.alert_id)
    return found


def _count(cells: Counter[CellKey], recomputed: list[_Recomputed]) -> None:
    for one in recomputed:
        if one.worker.counts is None:
            continue
        for cell, amount in one.worker.counts(one.folding.state).items():
            cells[cell_key(cell_values(cell))] += amount


def _compare_cells(report: Report, cells: Counter[CellKey], found: dict[CellKey, int]) -> None:
    expected = {key: value for key, value in cells.items() if value}
    report.cell_count = len(expected)
    for key in sorted(expected.keys() | found.keys(), key=str):
        report.expect(f"cell {key}", None, expected.get(key, 0), found.get(key, 0))
