"""Letting go of requests whose term is over, beside whatever else runs on the store.

A thread of its own in the gateway's writer, in ``relevo pull`` and in ``relevo up``: it looks once a minute,
and deletes in small steps with pauses, so that nobody who waits for the store notices. Several at once do no
harm, and none of them is needed for anything but this.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from infra.store.database import Database
from infra.store.errors import StoreError
from infra.store.opening import open_store
from infra.store.retention import ORIGINALS_A_STEP, let_go
from infra.time_source import TimeSource, system_time

LOOK_SECONDS = 60.0
PAUSE_SECONDS = 0.1
"""Between two steps, for others to write."""

log = logging.getLogger(__name__)


@contextmanager
def letting_go(store: str, term: timedelta | None, now: TimeSource = system_time) -> Iterator[None]:
    """Let go of what is over its term while this is open.

    Args:
        store: The store's address.
        term: For how long requests are kept; None: for ever.
        now: Where the log takes its time from.
    """
    if term is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(store, term, now, stop), name="letting go", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def let_all_go(database: Database, term: timedelta, now: TimeSource, stop: threading.Event) -> int:
    """Let go of everything that is over its term, step by step; return how many requests that were."""
    gone = 0
    while not stop.is_set():
        with database.writing() as connection:
            step = let_go(connection, now(), term)
        gone += step
        if step < ORIGINALS_A_STEP or stop.wait(PAUSE_SECONDS):
            break
    return gone


def _run(store: str, term: timedelta, now: TimeSource, stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        try:
            with open_store(store, create=False) as database:
                let_all_go(database, term, now, stop)
        except StoreError as error:  # the next look may find it; those who need the store say so themselves
            log.info("%s; requests are let go of later", error)
