"""What the journal shows: the row of a fact, and the sequencer's columns of a lead's row.

A fact's row holds it twice: stripped (``fact``), which is what every fold reads, and as it was sent
(``original``), which an erasure blanks.
"""

import json
from datetime import datetime

from infra.decision import FactRow
from schemas.facts import FactEvent
from schemas.read_model import Row, Value
from schemas.sequencing import LeadFile, Placed, Sequenced
from schemas.vocabulary import LeadId

_TELLING = frozenset({"captured", "enriched", "merged", "erased"})
"""Facts whose subject is worth showing even when its identifiers are known."""


def fact_row(event: FactEvent, received_at: datetime, original: bytes, placed: Placed) -> FactRow:
    """Return the row of a fact about a lead."""
    return FactRow(
        placed.seq,
        placed.lead_id,
        placed.fact.kind,
        placed.at,
        event.time,
        received_at,
        placed.stamp,
        event.source,
        event.id,
        event.data.test,
        ",".join(placed.flags),
        json.dumps(placed.traits) if placed.traits else "{}",
        event.data.import_id,
        placed.fact.model_dump_json(exclude_none=True),
        original,
    )


def control_row(event: FactEvent, received_at: datetime, seq: int, stamp: datetime) -> FactRow:
    """Return the row of a fact about the line itself; it names nobody, so it is kept whole."""
    fact = event.data.fact
    return FactRow(
        seq,
        None,
        fact.kind,
        stamp,
        event.time,
        received_at,
        stamp,
        event.source,
        event.id,
        False,
        "",
        "{}",
        None,
        fact.model_dump_json(),
        None,
    )


def lead_rows(event: FactEvent, sequenced: Sequenced) -> list[Row]:
    """Return the sequencer's columns of the leads that a fact tells something about."""
    placed = sequenced.placed
    rows = [
        Row("leads", (lead_id,), (("merged_into", file.merged_into),))
        for lead_id, file in sequenced.files.items()
        if placed is None or lead_id != placed.lead_id
    ]
    if placed is not None and (sequenced.bound or sequenced.merged or placed.fact.kind in _TELLING):
        rows.append(_lead_row(event, placed.lead_id, sequenced.files[placed.lead_id]))
    return rows


def _lead_row(event: FactEvent, lead_id: LeadId, file: LeadFile) -> Row:
    subject = event.data.subject
    told = (
        ("name", subject.name),
        ("email", subject.email),
        ("phone", subject.phone),
        ("company", subject.company),
    )
    values: list[tuple[str, Value]] = [(name, value) for name, value in told if value]
    values += [
        ("external_ids", json.dumps(file.external_ids)),
        ("first_at", file.first_at),
        ("test", file.test),
        ("merged_into", file.merged_into),
        ("erased", file.erased),
    ]
    return Row("leads", (lead_id,), tuple(values))
