"""Alerts as the read model shows them: those that are open, or all."""

import json
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from infra.store.tables.read_model import alerts
from schemas.vocabulary import LeadId


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert; open while ``resolved_at`` is null."""

    alert_id: str
    lead_id: LeadId | None
    kind: str | None
    about: str | None
    severity: str | None
    opened_at: datetime | None
    due_at: datetime | None
    summary: str | None
    owner: str | None
    team: str | None
    recipients: tuple[str, ...]
    said_count: int | None
    last_said_at: datetime | None
    resolved_at: datetime | None
    resolved_reason: str | None


def alerts_like(
    connection: Connection,
    *,
    open_only: bool = True,
    lead_id: LeadId | None = None,
    kind: str | None = None,
    owner: str | None = None,
    limit: int | None = None,
) -> list[AlertRow]:
    """Return alerts, the latest opened first.

    Args:
        connection: In a transaction.
        open_only: Leave out those that are resolved.
        lead_id: Only this lead's.
        kind: Only of this kind (``schemas.alerts.AlertKind``).
        owner: Only this owner's.
        limit: At most so many.
    """
    conditions = _conditions(open_only=open_only, lead_id=lead_id, kind=kind, owner=owner)
    statement = select(*(alerts.c[field.name] for field in fields(AlertRow))).where(*conditions)
    rows = connection.execute(
        statement.order_by(alerts.c.opened_at.desc(), alerts.c.alert_id).limit(limit)
    ).mappings()
    return [AlertRow(**{**row, "recipients": _recipients(row["recipients"])}) for row in rows]


def count_alerts(
    connection: Connection, *, open_only: bool = True, kind: str | None = None, owner: str | None = None
) -> int:
    """Return how many alerts there are; the arguments are those of ``alerts_like``."""
    conditions = _conditions(open_only=open_only, kind=kind, owner=owner)
    statement = select(func.count()).select_from(alerts).where(*conditions)
    return int(connection.execute(statement).scalar_one())


def _conditions(*, open_only: bool, **wanted: str | None) -> list[ColumnElement[bool]]:
    found = [alerts.c[name] == value for name, value in wanted.items() if value]
    return [*found, alerts.c.resolved_at.is_(None)] if open_only else found


def _recipients(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
