"""One lead, folded again by each worker's rule in turn, and held against what the store says of it.

Conclusions, states, timers, alerts and rows of the read model are compared one by one, and what the store has
beyond them is a difference, too. Nothing of how the line works live (batches, versions, refolds, caches) is
used. Alerts are the one thing that facts alone do not settle: what is open follows from the fold, how often
it was said from the notices on record (``services.alerts.recalled``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from infra.agreements import AgreementBook
from infra.fold import BEGINNING, Folding, fold
from infra.memory import History
from infra.refold import events_of
from infra.store.auditing import WORKERS_COLUMNS, Alarm, Audit, Key, Stored
from infra.worker import Worker
from schemas.entries import Concluded, FiredTimer
from schemas.handoffs import ClockStarted, HandoffOpened
from schemas.sequencing import LeadFile
from schemas.vocabulary import LeadId, WorkerName
from services.alerts.recalled import recalled, scheduled
from services.alerts.state import EMPTY, REPEAT, AlertsState, next_repeat_at
from services.alerts.view import said_rows as alert_rows
from services.scoring.state import ScoringState
from services.verify.report import Report


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What one worker makes of a lead."""

    worker: Worker
    state: Any
    timers: Mapping[str, datetime]
    said: list[Concluded]


def recompute(
    lead_id: LeadId, history: History, book: AgreementBook, workers: Sequence[Worker], audit: Audit
) -> list[Recomputed]:
    """Fold one lead by every worker in turn; each reads what its upstream worker said in this very pass."""
    done: dict[WorkerName, list[Concluded]] = {}
    found = []
    for worker in workers:
        said = done[worker.upstream] if worker.upstream is not None else []
        folding: Folding[Any] = Folding(worker.name, lead_id, worker.step, book.at_place)
        events = events_of(lead_id, History(history.facts, said), book, audit.last_seq)
        done[worker.name] = fold(folding, events, audit.clock_of(worker.name, lead_id) or BEGINNING)
        found.append(Recomputed(worker, folding.state, folding.timers, done[worker.name]))
    return found


def compare(
    report: Report,
    lead_id: LeadId,
    recomputed: list[Recomputed],
    stored: Stored,
    audit: Audit,
    file: LeadFile | None,
) -> None:
    """Compare all that the store says of a lead with what its facts come to.

    Args:
        report: Where differences are noted.
        lead_id: Whose.
        recomputed: By worker, in the order of the line.
        stored: What the store says of this lead and others.
        audit: Where the lead's partitions are.
        file: What the sequencer keeps of it; None: that cannot be known.
    """
    found = [_as_told(one, lead_id, stored, audit) for one in recomputed]
    for one in found:
        if one.worker.relays:
            _compare_said(report, lead_id, one, stored)
        _compare_state(report, lead_id, one, stored, audit)
    _compare_timers(report, lead_id, found, stored, audit)
    _compare_rows(report, lead_id, _rows(lead_id, found, stored, file), stored.rows.get(lead_id, {}))


def _as_told(one: Recomputed, lead_id: LeadId, stored: Stored, audit: Audit) -> Recomputed:
    """Return alerts with the memory of what people were told; other workers as they are."""
    if not isinstance(one.state, AlertsState):
        return one
    now = audit.clock_of(one.worker.name, lead_id) or BEGINNING
    said = ((notice.body, _said_at(notice, stamp)) for notice, stamp in stored.notices.get(lead_id, ()))
    state = recalled(one.state, lead_id, said, now)
    due = next_repeat_at(state.open)
    return Recomputed(one.worker, state, {REPEAT: due} if due else {}, one.said)


def _said_at(notice: Concluded, stamp: datetime) -> datetime:
    """Return when a notice counts as said: when its own timer was due, or when the log heard of its cause."""
    timer = isinstance(notice.cause, FiredTimer) and notice.cause.worker is WorkerName.ALERTS
    return notice.at if timer else max(notice.at, stamp)


def _compare_said(report: Report, lead_id: LeadId, one: Recomputed, stored: Stored) -> None:
    standing = {said.id: said.body for said in stored.standing[one.worker.name].get(lead_id, [])}
    report.conclusion_count += len(one.said)
    for said in one.said:
        found = standing.pop(said.id, None)
        report.expect(f"{said.body.kind} of {one.worker.name} at {said.at}", lead_id, said.body, found)
    for body in standing.values():
        report.expect(f"{body.kind} of {one.worker.name}", lead_id, None, body)


