"""How a test waits for what happens elsewhere: in a process, a thread or a server."""

import threading
import time
from collections.abc import Callable

PATIENCE_SECONDS = 90


class TookTooLong(Exception):
    """What a test waited for did not happen."""


def wait_for(what: str, happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Return when something has happened."""
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            raise TookTooLong(what)
        threading.Event().wait(0.1)
