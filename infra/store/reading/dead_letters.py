"""Dead letters: what could not be taken, counted by reason, listed, and one by one with its bytes."""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, true

from infra.store.tables.read_model import dead_letters
from schemas.dead_letters import REMEDIES, Closing, DeadReason


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """One dead letter; ``original`` is what was sent, null where it was erased."""

    id: int
    offset: int | None
    received_at: datetime
    reason: str
    detail: str
    source: str | None
    event_id: str | None
    original: bytes | None
    closed_at: datetime | None
    """Since when nobody needs to look after it; null while it waits."""
    closed_as: str | None
    closed_because: str | None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[DeadReason(self.reason)]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row of a file that waits to be corrected."""

    id: int
    source: str
    event_id: str
    """What tells it from other rows, whatever it says now."""
    event_ids: tuple[str, ...]
    """The facts that it would say."""


_COLUMNS = [dead_letters.c[field.name] for field in fields(DeadLetterRow)]


def dead_letters_like(
    connection: Connection,
    *,
    reason: str = "",
    source: str = "",
    closed: bool = False,
    limit: int | None = None,
) -> list[DeadLetterRow]:
    """Return dead letters, the oldest first; those that wait no more only if they are asked for.

    Args:
        connection: In a transaction.
        reason: Only those for this reason; blank: for any.
        source: Only those from this source; blank: from any, and from nobody knows whom.
        closed: Whether those that wait no more are meant, too.
        limit: At most so many.
    """
    statement = select(*_COLUMNS).order_by(dead_letters.c.id).limit(limit)
    if reason:
        statement = statement.where(dead_letters.c.reason == reason)
    if source:
        statement = statement.where(dead_letters.c.source == source)
    if not closed:
        statement = statement.where(dead_letters.c.closed_at.is_(None))
    return _made(connection, statement)


def dead_letter(connection: Connection, number: int) -> DeadLetterRow | None:
    """Return the dead letter of this number."""
    return next(iter(_made(connection, select(*_COLUMNS).where(dead_letters.c.id == number))), None)


def waiting_rows(connection: Connection) -> list[WaitingRow]:
    """Return the rows of files that wait to be corrected and have a name."""
    columns = [dead_letters.c[field.name] for field in fields(WaitingRow)]
    statement = select(*columns).where(
        dead_letters.c.closed_at.is_(None), dead_letters.c.event_ids.is_not(None)
    )
    return [
        WaitingRow(row.id, row.source, row.event_id, tuple(json.loads(row.event_ids)))
        for row in connection.execute(statement)
    ]


def waiting_events(connection: Connection, source: str) -> list[tuple[int, str]]:
    """Return the letters of a source that wait and never were a record: (number, what each is known by)."""
    statement = select(dead_letters.c.id, dead_letters.c.event_id).where(
        dead_letters.c.source == source,
        dead_letters.c.closed_at.is_(None),
        dead_letters.c.offset.is_(None),
        dead_letters.c.event_id.is_not(None),
    )
    return [(row.id, row.event_id) for row in connection.execute(statement)]


def count_dead_letters(connection: Connection, source: str = "") -> dict[str, int]:
    """Return how many dead letters wait, by reason; of one source, unless it is blank."""
    from_it = dead_letters.c.source == source if source else true()
    statement = (
        select(dead_letters.c.reason, func.count().label("waiting"))
        .where(dead_letters.c.closed_at.is_(None), from_it)
        .group_by(dead_letters.c.reason)
        .order_by(dead_letters.c.reason)
    )
    return {row.reason: row.waiting for row in connection.execute(statement)}


def dead_letters_since(connection: Connection, number: int) -> list[tuple[str, bool, int]]:
    """Return how many dead letters there are behind one: (reason, whether the log holds it, how many).

    Args:
        connection: In a transaction.
        number: The last one that does not count; 0: all count.
    """
    told = [dead_letters.c.reason, dead_letters.c.offset.is_not(None)]
    statement = select(*told, func.count()).where(dead_letters.c.id > number)
    rows = connection.execute(statement.group_by(*told).order_by(*told))
    return [(row[0], bool(row[1]), row[2]) for row in rows]


def dead_letter_of(connection: Connection, source: str, event_id: str) -> DeadLetterRow | None:
    """Return the latest dead letter that waits of an event."""
    statement = select(*_COLUMNS).where(
        dead_letters.c.source == source[:128],
        dead_letters.c.event_id == event_id[:128],
        or_(dead_letters.c.closed_at.is_(None), dead_letters.c.closed_as == Closing.FORGOTTEN),
    )
    return next(iter(_made(connection, statement.order_by(dead_letters.c.id.desc()).limit(1))), None)


def _made(connection: Connection, statement: Select[Any]) -> list[DeadLetterRow]:
    return [DeadLetterRow(**row) for row in connection.execute(statement).mappings()]
