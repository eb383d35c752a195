"""Trying again when a store does not serve now: at growing intervals, for a while, and saying so.

Meant for what passes within seconds: two processes in each other's way, a connection that broke, a server
that restarts. Whoever has more time than that (a host, for days) catches ``StoreUnavailable`` itself, says
that it waits, and begins anew from the store; ``pauses`` tells it how long.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from random import uniform
from typing import TypeVar

from infra.store.errors import StoreUnavailable

Found = TypeVar("Found")

PATIENCE_SECONDS = 5.0
"""Longer than a deadlock or a broken connection takes, shorter than anybody's watchdog."""
_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 5.0

log = logging.getLogger(__name__)


def pauses(first: float = _FIRST_SECONDS, longest: float = _LONGEST_SECONDS) -> Iterator[float]:
    """Yield how long to wait before each next try, in seconds: doubling, and never quite like another's."""
    seconds = first
    while True:
        yield seconds * uniform(0.5, 1)  # noqa: S311 - keeps processes apart, guards nothing
        seconds = min(2 * seconds, longest)


def patiently(
    work: Callable[[], Found],
    *,
    seconds: float = PATIENCE_SECONDS,
    wait: Callable[[float], object] | None = None,
) -> Found:
    """Do work that leaves nothing behind when it fails, again and again while the store does not serve.

    Each reason is logged once, however often it is met.

    Args:
        work: What to do; it begins from the start each time.
        seconds: How long to go on trying.
        wait: Waits so many seconds.

    Raises:
        StoreUnavailable: It did not serve for so long.
    """
    wait, until = wait or threading.Event().wait, time.monotonic() + seconds
    said: set[str] = set()
    for pause in pauses():
        try:
            return work()
        except StoreUnavailable as error:
            if time.monotonic() + pause > until:
                raise
            if str(error) not in said:
                said.add(str(error))
                log.warning("%s; trying again for %g s", error, seconds)
        wait(pause)
    raise AssertionError("pauses never end")
