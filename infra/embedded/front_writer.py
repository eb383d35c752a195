"""The front desk's writer: a process of its own that puts requests on the disk and facts into the log.

It reads requests from a pipe, keeps all that have come in one transaction, and tells the gateway how many are
safe. Only then are they read, when nobody waits or, a few at a time, when they have waited for two seconds;
the facts made of them go with a later commit. Where reading stands is a row of the store, moved in the same
transaction as the facts: what a crash left unread is read at the next start, and never twice.

A process and not a thread, because the interpreter runs one thread at a time: the gateway answers while this
one writes. When the gateway is gone, however that came about, the pipe ends, what has come is written, and
the process ends.
"""

import json
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from infra.arrivals import Documents, MadeFact, MadeLetter, Making, Original
from infra.store.database import Database
from infra.store.errors import StoreError, StoreMissing
from infra.store.opening import open_store
from infra.store.originals import (
    KeptOriginal,
    keep_mappings,
    keep_originals,
    mapping_documents,
    next_unread,
    originals_from,
    write_making,
)
from infra.time_source import TimeSource, system_time

BUSY_SECONDS = 2.0
"""How long a commit waits for another process; senders give up after five seconds."""
RETRY_SECONDS = 1.0
READ_AT_ONCE = 400
"""Originals that are read together."""
READ_BYTES_AT_ONCE = 128 * 1024
"""And so much of them: reading takes some 10 ms then, for which nothing is written."""
MOST_UNREAD_BYTES = 16 * 1024 * 1024
"""What is unread beyond that is read from the store again, so that memory stays flat."""
READ_AFTER_SECONDS = 2.0
"""How long an original waits to be read while more keep coming: acknowledging goes first."""
READ_UNDER_PRESSURE = 50
"""And so many are read then after each commit, while the gateway answers: more than have come with it."""
IDLE_SECONDS = 0.005
"""When nothing has come for so long there is time to read."""
_PIECE = 64 * 1024
"""Received at once; room for a megabyte took longer to make than what stood in it to keep."""
_MOST_TAKEN_BYTES = 16 * 1024 * 1024
"""Taken off the pipe before it is looked at."""


class Onward(Protocol):
    """Who carries facts on where the log is not the store's own.

    Attributes:
        waiting_count: How many facts wait because it cannot.
        look_seconds: How often to look at that; None: never.
    """

    waiting_count: int
    look_seconds: float | None

    def wake(self) -> None:
        """Carry on what there is."""


class Arrived:
    """Where the store is the log: what is in it has arrived."""

    waiting_count = 0
    look_seconds: float | None = None

    def wake(self) -> None:
        """Do nothing."""


Made = tuple[Sequence[MadeFact], Sequence[MadeLetter]]
Maker = Callable[[Sequence[KeptOriginal]], Made]
"""Makes facts and dead letters of originals. It never raises on what they hold."""

_LENGTH = struct.Struct("!I")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Original).decode


def packed(original: Original) -> bytes:
    """Return a request as it goes through the pipe: its length, then its fields as MessagePack."""
    fields = _pack(original)
    return _LENGTH.pack(len(fields)) + fields


