"""Hand-offs and their SLA clocks, as the read model shows them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from infra.store.reading.leads import listed
from infra.store.tables.read_model import handoffs, leads, sla_clocks
from schemas.vocabulary import LeadId


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """One hand-off; open while ``closed_at`` is null."""

    handoff_id: str
    lead_id: LeadId
    number: int | None
    cycle: int | None
    team: str | None
    owner: str | None
    opened_at: datetime | None
    accepted_at: datetime | None
    rejected_at: datetime | None
    rejection_reason: str | None
    closed_at: datetime | None
    close_reason: str | None
    brief: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One run of one SLA clock; running while ``ended_at`` is null."""

    handoff_id: str
    clock: str
    turn: int
    lead_id: LeadId
    owner: str | None
    calendar: str | None
    started_at: datetime | None
    due_at: datetime | None
    paused: bool
    warned_rate: str | None
    breached_at: datetime | None
    escalated_step: int | None
    ended_at: datetime | None
    ended_as: str | None
    elapsed_seconds: int | None
    working_seconds: int | None


def handoffs_of(connection: Connection, lead_ids: Sequence[LeadId]) -> list[HandoffRow]:
    """Return the hand-offs of some leads, oldest first."""
    columns = [handoffs.c[field.name] for field in fields(HandoffRow)]
    statement = select(*columns).where(handoffs.c.lead_id.in_(lead_ids))
    rows = connection.execute(statement.order_by(handoffs.c.opened_at, handoffs.c.number)).mappings()
    return [HandoffRow(**{**row, "brief": json.loads(row["brief"] or "null")}) for row in rows]


def clocks_of(connection: Connection, lead_ids: Sequence[LeadId]) -> list[ClockRow]:
    """Return the SLA clocks of some leads, in the order in which they started."""
    columns = [sla_clocks.c[field.name] for field in fields(ClockRow)]
    statement = select(*columns).where(sla_clocks.c.lead_id.in_(lead_ids))
    order = (sla_clocks.c.started_at, sla_clocks.c.handoff_id, sla_clocks.c.clock, sla_clocks.c.turn)
    rows = connection.execute(statement.order_by(*order)).mappings()
    return [ClockRow(**{**row, "paused": bool(row["paused"])}) for row in rows]


def running_clocks(
    connection: Connection,
    *,
    clock: str | None = None,
    owner: str | None = None,
    due_before: datetime | None = None,
    limit: int | None = None,
) -> list[ClockRow]:
    """Return the clocks that run of leads that stand in lists, the next due first, paused ones last.

    Args:
        connection: In a transaction.
        clock: Only runs of this clock of the agreement.
        owner: Only this owner's.
        due_before: Only those due before this instant.
        limit: At most so many.
    """
    columns = [sla_clocks.c[field.name] for field in fields(ClockRow)]
    statement = select(*columns).join(leads, leads.c.lead_id == sla_clocks.c.lead_id)
    statement = statement.where(sla_clocks.c.ended_at.is_(None), *listed())
    for column, value in ((sla_clocks.c.clock, clock), (sla_clocks.c.owner, owner)):
        if value is not None:
            statement = statement.where(column == value)
    if due_before is not None:
        statement = statement.where(sla_clocks.c.due_at < due_before)
    order = (sla_clocks.c.due_at.asc().nulls_last(), sla_clocks.c.handoff_id, sla_clocks.c.clock)
    rows = connection.execute(statement.order_by(*order).limit(limit)).mappings()
    return [ClockRow(**{**row, "paused": bool(row["paused"])}) for row in rows]


def due_dates(connection: Connection) -> dict[tuple[str, str, int], datetime | None]:
    """Return the deadline of every clock that is running: for telling what a change did to them."""
    statement = select(sla_clocks.c.handoff_id, sla_clocks.c.clock, sla_clocks.c.turn, sla_clocks.c.due_at)
    rows = connection.execute(statement.where(sla_clocks.c.ended_at.is_(None)))
    return {(row.handoff_id, row.clock, row.turn): row.due_at for row in rows}
