"""Who runs the line: a lock that goes with the process that holds it, however that ends.

Beside a store's file it is the operating system's; in PostgreSQL it is the server's, held by a session of its
own. It is neither a row nor a file's presence, so there is nothing to clean up after a crash.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.store.address import Address


class LineBusy(Exception):
    """Another process runs the line on this store."""

    def __init__(self, place: object, holder: str) -> None:
        super().__init__(
            f"{place} is run by another process ({holder or 'unknown'}); it decides what is appended"
        )
        self.holder = holder


def lock_path(file: Path) -> Path:
    """Return the lock's file for a store's file."""
    return file.with_name(file.name + ".lock")


@contextmanager
def line_lock(address: Address) -> Iterator[None]:
    """Hold the right to run the line on a store.

    Raises:
        LineBusy: Another process holds it.
    """
    holding = _in_database(address) if address.file is None else _beside(address.file)
    with holding:
        yield


@contextmanager
def _in_database(address: Address) -> Iterator[None]:
    from infra.store.postgresql import Taken, line_session  # noqa: PLC0415 - its driver is optional

    try:
        with line_session(address):
            yield
    except Taken as error:
        raise LineBusy(address, error.holder) from error


@contextmanager
def _beside(file: Path) -> Iterator[None]:
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
