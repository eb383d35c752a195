"""The front desk: requests into the embedded log, many to a commit, and facts made of them right behind it.

One thread writes. It takes whatever has arrived while it was busy, keeps all of it in one transaction, and
lets their senders go once that is on the disk. Only then are the requests read; the facts made of them go
with the next commit, so that under load there is one commit a batch and not two. Where reading stands is a
row of the store, moved in the same transaction as the facts: what a crash left unread is read at the next
start, and never twice.

While the log is away nobody waits: what cannot be kept is refused at once (``LogAway``), and an attempt a
second finds out whether it is back.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.arrivals import Documents, MadeFact, Making, Original
from infra.store.engine import Database, open_store
from infra.store.errors import StoreError, StoreMissing
from infra.store.originals import (
    KeptOriginal,
    keep_mappings,
    keep_originals,
    next_unread,
    originals_from,
    write_making,
)
from infra.time_source import TimeSource, system_time
from schemas.dead_letters import DeadLetter

BUSY_SECONDS = 2.0
"""How long a commit waits for another process; senders give up after five."""
MOST_WAITING = 5_000
"""Requests that may wait for a commit."""
MOST_WAITING_BYTES = 64 * 1024 * 1024
ORIGINALS_A_READING = 200
RETRY_SECONDS = 1.0

Made = tuple[Sequence[MadeFact], Sequence[tuple[DeadLetter, bytes]]]
Maker = Callable[[Sequence[KeptOriginal]], Made]
"""Makes facts and dead letters of originals. It never raises on what they hold."""


class LogAway(Exception):
    """The log cannot be written now; the sender is to come again.

    Attributes:
        away_seconds: For how long it has been away.
    """

    def __init__(self, why: str, away_seconds: float) -> None:
        super().__init__(why)
        self.away_seconds = away_seconds


@dataclass(slots=True)
class DeskCounts:
    """What the desk has done since it was opened."""

    kept_count: int = 0
    commit_count: int = 0
    made_count: int = 0
    dead_count: int = 0
    failure_count: int = 0
    unread_count: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    original: Original
    done: asyncio.Future[None]


class FrontDesk:
    """The front door's way into the log of one machine.

    Args:
        store: The store's address.
        make: Makes facts of originals.
        documents: The mappings in force, by digest; kept with the originals that are read with them.
        now: Where the log takes its time from.
    """

    def __init__(self, store: str, make: Maker, documents: Documents, now: TimeSource = system_time) -> None:
        self._store = store
        self._make = make
        self._documents = documents
        self._now = now
        self._queue: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._gathered: list[_Waiting] = []
        self._waiting_count = self._waiting_bytes = 0
        self._away: tuple[float, str] | None = None
        """Since when the log is away (monotonic seconds), and why."""
        self._log: _Log | None = _Log(store, documents)
        self._thread = threading.Thread(target=self._run, name="front-desk", daemon=True)
        self.counts = DeskCounts()

    def start(self) -> None:
        """Begin to write; what an earlier process left unread is read first."""
        self._thread.start()

    def stop(self) -> None:
        """Write what has arrived, and end."""
        self._queue.put(None)
        self._thread.join()

    # --- in the event loop

    async def keep(self, original: Original) -> None:
        """Keep a request; at return it is on the disk.

        Raises:
            LogAway: It could not be kept.
        """
        self._refuse_if_away()
        size = len(original.body) + 1024
        if self._waiting_count >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            raise LogAway("too much waits for the log", 0.0)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        if not self._gathered:
            loop.call_soon(self._hand_over)
        self._gathered.append(_Waiting(original, done))
        self._waiting_count += 1
        self._waiting_bytes += size
        try:
            await done
        finally:
            self._waiting_count -= 1
            self._waiting_bytes -= size

    @property
    def away_seconds(self) -> float | None:
        """For how long the log has been away; None while it is there."""
        away = self._away
        return None if away is None else time.monotonic() - away[0]

    def _hand_over(self) -> None:
        """Give the writer what has arrived in this turn of the loop, all at once."""
        arrived, self._gathered = self._gathered, []
        self._queue.put(arrived)

    def _refuse_if_away(self) -> None:
        away = self._away
        if away is not None:
            raise LogAway(away[1], time.monotonic() - away[0])

    # --- in the writer's thread

    def _run(self) -> None:
        try:
            self._work()
        except BaseException:
            self._away = time.monotonic(), "the front desk broke down; start the gateway again"
            raise
        finally:
            if self._log is not None:
                self._log.close()

    def _work(self) -> None:
        making = self._catch_up()
        open_for_more = True
        while open_for_more or making is not None:
            arrived, open_for_more = self._arrived(wait=making is None and open_for_more)
            if arrived or making is not None or self._log is None:
                making = self._write(arrived, making)

    def _arrived(self, *, wait: bool) -> tuple[list[_Waiting], bool]:
        """Return all that has arrived, and whether more may come; not later than the log is to be tried."""
        found: list[_Waiting] = []
        try:
            some = self._queue.get(block=wait, timeout=RETRY_SECONDS if wait and self._log is None else None)
            while some is not None:
                found += some
                some = self._queue.get_nowait()
        except queue.Empty:
            return found, True
        return found, False

    def _catch_up(self) -> Making | None:
        assert self._log is not None  # noqa: S101 - it is opened with the desk
        return self._read_behind(self._log)

    def _write(self, arrived: list[_Waiting], making: Making | None) -> Making | None:
        """Keep what has arrived and say what was made before; return what was made of what is unread now."""
        try:
            log = self._log = self._log or _Log(self._store, self._documents)
            first_id = log.commit([one.original for one in arrived], making, self._now)
            self._count(arrived, making)
            self._settle(arrived, None)
            return self._read(log, first_id, arrived)
        except StoreError as error:
            self._failed(arrived, error)
            return None

    def _read(self, log: "_Log", first_id: int, arrived: list[_Waiting]) -> Making | None:
        if not arrived or log.cursor != first_id:
            return self._read_behind(log)
        kept = [KeptOriginal(first_id + place, one.original) for place, one in enumerate(arrived)]
        return Making(first_id, first_id + len(kept), *self._make(kept))

    def _read_behind(self, log: "_Log") -> Making | None:
        kept = log.unread(ORIGINALS_A_READING)
        self.counts.unread_count = len(kept)
        return Making(log.cursor, kept[-1].id + 1, *self._make(kept)) if kept else None

    def _failed(self, arrived: list[_Waiting], error: StoreError) -> None:
        self.counts.failure_count += 1
        self._away = self._away[0] if self._away else time.monotonic(), str(error)
        if self._log is not None:
            self._log.close()
            self._log = None
        self._settle(arrived, error)

    def _count(self, arrived: list[_Waiting], making: Making | None) -> None:
        self._away = None
        self.counts.commit_count += 1
        self.counts.kept_count += len(arrived)
        if making is not None:
            self.counts.made_count += len(making.facts)
            self.counts.dead_count += len(making.dead)

    def _settle(self, arrived: list[_Waiting], error: StoreError | None) -> None:
        """Tell those who wait how it went, in their own thread."""
        if arrived:
            away = self.away_seconds or 0.0
            arrived[0].done.get_loop().call_soon_threadsafe(_tell, arrived, error, away)


def _tell(arrived: list[_Waiting], error: StoreError | None, away_seconds: float) -> None:
    for one in arrived:
        if one.done.done():  # the sender has gone
            continue
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(LogAway(str(error), away_seconds))


class _Log:
    """An open store, as the writer has it in hand.

    Raises:
        StoreError: The store does not serve.
    """

    def __init__(self, store: str, documents: Documents) -> None:
        self.database: Database = open_store(store, create=False, busy_seconds=BUSY_SECONDS)
        self._file = _identity(self.database.address.file)
        try:
            with self.database.alone() as connection:
                keep_mappings(connection, documents)
                self.cursor = next_unread(connection)
        except BaseException:
            self.database.close()
            raise

    def commit(self, originals: Sequence[Original], making: Making | None, now: TimeSource) -> int:
        """Write both in one transaction; return the number of the first original, 0 if there is none."""
        with self.database.alone() as connection:
            cursor, first_id = self.cursor, 0
            if making is not None:
                cursor = (
                    making.next_id if write_making(connection, making, now()) else next_unread(connection)
                )
            if originals:
                first_id = keep_originals(connection, originals)
        # A file that has been moved away takes commits as before; what it holds, nobody will find.
        if _identity(self.database.address.file) != self._file:
            raise StoreMissing(f"{self.database.address} was moved or replaced; put it back")
        self.cursor = cursor
        return first_id

    def unread(self, limit: int) -> list[KeptOriginal]:
        """Return the next originals of which nothing has been made."""
        with self.database.reading() as connection:
            return originals_from(connection, self.cursor, limit)

    def close(self) -> None:
        """Close it."""
        self.database.close()


def _identity(file: Path | None) -> tuple[int, int] | None:
    try:
        found = None if file is None else file.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)
