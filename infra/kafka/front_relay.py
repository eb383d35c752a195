"""The front door's facts on their way to ``leads.facts``.

Requests are kept and acknowledged by the store, and what is read in them is put into the table ``records`` in
the transaction that moves reading on, as on one machine. There it is the log; here it is an outbox: records
are sent in their order, and deleted once the brokers have all of them. A crash in between sends them again,
and the sequencer, which knows every event's source and id, drops the repeats (ADR-0015).
"""

import logging
import threading
from collections.abc import Callable, Sequence

from infra.kafka.producing import Undelivered
from infra.outbox import ROOM_BYTES
from infra.patience import pauses
from infra.store.database import Database
from infra.store.errors import StoreError
from infra.store.journal_memory import forget_records, read_log, waiting
from infra.store.opening import open_store
from schemas.topics import LARGEST_RECORD_BYTES

RECORDS_AT_ONCE = 500
LOOK_SECONDS = 1.0
"""How often it looks by itself: other processes put records there, too."""
FINISH_SECONDS = 5.0
BUSY_SECONDS = 2.0

MOST_BYTES = LARGEST_RECORD_BYTES - ROOM_BYTES
"""A larger fact is cut off here, where the sequencer refuses it as too large all the same; the request that
said it is kept whole."""

Append = Callable[[Sequence[bytes]], object]
"""Appends facts to the log; safe at return."""

_log = logging.getLogger(__name__)


def forward(database: Database, append: Append) -> int:
    """Send what waits in the store, in its order; return how many facts that was.

    Raises:
        Undelivered: The brokers are away; what was not acknowledged waits on.
        StoreError: The store does not serve.
    """
    count = 0
    while True:
        with database.reading() as connection:
            records = read_log(connection, 0, RECORDS_AT_ONCE)
        if not records:
            return count
        append([one.value[:MOST_BYTES] for one in records])
        with database.writing() as connection:
            forget_records(connection, [one.offset for one in records])
        count += len(records)


class Relay:
    """Forwards in a thread of its own, until it is told to finish.

    Args:
        store: The store's address.
        append: Appends to the log.

    Attributes:
        waiting_count: How many facts wait because brokers are away.
        look_seconds: How often that may have changed.
    """

    def __init__(self, store: str, append: Append) -> None:
        self.waiting_count = 0
        self.look_seconds: float | None = LOOK_SECONDS
        self._store = store
        self._append = append
        self._database: Database | None = None
        self._woken = threading.Event()
        self._finishing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to send."""
        self._woken.set()

    def finish(self) -> None:
        """Send what there is, if that takes no longer than a few seconds; the rest is the next one's."""
        self._finishing.set()
        self._woken.set()
        self._thread.join(FINISH_SECONDS)

    def _run(self) -> None:
        waits = pauses(first=LOOK_SECONDS)
        while True:
            finishing = self._finishing.is_set()
            try:
                self._forward()
            except (Undelivered, StoreError) as error:
                _log.warning("Facts of the front door wait: %s", error)
                self._finishing.wait(next(waits))
            else:
                waits = pauses(first=LOOK_SECONDS)
                self._woken.wait(0 if finishing else LOOK_SECONDS)
            if finishing:
                self._close()
                return

    def _forward(self) -> None:
        self._woken.clear()
        database = self._database
        if database is None:
            database = self._database = open_store(self._store, create=False, busy_seconds=BUSY_SECONDS)
        try:
            forward(database, self._append)
            self.waiting_count = 0
        except Undelivered:
            with database.reading() as connection:
                self.waiting_count = waiting(connection, 0)
            raise
        except StoreError:
            self._close()
            raise

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