def _compare_state(report: Report, lead_id: LeadId, one: Recomputed, stored: Stored, audit: Audit) -> None:
    name = one.worker.name
    there = stored.states.get(lead_id, {}).get(name, [])
    home = audit.partition_of(name, lead_id)
    for row in there:
        if row.partition != home:
            report.expect(f"partition of the state of {name}", lead_id, home, row.partition)
    text = next((row.state for row in there if row.partition == home), None)
    state = None if text is None else one.worker.state.validate_json(text)
    report.expect_fields(f"state of {name}", lead_id, _told(name, one.state), _told(name, state))


def _told(name: WorkerName, state: Any) -> Any:
    """Return a state without what depends on the order of arrival and decides nothing."""
    if name is WorkerName.ALERTS:  # nothing to tell, and nobody ever heard of: the same
        return scheduled(state or EMPTY)
    if isinstance(state, ScoringState) and state.said is None:  # nothing has been counted by any agreement
        return replace(state, agreement="")
    return state


def _compare_timers(
    report: Report, lead_id: LeadId, recomputed: list[Recomputed], stored: Stored, audit: Audit
) -> None:
    expected: dict[Alarm, datetime] = {
        (one.worker.name, audit.partition_of(one.worker.name, lead_id), kind): due
        for one in recomputed
        for kind, due in one.timers.items()
    }
    found = stored.timers.get(lead_id, {})
    for alarm in sorted(expected.keys() | found.keys()):
        worker, partition, kind = alarm
        what = f"timer {kind} of {worker} in partition {partition}"
        report.expect(what, lead_id, expected.get(alarm), found.get(alarm))


# --- the read model


def _rows(
    lead_id: LeadId, recomputed: list[Recomputed], stored: Stored, file: LeadFile | None
) -> dict[Key, dict[str, Any]]:
    """Return the rows that there should be, with the columns whose values are known."""
    rows: dict[Key, dict[str, Any]] = {("leads", (lead_id,)): _lead(file)}
    for one in recomputed:
        for said in one.said:
            if isinstance(said.body, HandoffOpened):
                brief = said.body.brief.model_dump_json()
                rows["handoffs", (said.body.handoff_id,)] = {"lead_id": lead_id, "brief": brief}
            elif isinstance(said.body, ClockStarted):
                run = said.body
                rows["sla_clocks", (run.handoff_id, run.clock, run.turn)] = {"lead_id": lead_id}
    for notice, _ in stored.notices.get(lead_id, ()):
        for row in alert_rows(notice):
            rows.setdefault((row.table, row.key), {}).update(row.values)
    for one in recomputed:
        for row in () if one.state is None else one.worker.rows(lead_id, one.state):
            rows.setdefault((row.table, row.key), {}).update(row.values)
    return rows


def _lead(file: LeadFile | None) -> dict[str, Any]:
    """Return the lead's row before the workers have their say, each of its own columns."""
    row: dict[str, Any] = dict.fromkeys(WORKERS_COLUMNS)
    if file is not None:
        row |= {"first_at": file.first_at, "test": file.test}
        row |= {"merged_into": file.merged_into, "erased": file.erased}
    return row


def _compare_rows(
    report: Report, lead_id: LeadId, expected: dict[Key, dict[str, Any]], found: dict[Key, dict[str, Any]]
) -> None:
    for (table, key), columns in expected.items():
        there = found.get((table, key))
        if there is None and table != "leads":  # a lead of which nothing is shown may have no row
            report.expect(f"row {_written(key)} of {table}", lead_id, columns, None)
            continue
        for column, value in columns.items():
            shown = there.get(column) if there else None
            report.expect(f"{table}.{column} of {_written(key)}", lead_id, value, shown)
    for table, key in found.keys() - expected.keys():
        report.expect(f"row {_written(key)} of {table}", lead_id, None, found[table, key])


def _written(key: tuple[Any, ...]) -> str:
    return " ".join(map(str, key))
