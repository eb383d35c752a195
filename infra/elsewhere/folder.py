"""A folder of this machine as a shelf of files.

A version is a size and an instant of writing. Names that begin with a dot are not meant: programs that write
a file under another name first, and then rename it, mark it so.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from os import stat_result
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from infra.elsewhere.away import FileChanged, SourceAway, SourceUnfit
from infra.elsewhere.shelf import Entry


class Folder:
    """A folder.

    Args:
        path: Where it is.
        patterns: Which files are meant, as ``Path.glob`` has it.
    """

    def __init__(self, path: Path, patterns: Sequence[str]) -> None:
        self._path = path
        self._patterns = patterns
        self._paths: dict[str, Path] = {}

    def entries(self) -> list[Entry]:
        """Return the files that are meant, those that were written first coming first."""
        if not self._path.is_dir():
            raise SourceUnfit(f"there is no folder {self._path}")
        try:
            found = {path for pattern in self._patterns for path in self._path.glob(pattern)}
        except OSError as error:
            raise _away(self._path, error) from error
        entries = [entry for path in found if (entry := self._entry(path)) is not None]
        return sorted(entries, key=lambda one: (one.changed_at, one.name))

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open a file; see that it is the same at the end."""
        path = self._paths.get(entry.name, self._path / entry.name)
        try:
            with path.open("rb") as file:
                yield file
            now = _version(path.stat())
        except OSError as error:
            raise FileChanged(f"{entry.name} cannot be read: {_said(error)}") from error
        if now != entry.version:
            raise FileChanged(f"{entry.name} was written to while it was read; the next look reads it again")

    def _entry(self, path: Path) -> Entry | None:
        try:
            found = path.stat()
        except OSError:  # gone since it was listed, or a link to nowhere
            return None
        below = path.relative_to(self._path)
        if not S_ISREG(found.st_mode) or any(part.startswith(".") for part in below.parts):
            return None
        # A name that is no UTF-8 comes with half characters in it, which no store takes.
        name = below.as_posix().encode("utf-8", "backslashreplace").decode()
        self._paths[name] = path
        return Entry(name, _version(found), datetime.fromtimestamp(found.st_mtime, UTC))


def _version(found: stat_result) -> str:
    return f"{found.st_size}:{found.st_mtime_ns}"


def _away(path: Path, error: OSError) -> SourceAway:
    return SourceAway(f"{path} cannot be read: {_said(error)}")


def _said(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
