"""Rows to words and back: how conclusions, facts and cells stand in the tables."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter, itemgetter
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from infra.decision import FactRow, TimelineRow
from schemas.entries import Cause, Change, Concluded, Conclusion, Entry, FiredTimer
from schemas.facts import LeadFact
from schemas.metrics import DIMENSIONS, Cell
from schemas.vocabulary import Flag, WorkerName

NO_BUCKET = -(2**31)
"""Stands for "a count, not a duration" in the key of a cell, where NULL may not."""

LEAD_FACT: TypeAdapter[LeadFact] = TypeAdapter(Annotated[LeadFact, Field(discriminator="kind")])
"""Reads the body of a fact about a lead."""

_BODY: TypeAdapter[Any] = TypeAdapter(Annotated[Conclusion, Field(discriminator="kind")])


def timeline_values(row: TimelineRow) -> dict[str, object]:
    """Return a conclusion as a row of ``timeline``."""
    one = row.concluded
    timer = one.cause if isinstance(one.cause, FiredTimer) else None
    return {
        "lead_id": one.lead_id,
        "worker": one.worker.value,
        "version": row.version,
        "conclusion_id": one.id,
        "kind": one.body.kind,
        "change": one.change.value,
        "at": one.at,
        "stamp": row.stamp,
        "cause_seq": one.cause if isinstance(one.cause, int) else None,
        "timer_worker": timer.worker.value if timer else None,
        "timer_kind": timer.kind if timer else None,
        "ordinal": one.ordinal,
        "agreement": one.agreement,
        "body": one.body.model_dump_json(exclude_defaults=False),
        "was": None if one.was is None else one.was.model_dump_json(),
    }


def concluded_from(row: Sequence[Any]) -> Concluded:
    """Return the conclusion that a row of ``timeline`` holds; a timer's ``due_at`` is the row's ``at``.

    Args:
        row: The whole row. Columns are taken by their places, here and wherever rows are read by the
            thousand: asking a row for one by its name takes half a microsecond.
    """
    _, lead_id, worker, _, conclusion_id, _, change, at, _, seq, *timer, ordinal, agreement, body, was = row
    cause: Cause = FiredTimer(WorkerName(timer[0]), timer[1], at) if seq is None else seq
    return Concluded(
        conclusion_id,
        WorkerName(worker),
        lead_id,
        at,
        cause,
        agreement,
        _BODY.validate_json(body),
        Change(change),
        None if was is None else _BODY.validate_json(was),
        ordinal,
    )


_FACT_COLUMNS = tuple(FactRow.__slots__)
_fact_columns = attrgetter(*_FACT_COLUMNS)


def fact_values(row: FactRow) -> dict[str, object]:
    """Return a fact as a row of ``facts``."""
    return dict(zip(_FACT_COLUMNS, _fact_columns(row), strict=True))


ENTRY_COLUMNS = ("lead_id", "seq", "at", "stamp", "fact", "source", "event_id", "test", "flags", "traits")
"""The columns of ``facts`` that ``entry_from`` takes."""


def entry_from(row: Sequence[Any]) -> Entry:
    """Return the entry that the ``ENTRY_COLUMNS`` of a row of ``facts`` hold."""
    lead_id, seq, at, stamp, fact, source, event_id, test, flags, traits = row
    return Entry(
        lead_id,
        seq,
        at,
        stamp,
        0,
        LEAD_FACT.validate_json(fact),
        source,
        event_id,
        bool(test),
        tuple(Flag(flag) for flag in flags.split(",")) if flags else (),
        json.loads(traits) if traits != "{}" else {},
    )


def cell_values(cell: Cell) -> dict[str, object]:
    """Return a cell as the key columns of ``metrics``."""
    return {
        "measure": cell.measure.value,
        "detail": cell.detail,
        "cohort_on": cell.cohort_on,
        "on": cell.on,
        "origin": cell.origin,
        "campaign": cell.campaign,
        "segment": cell.segment,
        "team": cell.team,
        "owner": cell.owner,
        "bucket": NO_BUCKET if cell.bucket is None else cell.bucket,
    }


CellKey = tuple[str, str, date, date, str, str, str, str, str, int]


CELL_COLUMNS = ("measure", "detail", "cohort_on", "on", *DIMENSIONS, "bucket")
"""What a cell is found by among rows."""

_cell_columns = itemgetter(*CELL_COLUMNS)


def cell_key(values: Mapping[str, Any]) -> CellKey:
    """Return what a cell is found by among rows."""
    key: CellKey = _cell_columns(values)
    return key
