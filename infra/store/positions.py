"""Positions: where each worker stands in each partition, and whose the partition is.

The version is the fence. Who moves a partition on names the version in hand, and finds no row if somebody
else has taken over since. A commit adds one to it; who takes over begins the next **epoch**, the next whole
multiple of ``EPOCH``. So a version says who could have written it: whoever lost the answer to a COMMIT looks
whether the version that it meant to leave is there, and knows (ADR-0006).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from infra.store.tables.hosts import positions

EPOCH = 2**32
"""How many commits an epoch has room for: a century at one a second; and there is room for 2^31 epochs."""


class Fenced(Exception):
    """Another process has taken the partition over; nothing was written."""

    def __init__(self, worker: str, partition: int) -> None:
        super().__init__(
            f"{worker}/{partition} belongs to another process now; what was decided here is dropped"
        )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a worker stands in a partition.

    Attributes:
        version: The fence.
        next_offset: The first input record not yet decided.
        seq: The last number given (the sequencer's), or that of the last signing whose visits began.
        clock: The log's time that has been passed on.
        cursor: How far long work has come, as JSON; None while there is none.
    """

    version: int
    next_offset: int
    seq: int
    clock: datetime | None
    cursor: str | None


def take_over(connection: Connection, worker: str, partition: int) -> Position:
    """Make a partition this process's, and fence off whoever had it; waits for a commit under way."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = {"worker": worker, "partition": partition, "next_offset": 0, "version": 0, "seq": 0}
    connection.execute(dialect.insert(positions).on_conflict_do_nothing(), first)
    row = connection.execute(
        update(positions)
        .where(positions.c.worker == worker, positions.c.partition == partition)
        .values(version=(positions.c.version // EPOCH + 1) * EPOCH)
        .returning(
            positions.c.version,
            positions.c.next_offset,
            positions.c.seq,
            positions.c.clock,
            positions.c.cursor,
        )
    ).one()
    return Position(row.version, row.next_offset, row.seq, row.clock, row.cursor)


def advance(
    connection: Connection,
    worker: str,
    partition: int,
    position: Position,
    **changes: Any,
) -> Position:
    """Move a partition's position on; the first step of every commit.

    Raises:
        Fenced: The version in hand is not the store's.
    """
    moved = replace(position, version=position.version + 1, **changes)
    done = connection.execute(
        update(positions)
        .where(
            positions.c.worker == worker,
            positions.c.partition == partition,
            positions.c.version == position.version,
        )
        .values(version=moved.version, **changes)
    )
    if done.rowcount != 1:
        raise Fenced(worker, partition)
    return moved


def stored_version(connection: Connection, worker: str, partition: int) -> int | None:
    """Return the version that stands; waits for a commit under way, so that it is the last word."""
    return connection.execute(
        select(positions.c.version)
        .where(positions.c.worker == worker, positions.c.partition == partition)
        .with_for_update()
    ).scalar()


def clocks_of(connection: Connection, worker: str) -> list[datetime | None]:
    """Return how far the log's time has come in each of a worker's partitions."""
    statement = select(positions.c.clock).where(positions.c.worker == worker).order_by(positions.c.partition)
    return list(connection.execute(statement).scalars())


def clocks_of_others(connection: Connection, worker: str, partition: int) -> list[datetime | None]:
    """Return how far the log's time has come in a worker's other partitions; one of them at a time may ask.

    Who asks has moved its own position on and holds that row. If it locked the others' as well, two that ask
    at the same moment would wait for each other; so all of them pass by one row, that of partition 0, and who
    comes second waits there, and sees where the first came to. On SQLite nobody else writes meanwhile anyway.
    """
    own = positions.c.worker == worker
    connection.execute(select(positions.c.version).where(own, positions.c.partition == 0).with_for_update())
    statement = select(positions.c.clock).where(own, positions.c.partition != partition)
    return list(connection.execute(statement.order_by(positions.c.partition)).scalars())
