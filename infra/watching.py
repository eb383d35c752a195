"""Looking at the numbers when the log's time has come on, where several partitions count them.

Time has come to an instant when the last of the partitions has come there; whoever is last looks, within the
transaction in which its time comes on. Two that come on at the same moment would each take the other for the
last one, so every quarter of an hour the others' positions are locked before they are read: one of the two
then waits, and sees. (Days begin on quarters of an hour in every zone.)
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from infra.agreements import AgreementBook
from infra.store.engine import Transaction
from infra.store.positions import clocks_of_others
from infra.store.writing import write_rows
from schemas.agreement import Agreement
from schemas.read_model import Row
from schemas.vocabulary import WorkerName

Watch = Callable[[Transaction, datetime | None, datetime, Agreement], Iterable[Row]]
"""Called when the log's time has come from one instant to another; returns rows that change."""

Arrival = Callable[[Transaction, datetime | None, datetime, AgreementBook], None]
"""Called within the commit in which a partition's time comes from one instant to another."""

_QUARTER = timedelta(minutes=15)


def watch_nothing(*_: object) -> None:
    """Look at nothing."""


def watched(watch: Watch, worker: WorkerName, partition: int, partitions: int) -> Arrival:
    """Return what looks at the numbers from one of a worker's partitions."""

    def arrive(
        connection: Transaction, before: datetime | None, stamp: datetime, book: AgreementBook
    ) -> None:
        if book.is_empty or (before is not None and _quarter(before) == _quarter(stamp)):
            return
        others = clocks_of_others(connection, worker, partition)
        if len(others) < partitions - 1 or any(clock is None for clock in others):
            return
        known = [clock for clock in others if clock is not None]
        first = None if before is None else min([before, *known])
        write_rows(connection, watch(connection, first, min([stamp, *known]), book.newest))

    return arrive


def _quarter(instant: datetime) -> int:
    return int(instant.timestamp() // _QUARTER.total_seconds())
