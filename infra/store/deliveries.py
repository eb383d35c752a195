"""What is on its way to the outside: rows of the timeline queued for destinations, and what became of them.

The queue is filled from the timeline by number, and nothing is queued before everything of a lower number is
there. Of a lead's messages only the first that waits is ever due, so that they arrive in order. One process
at a time holds a destination, by a lease.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, delete, func, insert, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from infra.store.tables.outbound import deliveries, destinations
from infra.store.tables.read_model import leads, timeline

Status = Literal["waiting", "sent", "dead", "nowhere"]
"""``dead``: given up. ``nowhere``: the destination has no such lead."""

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=30)
"""How long what was sent stays in the log of deliveries."""


class HeldElsewhere(Exception):
    """Another process delivers there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conclusions a destination asks for: by kind (empty: all), and no older than so."""

    kinds: tuple[str, ...] = ()
    most_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose turn it is.

    Attributes:
        said: The row of the timeline.
        lead: The row of its lead as it is now; None if it has none.
    """

    number: int
    attempts: int
    queued_at: datetime
    said: Mapping[str, Any]
    lead: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message; a waiting one is tried again at ``next_at``."""

    number: int
    status: Status
    answer: str
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as people see it."""

    destination: str
    number: int
    lead_id: str
    kind: str
    status: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    settled_at: datetime | None
    answer: str | None


def hold(
    connection: Connection,
    name: str,
    holder: str,
    now: datetime,
    *,
    until: datetime,
    from_start: bool = False,
) -> str | None:
    """Take or keep a destination; one that is new begins with what is concluded from now on.

    Args:
        connection: In a writing transaction.
        name: The destination.
        holder: This process.
        now: The time.
        until: When it is let go of by itself.
        from_start: Whether a new destination begins with all that was ever concluded.

    Returns:
        Why it is disabled; None if it is not.

    Raises:
        HeldElsewhere: Another process holds it.
    """
    newest = connection.execute(select(func.max(timeline.c.id))).scalar() or 0
    first = {"name": name, "next_id": 1 if from_start else newest + 1}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(destinations).on_conflict_do_nothing(), first)
    free = or_(
        destinations.c.holder.is_(None), destinations.c.holder == holder, destinations.c.held_until < now
    )
    taken = update(destinations).where(destinations.c.name == name, free)
    if connection.execute(taken.values(holder=holder, held_until=until)).rowcount == 0:
        raise HeldElsewhere(f"{name} is delivered to by another process; one is enough")
    row = connection.execute(select(destinations).where(destinations.c.name == name)).one()
    return row.disabled_because if row.disabled_at is not None else None


def let_go(connection: Connection, name: str, holder: str) -> None:
    """Give a destination up."""
    ours = (destinations.c.name == name) & (destinations.c.holder == holder)
    connection.execute(update(destinations).where(ours).values(holder=None, held_until=None))


def newest_conclusion(connection: Connection) -> int:
    """Return the highest number of the timeline below which nothing can still appear; in a transaction."""
    if connection.dialect.name == "postgresql":
        # Numbers are given before they are committed: who is writing now must be done first.
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("LOCK TABLE timeline IN SHARE MODE"))
    return connection.execute(select(func.max(timeline.c.id))).scalar() or 0


def has_news(connection: Connection, name: str) -> bool:
    """Say whether the timeline has grown since a destination's queue was filled."""
    next_id = select(destinations.c.next_id).where(destinations.c.name == name).scalar_subquery()
    return (
        connection.execute(select(timeline.c.id).where(timeline.c.id >= next_id).limit(1)).first() is not None
    )


def queue(connection: Connection, name: str, wanted: Wanted, newest: int, now: datetime) -> int:
    """Queue what was concluded up to a number and is wanted; return how much.

    What is said of tests is for nobody outside.
    """
    next_id = connection.execute(
        select(destinations.c.next_id).where(destinations.c.name == name)
    ).scalar_one()
    if newest < next_id:
        return 0
    chosen = (
        select(
            literal(name),
            timeline.c.id,
            timeline.c.lead_id,
            timeline.c.kind,
            literal("waiting"),
            literal(0),
            literal(now, deliveries.c.queued_at.type),
            literal(now, deliveries.c.next_at.type),
        )
        .join_from(timeline, leads, leads.c.lead_id == timeline.c.lead_id, isouter=True)
        .where(timeline.c.id >= next_id, timeline.c.id <= newest, leads.c.test.is_not(True))
    )
    if wanted.kinds:
        chosen = chosen.where(timeline.c.kind.in_(wanted.kinds))
    if wanted.most_age is not None:
        chosen = chosen.where(timeline.c.at >= literal(now - wanted.most_age, timeline.c.at.type))
    columns = ["destination", "number", "lead_id", "kind", "status", "attempts", "queued_at", "next_at"]
    count = connection.execute(insert(deliveries).from_select(columns, chosen)).rowcount
    moved = update(destinations).where(destinations.c.name == name)
    connection.execute(moved.values(next_id=newest + 1))
    return count


