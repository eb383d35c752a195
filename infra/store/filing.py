"""What is known of dead letters: which were put aside, and which clue stands in which of them.

Letters are told apart by keyed digests, and clues (``infra.clues``) are kept as keyed hashes. An erasure asks
here for the letters that may be about a person, and leaves the person's own clues behind as tombstones, under
a number that no letter has.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, or_, select

from infra.store.arrays import among
from infra.store.bulk import upsert
from infra.store.memory import CHUNK
from infra.store.tables.hosts import clues
from infra.store.tables.read_model import dead_letters
from schemas.dead_letters import Closing

TOMBSTONE = 0
"""The number that stands for people who were forgotten; letters count from one."""


def buried(connection: Connection, keys: Sequence[bytes]) -> set[tuple[bytes, str]]:
    """Return which of these letters were put aside before, and why.

    Not those that are in order since: what was resubmitted or superseded and dies again is a new one.
    """
    in_order = dead_letters.c.closed_as.in_((Closing.RESUBMITTED, Closing.SUPERSEDED))
    found: set[tuple[bytes, str]] = set()
    for start in range(0, len(keys), CHUNK):
        statement = select(dead_letters.c.key, dead_letters.c.reason).where(
            among(connection, dead_letters.c.key, keys[start : start + CHUNK]),
            or_(dead_letters.c.closed_as.is_(None), ~in_order),
        )
        found.update((row.key, row.reason) for row in connection.execute(statement))
    return found


def file_clues(connection: Connection, standing: Iterable[tuple[bytes, int]]) -> None:
    """Note which clues stand in which letters, or that they are of forgotten people (``TOMBSTONE``)."""
    upsert(connection, clues, [{"key": key, "letter": letter} for key, letter in set(standing)])


def filed_under(connection: Connection, keys: Sequence[bytes]) -> list[int]:
    """Return the numbers of the letters in which any of these clues stands, in order."""
    found: set[int] = set()
    for start in range(0, len(keys), CHUNK):
        some = among(connection, clues.c.key, keys[start : start + CHUNK])
        found.update(connection.execute(select(clues.c.letter).where(some)).scalars())
    return sorted(found - {TOMBSTONE})


def tombstones(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Return which of these clues are of people who were forgotten."""
    found: set[bytes] = set()
    for start in range(0, len(keys), CHUNK):
        some = among(connection, clues.c.key, keys[start : start + CHUNK])
        statement = select(clues.c.key).where(some, clues.c.letter == TOMBSTONE)
        found.update(connection.execute(statement).scalars())
    return found
