"""Reading CSV files wherever they stand: each version of a file once, each of its rows by its content.

A file that has grown, was renamed or came again is another version, and read whole; rows that were taken fall
away, so that only what is new counts. A row that is none becomes a dead letter with the file and the line. A
file whose header lacks a column that the mapping names is put aside as a whole, until the file or the mapping
is another: half of its facts would be worse than none.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from infra.arrivals import Original
from infra.elsewhere.away import FileChanged, SourceUnfit
from infra.elsewhere.folder import Folder
from infra.elsewhere.shelf import Entry, Shelf
from infra.store.pulls import Batch, Position
from infra.time_source import TimeSource
from services.imports.source import SourceUnusable
from services.imports.tables import Record, check_header, records
from services.intake.pulling.file_forms import BucketPull, FilesPull, FolderPull
from services.intake.pulling.origin import ROWS_A_BATCH, Keeper, Notice
from services.intake.pulling.rows import Row, RowMapping
from services.intake.sources import Source

Kept = tuple[bytes, Original]

_GZIP = b"\x1f\x8b"


def folder_origin(source: Source, now: TimeSource) -> "FilesOrigin":
    """Return the origin of a source of kind ``csv_folder``."""
    pull: FolderPull = source.pull
    return FilesOrigin(source, Folder(Path(pull.folder), pull.patterns), now, settle=pull.settle)


def bucket_origin(source: Source, now: TimeSource) -> "FilesOrigin":
    """Return the origin of a source of kind ``s3``.

    Raises:
        SourceUnfit: What reads buckets is not installed.
    """
    try:
        from infra.elsewhere.bucket import Bucket, BucketForm  # noqa: PLC0415 - its library is optional
    except ModuleNotFoundError as error:
        raise SourceUnfit(f"{error.name} is not installed; install relevo with its s3 extra") from error
    pull: BucketPull = source.pull
    keys = [name and source.pull_secrets[name] for name in (pull.access_key_env, pull.secret_key_env)]
    form = BucketForm(pull.bucket, pull.prefix, pull.region, pull.endpoint, *keys)
    return FilesOrigin(source, Bucket(form, pull.patterns), now)


class FilesOrigin:
    """CSV files on a shelf.

    Args:
        source: The source.
        shelf: Where they stand.
        now: The time.
        settle: For how long a file must not have been written to; zero where it appears whole.
    """

    def __init__(
        self, source: Source, shelf: Shelf, now: TimeSource, *, settle: timedelta = timedelta()
    ) -> None:
        assert isinstance(source.mapping, RowMapping)  # noqa: S101 - it is of the kind
        self._pull: FilesPull = source.pull
        self._mapping = source.mapping
        self._refused = f" refused under {source.mapping_digest}"
        self._shelf = shelf
        self._now = now
        self._settle = settle
        self._keeper = Keeper(source, now)

    def batches(self, position: Position, files: Mapping[str, str]) -> Iterator[Batch | Notice]:
        """Read every file that is new, has changed, and is not being written to."""
        for entry in self._shelf.entries():
            version = self._version(entry)
            known = files.get(entry.name) in (version, version + self._refused)
            if not known and abs(self._now() - entry.changed_at) >= self._settle:
                yield from self._file(entry)

    def close(self) -> None:
        """Nothing is open between two looks."""

    def _version(self, entry: Entry) -> str:
        """Return what a file was read as: another delimiter or encoding reads other rows."""
        return f"{entry.version} {self._pull.encoding} {self._pull.delimiter!r}"

    def _file(self, entry: Entry) -> Iterator[Batch | Notice]:
        """Yield a file's rows; the last with the note that it is done, once it is sure to be whole."""
        waiting: list[Kept] = []
        done = self._version(entry)
        try:
            with self._shelf.opened(entry) as file:
                for kept in self._rows(entry, file):
                    if len(waiting) == ROWS_A_BATCH:
                        yield Batch(waiting)
                        waiting = []
                    waiting.append(kept)
        except FileChanged as error:
            yield Notice(str(error))
            return
        except SourceUnusable as error:
            waiting = [self._keeper.problem(entry.name, str(error), f"{entry.name} {entry.version}".encode())]
            done += self._refused
        yield Batch(waiting, files={entry.name: done})

    def _rows(self, entry: Entry, file: BinaryIO) -> Iterator[Kept]:
        found = records(
            _unpacked(file), entry.name, self._pull.encoding, self._pull.delimiter, errors="surrogateescape"
        )
        try:
            first = next(found, None)
            if first is None:  # an empty file says nothing
                return
            header = self._header(entry.name, first)
            for record in found:
                # The header stands again where files were put together; a row may have nothing in it.
                if isinstance(record.cells, str) or (any(names := _names(record)) and names != header):
                    yield self._row(header, record)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problem = "the file is no whole gzip; compress it anew"
            raw = f"{entry.name} {entry.version}".encode()
            yield self._keeper.problem(f"{entry.name}", f"{problem} ({error})", raw)

    def _header(self, name: str, first: Record) -> list[str]:
        header = _names(first)
        if not any(header):
            raise SourceUnusable(f"{name} has no header in its first line", "name the columns there")
        check_header(name, header, self._mapping.columns)
        return header

    def _row(self, header: Sequence[str], record: Record) -> Kept:
        problem = _problem(header, record)
        if problem is not None:
            return self._keeper.problem(record.where, problem, record.raw)
        cells = [cell.strip() for cell in record.cells]
        row = Row(record.where, dict(zip(header, cells, strict=True)))
        return self._keeper.rows([row])[0]


def _names(record: Record) -> list[str]:
    return [] if isinstance(record.cells, str) else [cell.strip() for cell in record.cells]


def _problem(header: Sequence[str], record: Record) -> str | None:
    if isinstance(record.cells, str):
        return record.cells
    if len(record.cells) != len(header):
        return f"the row has {len(record.cells)} cells where the header has {len(header)}"
    if any("\udc80" <= letter <= "\udcff" for cell in record.cells for letter in cell):
        return "the row is no text in the encoding that the source names"
    return None


def _unpacked(file: BinaryIO) -> BinaryIO:
    """Return what a file holds, decompressed where it is gzip."""
    is_packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return gzip.GzipFile(fileobj=file, mode="rb") if is_packed else file  # type: ignore[return-value]
