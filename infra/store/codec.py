"""Rows to words and back: how conclusions, facts and cells stand in the tables."""

import json
from collections.abc import Mapping
from datetime import date
from operator import attrgetter, itemgetter
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from infra.decision import FactRow, TimelineRow
from schemas.entries import Cause, Change, Concluded, Conclusion, Entry, FiredTimer
from schemas.facts import LeadFact
from schemas.metrics import DIMENSIONS, Cell
from schemas.vocabulary import Flag, LeadId, WorkerName

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


def concluded_from(row: Any) -> Concluded:
    """Return the conclusion that a row of ``timeline`` holds; a timer's ``due_at`` is the row's ``at``."""
    cause: Cause = row.cause_seq
    if row.cause_seq is None:
        cause = FiredTimer(WorkerName(row.timer_worker), row.timer_kind, row.at)
    return Concluded(
        row.conclusion_id,
        WorkerName(row.worker),
        row.lead_id,
        row.at,
        cause,
        row.agreement,
        _BODY.validate_json(row.body),
        Change(row.change),
        None if row.was is None else _BODY.validate_json(row.was),
        row.ordinal,
    )


_FACT_COLUMNS = tuple(FactRow.__slots__)
_fact_columns = attrgetter(*_FACT_COLUMNS)


def fact_values(row: FactRow) -> dict[str, object]:
    """Return a fact as a row of ``facts``."""
    return dict(zip(_FACT_COLUMNS, _fact_columns(row), strict=True))


def entry_from(row: Any, lead_id: LeadId) -> Entry:
    """Return the entry that a row of ``facts`` holds, for the lead that is asked about."""
    return Entry(
        lead_id,
        row.seq,
        row.at,
        row.stamp,
        0,
        LEAD_FACT.validate_json(row.fact),
        row.source,
        row.event_id,
        bool(row.test),
        tuple(Flag(flag) for flag in row.flags.split(",")) if row.flags else (),
        json.loads(row.traits) if row.traits != "{}" else {},
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
