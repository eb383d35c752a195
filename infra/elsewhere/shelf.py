"""A shelf of files: which there are, what tells one version of a file from the next, and reading one.

A shelf promises that a file is read in one version or not at all: where it is written to meanwhile,
``FileChanged`` comes at the end of reading, and what has been read last does not count.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """A file on a shelf.

    Attributes:
        name: Its path on the shelf.
        version: What tells it from what stands there under the same name another time.
        changed_at: When it was last written to, by the shelf's clock (UTC, aware).
    """

    name: str
    version: str
    changed_at: datetime


class Shelf(Protocol):
    """A folder or a bucket."""

    def entries(self) -> Iterable[Entry]:
        """Return the files that are meant, those that were written first coming first.

        Raises:
            SourceAway: It does not answer now.
            SourceUnfit: It is not there, or may not be looked at.
        """

    def opened(self, entry: Entry) -> AbstractContextManager[BinaryIO]:
        """Open a file to be read, and close it.

        Raises:
            FileChanged: It is another version, or has become one at the end.
            SourceAway: It cannot be read now.
        """
