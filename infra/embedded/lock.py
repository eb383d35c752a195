"""Who runs the line: a lock that goes with the process that holds it, however that ends.

Beside a store's file it is the operating system's; in PostgreSQL it is the server's, held by a session of its
own. It is neither a row nor a file's presence, so there is nothing to clean up after a crash. Who holds it
says whether that is until somebody stops it, or until what waits is decided, which is worth waiting for.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.store.address import Address
from infra.store.errors import StoreFull, StoreUnusable

STAYING = "relevo up"
"""As whom a process signs that holds the line until somebody stops it."""


class LineBusy(Exception):
    """Another process runs the line on this store.

    Attributes:
        holder: Who it is, in words.
        passing: Whether it goes by itself, when it has decided what waits.
    """

    def __init__(
        self,
        place: object,
        holder: str,
        *,
        passing: bool = False,
        remedy: str = "leave the line to it, or stop it first",
    ) -> None:
        super().__init__(
            f"{place} is run by another process ({holder or 'unknown'}), which decides what is appended; "
            f"{remedy}"
        )
        self.holder = holder
        self.passing = passing

    @property
    def waiting(self) -> str:
        """What is said to who waits until it is done."""
        holder = self.holder or "another process"  # which has just begun, or on a full disk
        return f"Waiting for {holder}, which has the line until it is done."


def lock_path(file: Path) -> Path:
    """Return the lock's file for a store's file."""
    return file.with_name(file.name + ".lock")


@contextmanager
def line_lock(address: Address, *, stays: bool = False) -> Iterator[None]:
    """Hold the right to run the line on a store.

    Args:
        address: The store's.
        stays: Whether it is held until somebody stops this process, and not for a piece of work.

    Raises:
        LineBusy: Another process holds it.
        StoreFull, StoreUnusable: The lock's file cannot be made.
    """
    role = STAYING if stays else "relevo"
    holding = _in_database(address, role) if address.file is None else _beside(address.file, role)
    with holding:
        yield


@contextmanager
def _in_database(address: Address, role: str) -> Iterator[None]:
    from infra.store.postgresql import Taken, line_session  # noqa: PLC0415 - its driver is optional

    try:
        with line_session(address, role):
            yield
    except Taken as error:
        raise _busy(address, error.holder) from error


@contextmanager
def _beside(file: Path, role: str) -> Iterator[None]:
    handle = _opened(lock_path(file))
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(file, os.pread(handle, 64, 0).decode()) from error
        _sign(handle, f"{role}, process {os.getpid()}")
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _busy(place: object, holder: str) -> LineBusy:
    return LineBusy(place, holder, passing=not holder.startswith(STAYING))


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
