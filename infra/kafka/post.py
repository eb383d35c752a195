"""One partition in the hands of this process, and the one thread that works it.

A post is **seated** while its partition is this process's: it has been taken over, and what is fetched from
there on is contiguous with what is decided. Whatever goes wrong unseats it; nothing is taken then until it
has been taken over again and the consumer has been told where to read on. What passes by itself (the store or
a broker is away) is waited for, with a line in the log; what does not stops the worker.
"""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from infra.gaps import Gap
from infra.kafka.errors import GapLasted
from infra.kafka.producing import Undelivered
from infra.kafka.tray import Tray
from infra.kafka.work import Fetched, Work
from infra.store.caught_up import StoreBehind
from infra.store.errors import StoreUnavailable
from infra.store.positions import Fenced

AHEAD = 8
"""Batches of a partition in this process at most, the one in hand included, however small they are."""

PARTING_SECONDS = 2
"""How long what a partition says is waited for while it is given back: a process that stops has ten seconds
for everything, and whoever takes the partition over sends again what the outbox holds."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Leaving(Exception):
    """The partition is being given back: the work stops behind the commit in hand."""


class Hole(Exception):
    """What was fetched lies beyond what is decided: something in between was lost on its way through here."""


WAITED_FOR = (StoreUnavailable, StoreBehind, Undelivered)
"""What is waited for to pass: the store is away or has to catch up, or a broker is away."""


class Post:
    """One partition in the hands of this process.

    Attributes:
        name: Who works here, as ``scoring/3``.
        number: The partition.
        seated: Whether it is this process's, and contiguous with what is fetched.
        waits_for: What it waits for to come back, in words; None while it waits for nothing.
        outstanding: The ends of the batches that were fetched and are not done.
        stirred_at: When it last got anywhere, on the monotonic clock.
        next_offset: The first offset that is not decided.
        fences: How often another process had taken the partition over.
    """

    def __init__(
        self,
        worker: str,
        number: int,
        hire: Callable[["Post"], Work],
        took: Callable[[float], object] = lambda _: None,
    ) -> None:
        self.name = f"{worker}/{number}"
        self.number = number
        self.seated = False
        self.waits_for: str | None = None
        self.outstanding: set[int] = set()
        self.stirred_at = time.monotonic()
        self.next_offset = 0
        self.fences = 0
        self._work = hire(self)
        self._took = took
        self._tray = Tray()
        self._turn = asyncio.Lock()
        self._leaving = threading.Event()
        self._leaves_by = math.inf
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.name)
        self._pause_seconds = FIRST_PAUSE_SECONDS

    @property
    def wants(self) -> bool:
        """Whether it takes another batch."""
        return self.seated and len(self.outstanding) < AHEAD and not self._tray.is_full

    @property
    def leaving(self) -> bool:
        """Whether the partition is being given back."""
        return self._leaving.is_set()

    def is_late(self) -> bool:
        """Say whether the partition should have been given back by now."""
        return time.monotonic() > self._leaves_by

    def stir(self) -> None:
        """Take note that it got somewhere; called behind every commit.

        Raises:
            Leaving: The partition is being given back, so this is where to stop.
        """
        self.stirred_at = time.monotonic()
        if self._leaving.is_set():
            raise Leaving(self.name)

    # --- from the event loop

    async def sit(self) -> int | None:
        """Take the partition over; return where to read on, or None if it is being given back."""
        self._leaves_by = math.inf
        self._leaving.clear()
        self.outstanding.clear()
        self._tray.clear()
        return await self._in_thread(self._take_over)

    def take_seat(self) -> None:
        """Take batches from here on, unless the partition is being given back already."""
        self.seated = not self._leaving.is_set()

    async def do(self, fetched: Fetched) -> bool:
        """Decide what was fetched, with what else waits; False: the partition must be taken over again.

        Raises:
            Exception: Whatever must stop the worker.
        """
        self._tray.put(fetched)
        try:
            async with self._turn:
                batch = await self._tray.gather()
                if batch is None:
                    return True
                begun = time.monotonic()
                done = await self._in_thread(lambda: self._do(batch))
                self._tray.took(seconds := time.monotonic() - begun)
                self._took(seconds)
                return done
        finally:
            self.outstanding.discard(fetched.end)

    def unseat(self) -> None:
        """Take nothing more; a batch in hand stops behind its commit."""
        self.seated = False
        self._tray.clear()
        self._leaves_by = min(self._leaves_by, time.monotonic() + PARTING_SECONDS)
        self._leaving.set()

    async def rest(self) -> None:
        """Return when nothing is in hand."""
        await self._in_thread(lambda: None)

    async def close(self) -> None:
        """Give the partition back for good."""
        self.unseat()
        await self._in_thread(self._work.close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, job: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    # --- in the thread

    def _take_over(self) -> int | None:
        while not self._leaving.is_set():
            try:
                self.next_offset = self._work.take_over()
            except Leaving:
                break
            except WAITED_FOR as error:
                self._wait_for(error)
                continue
            self.waits_for = None
            self.stirred_at = time.monotonic()
            return self.next_offset
        return None

    def _do(self, fetched: Fetched) -> bool:
        if not self.seated:
            return True
        self.stirred_at = time.monotonic()
        try:
            self._decide(fetched)
        except Leaving:
            self.seated = False
        except Gap as gap:  # it has been waited for long enough
            raise GapLasted(gap) from gap
        except (Fenced, Hole, *WAITED_FOR) as error:
            self.fences += isinstance(error, Fenced)
            return self._lost_seat(error)
        else:
            self._pause_seconds = FIRST_PAUSE_SECONDS
            self.stirred_at = time.monotonic()
        return True

    def _decide(self, fetched: Fetched) -> None:
        if fetched.begin > self.next_offset:
            raise Hole(
                f"{self.name} stands at {self.next_offset}; what was fetched begins at {fetched.begin}"
            )
        fresh = [one for one in fetched.records if one.offset >= self.next_offset]
        if fresh:
            self._work.process(fresh)
            self.next_offset = fetched.end

    def _lost_seat(self, error: Exception) -> bool:
        self.seated = False
        if self.leaving:
            _log.warning("%s is given back, and whoever takes it over goes on: %s", self.name, error)
        else:
            self._wait_for(error)
        return False

    def _wait_for(self, error: Exception) -> None:
        """Say what went wrong and pause, longer each time; what is not ours to mend is waited for."""
        self.waits_for = str(error)
        _log.warning("%s takes its partition over again in %.1f s: %s", self.name, self._pause_seconds, error)
        self._leaving.wait(self._pause_seconds)
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
