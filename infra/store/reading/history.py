"""A lead's history: what was said of it and what was concluded, in the order in which it was true.

Facts and conclusions come interleaved by ``at``; at one instant timers stand before facts, and a conclusion
right behind what caused it. A conclusion that a later refold restated or withdrew is still there, and says
that it no longer stands. The facts of leads that this one absorbed are part of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from infra.store.reading.leads import absorbed_by
from infra.store.tables.read_model import facts, timeline
from schemas.vocabulary import LeadId


@dataclass(frozen=True, slots=True)
class Said:
    """A fact in its place, without personal data."""

    at: datetime
    seq: int
    kind: str
    source: str
    event_id: str
    body: dict[str, Any]
    received_at: datetime
    test: bool = False
    flags: tuple[str, ...] = ()
    import_id: str | None = None
    occurred_at: datetime | None = None
    """What the tool claimed; ``at`` is what was taken for true."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A conclusion in its place."""

    at: datetime
    seq: int | None
    """The entry that caused it; null when a timer did."""
    kind: str
    worker: str
    change: str
    """``said``, ``restated`` or ``withdrawn``."""
    body: dict[str, Any]
    was: dict[str, Any] | None
    stamp: datetime
    """When it was decided, in the log's time."""
    agreement: str
    conclusion_id: str
    timer: str | None = None
    stands: bool = True
    """Whether nothing has restated or withdrawn it since."""
    id: int = field(default=0, repr=False)


Happening = Said | Decided


def history_of(connection: Connection, lead_id: LeadId) -> list[Happening]:
    """Return everything that is kept of a lead's life."""
    homes = [lead_id, *absorbed_by(connection, lead_id)]
    return sorted([*_facts(connection, homes), *_conclusions(connection, lead_id)], key=_place)


def caused_by(connection: Connection, lead_id: LeadId, seq: int) -> list[Decided]:
    """Return the conclusions that stand and that one fact caused, in order."""
    found = [one for one in _conclusions(connection, lead_id) if one.seq == seq]
    return sorted((one for one in found if one.stands), key=_place)


def count_facts(connection: Connection, lead_id: LeadId) -> int:
    """Return how many facts a lead consists of, those of absorbed leads included."""
    homes = [lead_id, *absorbed_by(connection, lead_id)]
    statement = select(func.count()).select_from(facts).where(facts.c.lead_id.in_(homes))
    return connection.execute(statement).scalar_one()


def last_heard(connection: Connection, lead_ids: Sequence[LeadId]) -> dict[LeadId, datetime]:
    """Return when the last fact of each of some leads happened; those without facts are not there."""
    found: dict[LeadId, datetime] = {}
    for start in range(0, len(lead_ids), _CHUNK):
        some = lead_ids[start : start + _CHUNK]
        statement = select(facts.c.lead_id, func.max(facts.c.at)).where(facts.c.lead_id.in_(some))
        found.update((row[0], row[1]) for row in connection.execute(statement.group_by(facts.c.lead_id)))
    return found


_CHUNK = 500


def _place(one: Happening) -> tuple[datetime, int, int, int, int]:
    if isinstance(one, Said):
        return (one.at, 1, one.seq, 0, 0)
    return (one.at, 0 if one.seq is None else 1, one.seq or 0, 1, one.id)


_FACT_COLUMNS = [column for column in facts.c if column.name not in {"original", "traits"}]


def _facts(connection: Connection, homes: Sequence[LeadId]) -> list[Said]:
    statement = select(*_FACT_COLUMNS).where(facts.c.lead_id.in_(homes)).order_by(facts.c.seq)
    return [
        Said(
            at=row.at,
            seq=row.seq,
            kind=row.kind,
            source=row.source,
            event_id=row.event_id,
            body=json.loads(row.fact),
            received_at=row.received_at,
            test=bool(row.test),
            flags=tuple(row.flags.split(",")) if row.flags else (),
            import_id=row.import_id,
            occurred_at=row.occurred_at,
        )
        for row in connection.execute(statement)
    ]


def _conclusions(connection: Connection, lead_id: LeadId) -> list[Decided]:
    rows = connection.execute(
        select(timeline).where(timeline.c.lead_id == lead_id).order_by(timeline.c.id)
    ).all()
    newest = {row.conclusion_id: row.id for row in rows}
    return [_decided(row, stands=newest[row.conclusion_id] == row.id) for row in rows]


def _decided(row: Row[Any], *, stands: bool) -> Decided:
    return Decided(
        at=row.at,
        seq=row.cause_seq,
        kind=row.kind,
        worker=row.worker,
        change=row.change,
        body=json.loads(row.body),
        was=None if row.was is None else json.loads(row.was),
        stamp=row.stamp,
        agreement=row.agreement,
        conclusion_id=row.conclusion_id,
        timer=row.timer_kind,
        stands=stands and row.change != "withdrawn",
        id=row.id,
    )
