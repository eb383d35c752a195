"""A process that hangs ends, with the stacks of its threads, so that another can take its partitions.

A partition has work when it was handed records that are not done, or when the log holds records that were
not fetched. If it then gets nowhere for 30 seconds, the process ends at once: by the protocol that is a
crash, and a crash loses nothing. Waiting for the store or for a broker is no hang, and having been frozen
with the whole process is none either. It is a thread of its own: the event loop may be what hangs.
"""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE_SECONDS = 30
LOOK_SECONDS = 1.0
HUNG = 70
"""The exit code of a process that hung (EX_SOFTWARE)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One partition as the watchdog sees it: whether it has work, and when it last got anywhere."""

    name: str
    has_work: bool
    stirred_at: float


def end_at_once(stalled: str) -> None:
    """End the process, with every thread's stack."""
    _log.critical("%s; this process ends, and its stacks follow", stalled)
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    os._exit(HUNG)


@contextmanager
def done_within(seconds: float, what: str) -> Iterator[None]:
    """End the process, with its stacks, when what is done in here takes longer than so many seconds."""
    last_call = threading.Timer(seconds, end_at_once, [f"{what} took longer than {seconds:g} s"])
    last_call.daemon = True
    last_call.start()
    try:
        yield
    finally:
        last_call.cancel()


class Watchdog:
    """Looks once a second.

    Args:
        look: Returns what there is to see.
        excuse: Asked last, before anything is done: whether nobody could get anywhere now.
        bark: Called once, with what hangs, in words.
    """

    def __init__(
        self,
        look: Callable[[], Iterable[Sighting]],
        *,
        excuse: Callable[[], bool] = bool,
        bark: Callable[[str], None] = end_at_once,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._look = look
        self._excuse = excuse
        self._bark = bark
        self._patience = patience_seconds
        self._stop = threading.Event()
        self._looked_at: float | None = None
        self._excused_at: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def stalled(self, now: float) -> str | None:
        """Return what hangs, in words, or None.

        Args:
            now: The monotonic clock's time, in seconds.
        """
        was_frozen = self._looked_at is not None and now - self._looked_at > self._patience / 2
        self._looked_at = now
        for one in self._look():
            if was_frozen or not one.has_work:
                self._excused_at[one.name] = now
                continue
            since = max(one.stirred_at, self._excused_at.get(one.name, one.stirred_at))
            if now - since <= self._patience:
                continue
            if not self._excuse():
                return f"{one.name} has had work for {now - since:.0f} s and gets nowhere"
            self._excused_at[one.name] = now
        return None

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            if (stalled := self.stalled(time.monotonic())) is not None:
                self._bark(stalled)
                return
