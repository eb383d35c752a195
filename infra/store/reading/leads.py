"""Leads as the read model shows them: lists, the stalled ones, and one lead by whatever name it is known.

Leads that are tests, that were absorbed by another or that asked to be forgotten stand in no list; each can
still be asked for by its id.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, or_, select

from infra.store.tables.hosts import identities, merges
from infra.store.tables.read_model import leads
from schemas.vocabulary import LeadId


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead, with what each worker shows of it; null where nothing is known."""

    lead_id: LeadId
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    external_ids: dict[str, str]
    """By system."""
    first_at: datetime | None
    test: bool
    merged_into: LeadId | None
    erased: bool
    fit: int | None
    """Hundredths of a point, as is ``engagement``."""
    engagement: int | None
    cell: str | None
    band: str | None
    scored_at: datetime | None
    stage: str | None
    stage_since: datetime | None
    cycle: int | None
    owner: str | None
    team: str | None
    stalled_since: datetime | None
    outcome: str | None
    origin: str | None
    campaign: str | None
    segment: str | None
    captured_at: datetime | None
    won_at: datetime | None
    revenue_minor: int | None


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads: those that agree with every field that is given."""

    stage: str | None = None
    owner: str | None = None
    team: str | None = None
    band: str | None = None
    outcome: str | None = None
    origin: str | None = None
    campaign: str | None = None
    segment: str | None = None
    captured_from: datetime | None = None
    captured_before: datetime | None = None
    stalled: bool | None = None
    named: str | None = None
    """A part of the name, the company or the address, in whatever case."""


_COLUMNS = [leads.c[field.name] for field in fields(Lead)]
NAMED = ("stage", "owner", "team", "band", "outcome", "origin", "campaign", "segment")
"""The fields of a filter that are names."""


def leads_like(connection: Connection, wanted: LeadFilter, *, limit: int) -> list[Lead]:
    """Return the leads of a filter, the latest captured first, at most ``limit``."""
    statement = _listed(select(*_COLUMNS)).where(*_conditions(wanted))
    latest = leads.c.captured_at.desc().nulls_last()
    return _made(connection, statement.order_by(latest, leads.c.lead_id).limit(limit))


def count_leads(connection: Connection, wanted: LeadFilter) -> int:
    """Return how many leads a filter has."""
    statement = _listed(select(func.count()).select_from(leads)).where(*_conditions(wanted))
    return int(connection.execute(statement).scalar_one())


def values_of(connection: Connection, name: str) -> list[str]:
    """Return what leads have in a column of text, ``stage`` or ``origin`` say, in order."""
    column = leads.c[name]
    statement = _listed(select(column).distinct()).where(column.is_not(None)).order_by(column)
    return list(connection.execute(statement).scalars())


def stalled(connection: Connection) -> list[Lead]:
    """Return the leads that are stalled now, the longest stalled first."""
    statement = _listed(select(*_COLUMNS)).where(leads.c.stalled_since.is_not(None))
    return _made(connection, statement.order_by(leads.c.stalled_since, leads.c.lead_id))


def lead_by_id(connection: Connection, lead_id: LeadId) -> Lead | None:
    """Return the lead of this id, whatever has become of it."""
    return next(iter(_made(connection, select(*_COLUMNS).where(leads.c.lead_id == lead_id))), None)


def survivor_of(connection: Connection, lead: Lead) -> Lead:
    """Return the lead that a lead was merged into, or itself."""
    while lead.merged_into is not None and (into := lead_by_id(connection, lead.merged_into)):
        lead = into
    return lead


def absorbed_by(connection: Connection, lead_id: LeadId) -> list[LeadId]:
    """Return the leads that a lead consists of besides itself."""
    found: list[LeadId] = []
    looking = [lead_id]
    while looking:
        statement = select(merges.c.absorbed).where(merges.c.survivor.in_(looking), merges.c.to_seq.is_(None))
        looking = [one for one in connection.execute(statement).scalars() if one not in found]
        found += looking
    return found


def leads_by_keys(connection: Connection, keys: Sequence[bytes]) -> list[LeadId]:
    """Return the leads that identifiers name, given their keyed hashes, in the order of the keys."""
    statement = select(identities.c.key, identities.c.lead_id).where(identities.c.key.in_(keys))
    named = {row.key: row.lead_id for row in connection.execute(statement)}
    return list(dict.fromkeys(named[key] for key in keys if key in named))


def leads_by_bare_id(connection: Connection, external_id: str) -> list[LeadId]:
    """Return the leads that some system knows by this id; looks at every lead, since no system is named."""
    text = json.dumps(external_id)
    statement = select(leads.c.lead_id, leads.c.external_ids).where(
        leads.c.external_ids.contains(text, autoescape=True)
    )
    return [
        row.lead_id
        for row in connection.execute(statement)
        if external_id in json.loads(row.external_ids).values()
    ]


def listed() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of the leads that stand in lists: neither tests nor absorbed nor forgotten."""
    return (
        or_(leads.c.test.is_(None), leads.c.test.is_(False)),
        leads.c.merged_into.is_(None),
        or_(leads.c.erased.is_(None), leads.c.erased.is_(False)),
    )


def _listed(statement: Select[Any]) -> Select[Any]:
    return statement.where(*listed())


def _conditions(wanted: LeadFilter) -> list[ColumnElement[bool]]:
    found = [leads.c[name] == value for name in NAMED if (value := getattr(wanted, name)) is not None]
    if wanted.captured_from is not None:
        found.append(leads.c.captured_at >= wanted.captured_from)
    if wanted.captured_before is not None:
        found.append(leads.c.captured_at < wanted.captured_before)
    if wanted.stalled is not None:
        since = leads.c.stalled_since
        found.append(since.is_not(None) if wanted.stalled else since.is_(None))
    if wanted.named is not None:
        places = (leads.c.name, leads.c.company, leads.c.email)
        found.append(or_(*(place.icontains(wanted.named, autoescape=True) for place in places)))
    return found


def _made(connection: Connection, statement: Select[Any]) -> list[Lead]:
    return [_lead(row) for row in connection.execute(statement).mappings()]


def _lead(row: RowMapping) -> Lead:
    values = dict(row)
    values["external_ids"] = json.loads(row["external_ids"] or "{}")
    values["test"] = bool(row["test"])
    values["erased"] = bool(row["erased"])
    return Lead(**values)
