"""Verify: recompute everything from the facts with a plain batch, and compare it with the store.

First the sequencer's work, fact by fact (``placing``, ``keeping``); then each lead, folded by each rule of
the line in turn, from nothing, up to the log's time in hand (``folding``); then every cell of the numbers,
and what the store has of nobody. Nothing of how the line works live (batches, versions, refolds, caches) is
used, so an error there shows here. Only a drained line can be verified.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from infra.agreements import AgreementBook
from infra.embedded.host import rare_collections
from infra.store.auditing import Audit
from infra.store.codec import CellKey, cell_key, cell_values
from infra.store.database import Database
from infra.worker import Worker
from services.verify.folding import Recomputed, compare, recompute
from services.verify.keeping import compare_kept
from services.verify.placing import Placing
from services.verify.report import Difference, Report

__all__ = ["Difference", "Report", "verify"]

Progress = Callable[[int], object]
"""Called with how many facts were placed, or leads folded, since the last call."""


def _nobody(_: int) -> None:
    """Tell nobody."""


def verify(database: Database, workers: Sequence[Worker], progress: Progress = _nobody) -> Report:
    """Recompute everything and compare.

    Args:
        database: The store; it is only read.
        workers: The line.
        progress: Told, now and then.
    """
    report = Report()
    with rare_collections(), database.reading() as connection:
        audit = Audit(connection)
        report.waiting_count = audit.waiting_count
        placing = _place(report, audit, progress)
        _fold(report, audit, placing, workers, progress)
        for table, lead_id in audit.strays():
            report.expect(f"{table} of a lead that no fact is about", lead_id, None, lead_id)
        report.expect("numbers that no fact has", None, 0, audit.missing_numbers())
        report.expect("facts admitted twice", None, 0, audit.repeated_facts())
    return report


def _place(report: Report, audit: Audit, progress: Progress) -> Placing:
    placing = Placing(audit, report)
    for rows in audit.facts_in_order():
        for row in rows:
            placing.take(row)
        progress(len(rows))
    compare_kept(report, audit, placing)
    return placing


def _fold(
    report: Report, audit: Audit, placing: Placing, workers: Sequence[Worker], progress: Progress
) -> None:
    book, cells = AgreementBook(audit.signed), Counter[CellKey]()
    for lead_ids in audit.lead_chunks():
        stored = audit.stored(lead_ids)
        for lead_id in lead_ids:
            history = stored.histories[lead_id]
            report.fact_count += len(history.facts)
            recomputed = recompute(lead_id, history, book, workers, audit)
            file = None if lead_id in placing.hazy else placing.desk.files.get(lead_id)
            compare(report, lead_id, recomputed, stored, audit, file)
            _count(cells, recomputed)
        report.lead_count += len(lead_ids)
        progress(len(lead_ids))
    _compare_cells(report, cells, audit.cells())


def _count(cells: Counter[CellKey], recomputed: list[Recomputed]) -> None:
    for one in recomputed:
        if one.worker.counts is None:
            continue
        for cell, amount in one.worker.counts(one.state).items():
            cells[cell_key(cell_values(cell))] += amount


def _compare_cells(report: Report, cells: Counter[CellKey], found: dict[CellKey, int]) -> None:
    report.cell_count = sum(value != 0 for value in cells.values())
    differing = [key for key in cells.keys() | found.keys() if cells[key] != found.get(key, 0)]
    for key in sorted(differing, key=str):
        report.expect(f"cell {key}", None, cells[key], found.get(key, 0))
