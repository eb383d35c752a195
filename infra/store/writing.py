"""Writing a decision down: the steps of a commit, in one transaction.

``infra.store.positions`` fences (one process a partition); ``write_decision`` and ``write_journal`` write
what was decided. The order of a commit is the numbered list in ``write_decision``; a host begins the
transaction, and what it does after the COMMIT (publish, acknowledge) is its own.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, delete, insert, select, update

from infra.decision import Decision, JournalDecision
from infra.store.bulk import delete_rows, insert_rows, rows_like, upsert
from infra.store.burying import bury_clues, empty_letters, put_aside
from infra.store.codec import (
    NO_BUCKET,
    CellKey,
    cell_key,
    cell_values,
    fact_values,
    timeline_values,
)
from infra.store.forgetting import forget_facts, forget_lead
from infra.store.tables import metadata
from infra.store.tables.hosts import agreements, identities, imports, merges, outbox, seen, states, timers
from infra.store.tables.read_model import facts, leads, metrics, restatements, timeline
from schemas.metrics import Cell
from schemas.read_model import Row
from schemas.vocabulary import LeadId, WorkerName


def write_decision(connection: Connection, worker: WorkerName, partition: int, decision: Decision) -> None:
    """Write what a worker decided.

    The order of a commit, in one transaction:

    1. ``infra.store.positions.advance`` with the version in hand: no row means that another process has
    taken over, and nothing is written;
    2. states with their versions, timers, the timeline and the read model (here);
    3. the outgoing records, as one row of the outbox (``stow``; the embedded host hands them on within the
    transaction instead).

    After the COMMIT: publish the outbox, delete its row in the next batch's transaction, acknowledge the
    input.
    """
    _keep_states(connection, worker, partition, decision)
    _set_timers(connection, worker, partition, decision.timers)
    if decision.timeline:
        insert_rows(connection, timeline, [timeline_values(row) for row in decision.timeline])
    _remove_rows(connection, decision.removed)
    write_rows(connection, decision.rows)
    _restate(connection, decision)
    _add_cells(connection, partition, decision.cells)


def stow(
    connection: Connection, worker: str, partition: int, version: int, records: bytes, sent: int | None
) -> None:
    """Put a batch's outgoing records into the outbox, if any, and clear the batch that has been published."""
    if sent is not None:
        connection.execute(
            delete(outbox).where(
                outbox.c.worker == worker, outbox.c.partition == partition, outbox.c.version <= sent
            )
        )
    if records:
        values = {"worker": worker, "partition": partition, "version": version, "records": records}
        connection.execute(insert(outbox), values)


def stowed(connection: Connection, worker: str, partition: int) -> list[tuple[int, bytes]]:
    """Return what the outbox still holds, oldest first."""
    rows = connection.execute(
        select(outbox.c.version, outbox.c.records)
        .where(outbox.c.worker == worker, outbox.c.partition == partition)
        .order_by(outbox.c.version)
    )
    return [(row.version, row.records) for row in rows]


def _keep_states(connection: Connection, worker: WorkerName, partition: int, decision: Decision) -> None:
    rows = [
        {
            "worker": worker,
            "partition": partition,
            "lead_id": lead_id,
            "state": kept.state,
            "taken": kept.taken,
            "said": kept.said,
            "last_seq": kept.last_seq,
            "frontier": kept.frontier,
            "owes": kept.owes,
        }
        for lead_id, kept in decision.kept.items()
    ]
    upsert(connection, states, rows)


def _set_timers(
    connection: Connection,
    worker: WorkerName,
    partition: int,
    changes: Mapping[tuple[LeadId, str], datetime | None],
) -> None:
    key = {"worker": worker, "partition": partition}
    off = [
        {**key, "lead_id": lead_id, "kind": kind}
        for (lead_id, kind), due_at in changes.items()
        if due_at is None
    ]
    delete_rows(connection, timers, off)
    armed = [
        {**key, "lead_id": lead_id, "kind": kind, "due_at": due_at}
        for (lead_id, kind), due_at in changes.items()
        if due_at is not None
    ]
    upsert(connection, timers, armed)


def write_rows(connection: Connection, rows: Iterable[Row]) -> None:
    """Bring the read model up to date; of several words about a column, the last one counts."""
    merged: dict[tuple[str, tuple[str | int, ...]], dict[str, object]] = {}
    for row in rows:
        merged.setdefault((row.table, row.key), {}).update(row.values)
    groups: dict[tuple[str, frozenset[str]], list[dict[str, object]]] = {}
    for (table, key), values in merged.items():
        names = _key_names(table)
        groups.setdefault((table, frozenset(values)), []).append(values | dict(zip(names, key, strict=True)))
    for (table, _), found in groups.items():
        upsert(connection, metadata.tables[table], found)


