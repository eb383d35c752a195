"""What was fetched of a partition and waits for its thread, which takes it together.

A commit costs as much as deciding fifty entries or more. A partition that keeps up would make one of each
handful that comes, and a line that is short of cores spends itself on them. So a partition rests behind a
commit, for longer where commits take long, and what comes meanwhile goes into one; where a whole batch waits,
it does not (ADR-0021).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from infra.kafka.work import Fetched

RECORDS_A_BATCH = 2000
"""Records that are a whole batch: a fetch brings no more, and a commit takes no more."""

REST, LONGEST_REST_SECONDS = 2.0, 1.0
"""How long it rests, as a multiple of what the commit took, and at most."""

_LOOK_SECONDS = 0.02


class Tray:
    """Batches that wait, in their order; all of it on one event loop.

    Args:
        now: A clock that never goes back, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._waiting: deque[Fetched] = deque()
        self._rests_until = 0.0

    @property
    def is_full(self) -> bool:
        """Whether a whole batch waits."""
        return sum(len(one.records) for one in self._waiting) >= RECORDS_A_BATCH

    def put(self, fetched: Fetched) -> None:
        """Add what was fetched."""
        self._waiting.append(fetched)

    def clear(self) -> None:
        """Forget what waits, and rest no longer."""
        self._waiting.clear()
        self._rests_until = 0.0

    def took(self, seconds: float) -> None:
        """Take note of how long it took to decide and commit a batch."""
        self._rests_until = self._now() + min(REST * seconds, LONGEST_REST_SECONDS)

    async def gather(self) -> Fetched | None:
        """Return what waits, as one batch, when the partition has rested; None if nothing waits any more.

        Only what follows on another is taken with it, and no more than is a whole batch.
        """
        while self._waiting and not self.is_full and (left := self._rests_until - self._now()) > 0:
            await asyncio.sleep(min(left, _LOOK_SECONDS))
        if not self._waiting:
            return None
        batch = self._waiting.popleft()
        while self._waiting and (more := _joined(batch, self._waiting[0])) is not None:
            batch = more
            self._waiting.popleft()
        return batch


def _joined(one: Fetched, other: Fetched) -> Fetched | None:
    if other.begin != one.end or len(one.records) + len(other.records) > RECORDS_A_BATCH:
        return None
    return Fetched(one.partition, one.begin, [*one.records, *other.records])
