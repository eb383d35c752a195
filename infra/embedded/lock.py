"""Who runs the line: a lock that goes with the process that holds it, however that ends.

Beside a store's file it is the operating system's; in PostgreSQL it is the server's, held by a session of its
own. It is neither a row nor a file's presence, so there is nothing to clean up after a crash.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.store.address import Address
from infra.store.errors import StoreFull, StoreUnusable


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
        StoreFull, StoreUnusable: The lock's file cannot be made.
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
    handle = _opened(lock_path(file))
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LineBusy(file, os.pread(handle, 64, 0).decode()) from error
        _sign(handle, f"process {os.getpid()}")
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreFull(f"{path}: the disk is full; free some space and run it again") from error
        remedy = "give this user leave to write there"
        raise StoreUnusable(
            f"{path}: the line's lock cannot be taken ({error.strerror}); {remedy}"
        ) from error


def _sign(handle: int, name: str) -> None:
    """Write into the lock who holds it; on a full disk it stays nameless, and holds all the same."""
    os.ftruncate(handle, 0)
    with suppress(OSError):
        os.pwrite(handle, name.encode(), 0)
