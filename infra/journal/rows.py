"""What the journal shows: the row of a fact, and the sequencer's columns of a lead's row.

A fact's row holds it twice: stripped (``fact``), which is what every fold reads, and as it was sent
(``original``), which an erasure blanks.
"""

import json
from datetime import datetime

from infra.decision import FactRow
from infra.journal.ports import Shown
from schemas.facts import FactEvent
from schemas.read_model import Row
from schemas.sequencing import LeadFile, Placed
from schemas.vocabulary import LeadId


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


def merged_row(lead_id: LeadId, into: LeadId | None) -> Row:
    """Return what is shown of a lead that has been absorbed, or has been taken apart again."""
    return Row("leads", (lead_id,), (("merged_into", into),))


def lead_row(lead_id: LeadId, file: LeadFile, shown: Shown) -> Row:
    """Return the sequencer's columns of a lead's row."""
    values = (
        ("name", shown.name),
        ("email", shown.email),
        ("phone", shown.phone),
        ("company", shown.company),
        ("external_ids", json.dumps(dict(shown.external_ids))),
        ("first_at", file.first_at),
        ("test", file.test),
        ("merged_into", file.merged_into),
        ("erased", file.erased),
    )
    return Row("leads", (lead_id,), values)