class _Pipe:
    """The writer's end of the pipe.

    Args:
        end: A connected socket.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._bytes = bytearray()
        self.is_open = True

    def arrived(self, wait_seconds: float | None) -> list[Original]:
        """Return what has come, after waiting for it this long; None: for as long as it takes."""
        if self.is_open and select.select([self._end], [], [], wait_seconds)[0]:
            self._take()
        return list(self._complete())

    def tell(self, said: Mapping[str, object]) -> None:
        """Tell the gateway something; nobody hears it when it is gone."""
        try:
            self._end.sendall(json.dumps(said).encode() + b"\n")
        except OSError:
            self.is_open = False

    def _take(self) -> None:
        while True:
            piece = self._received()
            self._bytes += piece
            if not piece:
                self.is_open = False
            if (
                not piece
                or not select.select([self._end], [], [], 0)[0]
                or len(self._bytes) > _MOST_TAKEN_BYTES
            ):
                return

    def _received(self) -> bytes:
        try:
            return self._end.recv(_PIECE)
        except OSError:
            return b""

    def _complete(self) -> Iterator[Original]:
        start, end = 0, len(self._bytes)
        with memoryview(self._bytes) as come:
            while end - start >= _LENGTH.size:
                first = start + _LENGTH.size
                after = first + _LENGTH.unpack_from(come, start)[0]
                if after > end:
                    break
                yield _unpack(come[first:after])
                start = after
        del self._bytes[:start]


@dataclass(slots=True)
class _Counts:
    commit_count: int = 0
    made_count: int = 0
    dead_count: int = 0


class Writer:
    """The writer at work.

    Args:
        end: Its end of the pipe.
        store: The store's address.
        maker: Returns what makes facts of originals, given every mapping there has been.
        documents: The mappings in force.
        onward: Told when there are facts; None: the store is the log.
        now: Where the log takes its time from.
    """

    def __init__(
        self,
        end: socket.socket,
        store: str,
        maker: Callable[[Documents], Maker],
        documents: Documents,
        *,
        onward: Onward | None = None,
        now: TimeSource = system_time,
    ) -> None:
        self._pipe = _Pipe(end)
        self._onward = onward or Arrived()
        self._store = store
        self._maker = maker
        self._documents = documents
        self._now = now
        self._counts = _Counts()
        self._log: _Log | None = None
        self._has_failed = False
        self._make: Maker | None = None
        self._made: Making | None = None
        """What has been read while requests kept coming; it goes with the next commit."""
        self._unread: deque[tuple[KeptOriginal, float]] = deque()
        """What has been kept by this process and not been read, in order and without gaps, and since when."""
        self._unread_bytes = 0
        self._is_behind = True
        """Whether the store has originals before those in hand that nothing has been made of."""

    def run(self) -> None:
        """Write until the gateway is gone."""
        while self._pipe.is_open or (self._log is not None and self._has_to_read()):
            arrived = self._pipe.arrived(self._patience())
            try:
                self._write(arrived)
            except StoreError as error:
                self._failed(arrived, error)
                if not self._pipe.is_open:
                    return
        if self._log is not None:
            self._log.close()

    def _patience(self) -> float | None:
        if self._log is None:
            return RETRY_SECONDS if self._has_failed else 0.0
        return IDLE_SECONDS if self._has_to_read() else self._onward.look_seconds

    def _has_to_read(self) -> bool:
        return bool(self._unread) or self._is_behind or self._made is not None

    def _write(self, arrived: list[Original]) -> None:
        log = self._log
        if log is None:
            log = self._log = _Log(self._store, self._documents)
            self._make = self._maker(log.documents)
            self._is_behind = True
        making, self._made = self._made, None
        if making is None and (self._is_behind or not arrived):
            making = self._making(log, READ_UNDER_PRESSURE if arrived else READ_AT_ONCE)
        if arrived or making is not None:
            first_id = log.commit(arrived, making, self._now)
            if making is not None and log.cursor != making.next_id:  # another process reads here as well
                self._forget_unread()
            self._keep_in_hand(log, first_id, arrived)
            self._count(making)
        self._pipe.tell(self._said(len(arrived), None))
        if arrived and not self._is_behind and self._is_overdue():
            self._made = self._making(log, READ_UNDER_PRESSURE)

    def _making(self, log: "_Log", limit: int) -> Making | None:
        """Return what is made of the next unread originals, if there are any."""
        assert self._make is not None  # noqa: S101 - it comes with the log
        if self._is_behind:
            kept = log.unread(limit)
            self._is_behind = bool(kept)
        else:
            kept = self._next_unread(limit)
        return Making(log.cursor, kept[-1].id + 1, *self._make(kept)) if kept else None

    def _next_unread(self, limit: int) -> list[KeptOriginal]:
        kept: list[KeptOriginal] = []
        size = 0
        while self._unread and len(kept) < limit and size < READ_BYTES_AT_ONCE:
            kept.append(self._unread.popleft()[0])
            size += len(kept[-1].original.body)
        self._unread_bytes -= size
        return kept

    def _is_overdue(self) -> bool:
        return bool(self._unread) and time.monotonic() - self._unread[0][1] >= READ_AFTER_SECONDS

    def _keep_in_hand(self, log: "_Log", first_id: int, arrived: list[Original]) -> None:
        if not arrived:
            return
        expected = self._unread[-1][0].id + 1 if self._unread else log.cursor
        if self._is_behind or first_id != expected or self._unread_bytes > MOST_UNREAD_BYTES:
            self._forget_unread()
            return
        now = time.monotonic()
        self._unread.extend((KeptOriginal(first_id + place, one), now) for place, one in enumerate(arrived))
        self._unread_bytes += sum(len(one.body) for one in arrived)

    def _forget_unread(self) -> None:
        """Leave what is unread, and what was made of it and not written, to be read from the store."""
        self._made = None
        self._unread.clear()
        self._unread_bytes = 0
        self._is_behind = True

    def _failed(self, arrived: list[Original], error: StoreError) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
        self._has_failed = True
        self._forget_unread()
        self._pipe.tell(self._said(len(arrived), str(error)))

    def _count(self, making: Making | None) -> None:
        self._counts.commit_count += 1
        if making is not None:
            self._counts.made_count += len(making.facts)
            self._counts.dead_count += len(making.dead)
            self._onward.wake()

    def _said(self, arrived_count: int, error: str | None) -> dict[str, object]:
        counts = self._counts
        return {
            "arrived": arrived_count,
            "error": error,
            "commits": counts.commit_count,
            "facts": counts.made_count,
            "dead": counts.dead_count,
            "unread": len(self._unread),
            "unsent": self._onward.waiting_count,
        }


class _Log:
    """An open store, as the writer has it in hand.

    Raises:
        StoreError: The store does not serve.
    """

    def __init__(self, store: str, documents: Documents) -> None:
        self.database: Database = open_store(store, create=False, busy_seconds=BUSY_SECONDS)
        self._file = _identity(self.database.address.file)
        try:
            with self.database.writing() as connection:
                keep_mappings(connection, documents)
                self.documents = mapping_documents(connection)
                self.cursor = next_unread(connection)
        except BaseException:
            self.database.close()
            raise

    def commit(self, originals: Sequence[Original], making: Making | None, now: TimeSource) -> int:
        """Write both in one transaction; return the number of the first original, 0 if there is none."""
        with self.database.writing() as connection:
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
            self.cursor = next_unread(connection)
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
