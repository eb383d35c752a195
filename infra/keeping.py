"""What a batch leaves of the leads that it touched: what is kept and armed of each, shown, and counted.

``infra.partition`` has decided by then; here its leads are compared with what the store has of them, so that
a commit writes what is new and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from infra.decision import Decision, Kept
from infra.fold import write_place
from infra.held import Held
from infra.worker import Counts, Worker
from schemas.entries import Change
from schemas.read_model import Row
from schemas.vocabulary import LeadId


def keep(decision: Decision, worker: Worker, lead_id: LeadId, held: Held) -> None:
    """Decide what must change in what the store has of a lead."""
    folding = held.folding
    if folding.state is not held.stored_state:
        _show(decision, worker, lead_id, held)
        held.stored_state = folding.state
        held.stored_json = None if folding.state is None else worker.state.dump_json(folding.state).decode()
    _arm(decision, lead_id, held)
    decision.kept[lead_id] = Kept(
        held.stored_json,
        held.taken,
        held.said,
        held.last_seq,
        write_place(folding.frontier),
        {},
        held.overtaken is not None,
    )
    held.refolded_by = None
    held.known = True


def show_said(decision: Decision, worker: Worker, leads: Mapping[LeadId, Held]) -> None:
    """Show what the batch's conclusions come to; where the state speaks of a row, its word counts."""
    last = {row.concluded.id: row.concluded for row in decision.timeline}
    for said in last.values():
        if said.change is Change.WITHDRAWN:
            continue
        rows = worker.said_rows(said)
        if rows and decision.removed:  # what is over for the state, and of which its end is shown
            told = {(row.table, row.key) for row in rows}
            decision.removed = [row for row in decision.removed if (row.table, row.key) not in told]
        known = {(row.table, row.key): row for row in leads[said.lead_id].rows or ()} if rows else {}
        decision.rows += rows
        decision.rows += [known[row.table, row.key] for row in rows if (row.table, row.key) in known]


def _arm(decision: Decision, lead_id: LeadId, held: Held) -> None:
    timers = held.folding.timers
    for kind, due_at in timers.items():
        if held.stored_timers.get(kind) != due_at:
            decision.timers[lead_id, kind] = due_at
    for kind in held.stored_timers:
        if kind not in timers:
            decision.timers[lead_id, kind] = None
    held.stored_timers = timers


def _show(decision: Decision, worker: Worker, lead_id: LeadId, held: Held) -> None:
    before = _rows(worker, lead_id, held.stored_state) if held.rows is None else held.rows
    held.rows = _rows(worker, lead_id, held.folding.state)
    decision.rows += [row for row in held.rows if row not in before]
    if held.refolded_by is not None:
        there = {(row.table, row.key) for row in held.rows}
        decision.removed += [row for row in before if (row.table, row.key) not in there]
    if worker.counts is not None:
        _count(decision, held, worker.counts)


def _rows(worker: Worker, lead_id: LeadId, state: Any) -> tuple[Row, ...]:
    return () if state is None else worker.rows(lead_id, state)


def _count(decision: Decision, held: Held, counts: Counts) -> None:
    before = counts(held.stored_state) if held.counts is None else held.counts
    after = counts(held.folding.state)
    held.counts = after
    for cell in before.keys() | after.keys():
        amount = after.get(cell, 0) - before.get(cell, 0)
        if not amount:
            continue
        decision.cells[cell] = decision.cells.get(cell, 0) + amount
        if held.refolded_by is not None and held.known:
            cause = held.refolded_by
            decision.restated.append((cell, amount, cause.seq, cause.stamp))
