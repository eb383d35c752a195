"""Dead letters of what never was a record: rows of a file that are no fact.

Whatever comes through the log is buried by the sequencer, in its own commit. A row of a file that is no fact
has nothing to put into the log; it goes aside here, once, however often the file is read.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from infra.store.tables import dead_letters
from schemas.dead_letters import DeadLetter

CHUNK = 500


def bury(connection: Connection, letters: Sequence[tuple[DeadLetter, bytes]], received_at: datetime) -> int:
    """Put dead letters with their bytes aside; those that are there already are left as they are.

    Returns:
        How many were new.
    """
    fresh = {(letter.reason.value, original): letter for letter, original in letters}
    for start in range(0, len(letters), CHUNK):
        some = [original for _, original in letters[start : start + CHUNK]]
        known = select(dead_letters.c.reason, dead_letters.c.original).where(
            dead_letters.c.original.in_(some)
        )
        for row in connection.execute(known):
            fresh.pop((row.reason, row.original), None)
    rows = [
        {
            "received_at": received_at,
            "reason": reason,
            "detail": letter.detail,
            "source": letter.source,
            "event_id": letter.event_id,
            "original": original,
        }
        for (reason, original), letter in fresh.items()
    ]
    if rows:
        connection.execute(insert(dead_letters), rows)
    return len(rows)


def mark_resubmitted(connection: Connection, numbers: Sequence[int], at: datetime) -> None:
    """Note that dead letters have been put into the log again."""
    update = dead_letters.update().where(dead_letters.c.id.in_(numbers))
    connection.execute(update.values(resubmitted_at=at))
