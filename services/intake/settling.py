"""Reading what a gateway has taken and was killed before it could read.

The next gateway does so when it starts. Whoever wants to know before that (``relevo intake count``, ``relevo
up``) settles it first; the cursor in the store sees to it that nothing is read twice.
"""

from infra.arrivals import Making
from infra.store.database import Database
from infra.store.originals import mapping_documents, next_unread, originals_from, write_making
from infra.time_source import TimeSource, system_time
from services.intake.reading import Reader
from services.intake.registry import kinds

ORIGINALS_A_BATCH = 200


def settle(database: Database, now: TimeSource = system_time) -> int:
    """Make facts of every original that nothing has been made of; return how many there were."""
    settled = 0
    while True:
        with database.reading() as connection:
            first_id = next_unread(connection)
            kept = originals_from(connection, first_id, ORIGINALS_A_BATCH)
            documents = mapping_documents(connection) if kept else {}
        if not kept:
            return settled
        made = Making(first_id, kept[-1].id + 1, *Reader(kinds(), documents).make(kept))
        with database.writing() as connection:
            if write_making(connection, made, now()):
                settled += len(kept)
