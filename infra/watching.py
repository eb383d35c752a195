"""Looking at the numbers when the log's time has come on, where several partitions count them.

Time has come to an instant when the last of the partitions has come there; whoever is last looks, within the
transaction in which its time comes on. Two that come on at the same moment would each take the other for the
last one, so whose time comes to another quarter of an hour asks for the others' one at a time: the second
waits, and sees. (Days begin on quarters of an hour in every zone.)

What whoever looked has to say is written down in the same transaction, and waits in the outbox of
``PUBLISHER``: the process that publishes the numbers says it (``infra.kafka.totals``).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.agreements import AgreementBook
from infra.store.database import Transaction
from infra.store.positions import clocks_of_others
from infra.store.writing import stow, write_rows
from infra.wire import NOTICE
from schemas.agreement import Agreement
from schemas.alerts import Notice
from schemas.read_model import Row
from schemas.vocabulary import WorkerName

PUBLISHER = "totals"
"""Who publishes the numbers, and the notices about them."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice about a number, and the row of the read model that it changes."""

    notice: Notice
    row: Row


Watch = Callable[[Transaction, datetime | None, datetime, Agreement], Iterable[Noticed]]
"""Called when the log's time has come from one instant to another; returns what is to be said."""

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
        until = min([stamp, *known])
        _write(connection, list(watch(connection, first, until, book.newest)), until)

    return arrive


def _write(connection: Transaction, noticed: Sequence[Noticed], stamp: datetime) -> None:
    """Write what was noticed; time comes to an instant once, so no other row has its number."""
    write_rows(connection, [one.row for one in noticed])
    said = b"\n".join(NOTICE.dump_json(one.notice) for one in noticed)
    stow(connection, PUBLISHER, 0, _milliseconds(stamp), said, None)


def notices_in(row: bytes) -> list[Notice]:
    """Return the notices that a row of the outbox holds."""
    return [NOTICE.validate_json(line) for line in row.split(b"\n")]


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _quarter(instant: datetime) -> int:
    return int(instant.timestamp() // _QUARTER.total_seconds())
