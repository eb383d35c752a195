"""Letting go of requests whose term is over, a small step at a time.

Originals are kept so that they can be read again when a mapping was wrong; they hold personal data as it was
sent, so they are not kept for ever. What was made of them stays: facts, dead letters, and the keys by which a
repeat is known, so that a request that is sent once more after the term still counts once. What has not been
read yet is never let go, however old it is.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from infra.store.originals import next_unread
from infra.store.tables.front_door import originals

ORIGINALS_A_STEP = 500


def let_go(connection: Connection, now: datetime, term: timedelta) -> int:
    """Delete the oldest requests whose term is over, at most a step of them.

    Args:
        connection: In a writing transaction.
        now: The log's time.
        term: For how long a request is kept.

    Returns:
        How many were deleted; a full step: there may be more.
    """
    # The first numbers are looked at, not the whole table: numbers are given in the order of arrival.
    oldest = select(originals.c.id, originals.c.received_at).where(originals.c.id < next_unread(connection))
    rows = connection.execute(oldest.order_by(originals.c.id).limit(ORIGINALS_A_STEP)).all()
    over = [row.id for row in rows if row.received_at < now - term]
    if over:
        connection.execute(delete(originals).where(originals.c.id.in_(over)))
    return len(over)


def kept_since(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many requests are kept, and when the oldest of them came."""
    found = connection.execute(select(func.count(), func.min(originals.c.received_at))).one()
    return int(found[0]), found[1]