def due(connection: Connection, name: str, now: datetime, limit: int) -> list[Due]:
    """Return messages whose turn it is: of each lead the first that waits, if it may be tried now."""
    waiting = (deliveries.c.destination == name) & (deliveries.c.status == "waiting")
    heads = select(func.min(deliveries.c.number)).where(waiting).group_by(deliveries.c.lead_id)
    mine = and_(waiting, deliveries.c.number.in_(heads), deliveries.c.next_at <= now)
    statement = select(deliveries).where(mine).order_by(deliveries.c.number).limit(limit)
    return [_due(connection, row) for row in connection.execute(statement).all()]


def _due(connection: Connection, row: Row[Any]) -> Due:
    said = connection.execute(select(timeline).where(timeline.c.id == row.number)).mappings().one()
    lead = connection.execute(select(leads).where(leads.c.lead_id == row.lead_id)).mappings().first()
    return Due(row.number, row.attempts, row.queued_at, dict(said), dict(lead) if lead else None)


def settle_deliveries(connection: Connection, name: str, settled: Sequence[Settled], now: datetime) -> None:
    """Write what became of messages."""
    for one in settled:
        here = (deliveries.c.destination == name) & (deliveries.c.number == one.number)
        done = None if one.status == "waiting" else now
        values = {
            "status": one.status,
            "answer": one.answer[:500],
            "next_at": one.next_at,
            "settled_at": done,
        }
        connection.execute(
            update(deliveries).where(here).values(attempts=deliveries.c.attempts + 1, **values)
        )


def disable(connection: Connection, name: str, because: str, now: datetime) -> None:
    """Deliver nothing more to a destination until it is resumed; what waits goes on waiting."""
    values = {"disabled_at": now, "disabled_because": because}
    connection.execute(update(destinations).where(destinations.c.name == name).values(values))


def resume(connection: Connection, name: str) -> bool:
    """Deliver again; return whether there is such a destination."""
    values = {"disabled_at": None, "disabled_because": None}
    return (
        connection.execute(update(destinations).where(destinations.c.name == name).values(values)).rowcount
        > 0
    )


def send_again(connection: Connection, name: str, number: int, now: datetime) -> bool:
    """Have a message sent again, whatever became of it; return whether there is one."""
    here = (deliveries.c.destination == name) & (deliveries.c.number == number)
    again = {"status": "waiting", "attempts": 0, "queued_at": now, "next_at": now, "settled_at": None}
    return connection.execute(update(deliveries).where(here).values(again)).rowcount > 0


def deliveries_like(
    connection: Connection, *, name: str | None = None, status: str | None = None, limit: int = 100
) -> list[Delivery]:
    """Return deliveries, the newest first."""
    statement = select(deliveries).order_by(deliveries.c.number.desc(), deliveries.c.destination).limit(limit)
    if name is not None:
        statement = statement.where(deliveries.c.destination == name)
    if status is not None:
        statement = statement.where(deliveries.c.status == status)
    return [Delivery(*row) for row in connection.execute(statement)]


def given_up(connection: Connection) -> dict[str, int]:
    """Return how many messages were given up, by destination."""
    count = func.count().label("count")
    dead = select(deliveries.c.destination, count).where(deliveries.c.status == "dead")
    return {row[0]: row[1] for row in connection.execute(dead.group_by(deliveries.c.destination))}


def disabled_destinations(connection: Connection) -> dict[str, str]:
    """Return the destinations that nothing is delivered to, and why."""
    rows = connection.execute(select(destinations).where(destinations.c.disabled_at.is_not(None)))
    return {row.name: row.disabled_because for row in rows}


def forget_sent(connection: Connection, before: datetime) -> None:
    """Take what was sent before an instant out of the log of deliveries."""
    old = (deliveries.c.status != "waiting") & (deliveries.c.settled_at < before)
    connection.execute(delete(deliveries).where(old))
