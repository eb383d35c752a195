"""Who runs the line: an operating-system lock beside the store's file.

The lock is the kernel's, not a row or a file's presence: it goes with the process that holds it, however
that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LineBusy(Exception):
    """Another process runs the line on this store."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(
            f"{path} is run by another process ({holder or 'unknown'}); it decides what is appended"
        )
        self.holder = holder


def lock_path(file: Path) -> Path:
    """Return the lock's file for a store's file."""
    return file.with_name(file.name + ".lock")


@contextmanager
def line_lock(file: Path) -> Iterator[None]:
    """Hold the right to run the line on a store.

    Raises:
        LineBusy: Another process holds it.
    """
    path = lock_path(file)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise LineBusy(file, handle.read().strip()) from error
        handle.truncate(0)
        handle.write(f"process {os.getpid()}")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