@cache
def _key_names(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in metadata.tables[table].primary_key)


def _remove_rows(connection: Connection, rows: Iterable[Row]) -> None:
    for row in rows:
        table = metadata.tables[row.table]
        where = [column == value for column, value in zip(table.primary_key, row.key, strict=True)]
        if table is leads:  # a row of several workers: each takes back its own columns
            connection.execute(update(leads).where(*where).values({name: None for name, _ in row.values}))
        else:
            connection.execute(delete(table).where(*where))


def _add_cells(connection: Connection, partition: int, cells: Mapping[Cell, int]) -> None:
    rows = [
        {"partition": partition, **cell_values(cell), "value": amount}
        for cell, amount in cells.items()
        if amount
    ]
    upsert(connection, metrics, rows, add=("value",))


def _restate(connection: Connection, decision: Decision) -> None:
    """Write down what a refold changes in numbers that were said before: old, new, cause."""
    if not decision.restated:
        return
    rows = []
    current = _values_of(connection, {cell for cell, *_ in decision.restated})
    for cell, amount, seq, stamp in decision.restated:
        values = cell_values(cell)
        key = cell_key(values)
        old = current.get(key, 0)
        current[key] = old + amount
        bucket = None if values["bucket"] == NO_BUCKET else values["bucket"]
        rows.append(values | {"bucket": bucket, "seq": seq, "stamp": stamp, "old": old, "new": old + amount})
    insert_rows(connection, restatements, rows)


def _values_of(connection: Connection, cells: Iterable[Cell]) -> dict[CellKey, int]:
    """Return what cells hold, partitions added up; those that hold nothing are left out."""
    found: dict[CellKey, int] = {}
    for row in rows_like(connection, metrics, [cell_values(cell) for cell in cells]):
        key = cell_key(dict(row))
        found[key] = found.get(key, 0) + row["value"]
    return found


def _write_merges(connection: Connection, decision: JournalDecision) -> None:
    upsert(
        connection,
        merges,
        [
            {"absorbed": m.absorbed, "from_seq": m.from_seq, "survivor": m.survivor, "to_seq": m.to_seq}
            for m in decision.merges
        ],
    )
    for absorbed, into, seq in decision.unmerged:
        connection.execute(
            update(merges)
            .where(
                merges.c.absorbed == absorbed,
                merges.c.survivor == into,
                merges.c.from_seq < seq,  # the batch may put them together once more
                merges.c.to_seq.is_(None),
            )
            .values(to_seq=seq)
        )


def write_journal(connection: Connection, decision: JournalDecision) -> None:
    """Write what the sequencer decided, in the same order as ``write_decision``."""
    upsert(
        connection,
        states,
        [
            {
                "worker": WorkerName.SEQUENCER,
                "partition": 0,
                "lead_id": lead_id,
                "state": file,
                "taken": 0,
                "said": 0,
                "last_seq": 0,
                "frontier": None,
                "owes": False,
            }
            for lead_id, file in decision.files.items()
        ],
    )
    upsert(
        connection,
        identities,
        [{"key": one.key, "lead_id": one.lead_id, "erased": False} for one in decision.bindings],
    )
    upsert(connection, seen, [{"key": key, "seq": seq} for key, seq in decision.seen])
    _write_merges(connection, decision)
    _write_controls(connection, decision)
    if decision.facts:
        insert_rows(connection, facts, [fact_values(row) for row in decision.facts])
    put_aside(connection, decision.dead)
    write_rows(connection, decision.rows)
    for lead_id in decision.erased:
        forget_lead(connection, lead_id)
    forget_facts(connection, decision.blanked_facts)
    empty_letters(connection, decision.emptied)
    bury_clues(connection, decision.tombstones)


def _write_controls(connection: Connection, decision: JournalDecision) -> None:
    upsert(
        connection,
        agreements,
        [
            {
                "seq": one.seq,
                "version": one.version,
                "digest": one.digest,
                "effective_at": one.effective_at,
                "document": one.document,
            }
            for one in decision.signed
        ],
    )
    upsert(connection, imports, [{"import_id": one, "opened_seq": seq} for one, seq in decision.opened])
    for import_id, seq in decision.closed:
        connection.execute(update(imports).where(imports.c.import_id == import_id).values(closed_seq=seq))
