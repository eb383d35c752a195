"""Tables: a CSV file as rows that remember where they stood and which bytes they were.

The file is looked at twice. Opening surveys it: the digest that names the import, the number of lines,
whether it decodes from end to end, whether the header has the columns asked for. What fails then fails
before anything is said. Reading then yields a row at a time and keeps nothing, so size does not matter; a
row whose cells do not match the header goes aside with its bytes, and the next one is read.
"""

import codecs
import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from pydantic import ValidationError

from infra.plain_values import expected, foremost
from schemas.dead_letters import DeadReason
from schemas.facts import FactEvent
from services.imports.cells import BadCell, shown
from services.imports.source import BadRow, Census, Ignored, Read, RowFacts, SourceUnusable

Encoding = Literal["utf-8", "latin-1", "cp1252", "iso8859-15"]
"""Encodings in which a line ends with the byte of a line feed, and nothing else does."""

Delimiter = Literal[",", ";", "\t", "|"]
"""What may stand between cells."""

Undecodable = Literal["strict", "surrogateescape"]

_OTHER_FILES = {
    codecs.BOM_UTF16_LE: "UTF-16 text",
    codecs.BOM_UTF16_BE: "UTF-16 text",
    b"PK\x03\x04": "an Excel workbook, or another archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
"""What is saved by mistake for a CSV file, by the bytes that it begins with."""

LONGEST_LINE = 16 << 20
"""A longer one is taken in pieces: a file without line ends must not fill the memory."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, without the spaces around them."""

    where: str
    raw: bytes
    cells: dict[str, str]

    def bad(self, source: str, reason: DeadReason, detail: str, event_ids: tuple[str, ...] = ()) -> BadRow:
        """Return this row put aside."""
        return BadRow(source, self.where, self.raw, reason, detail, event_ids)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a file before it is read."""

    digest: str
    lines: int


def survey(path: Path, encoding: Encoding | None = None) -> Survey:
    """Look a file over: digest (64 bits, hexadecimal), number of lines, and whether it decodes.

    Raises:
        SourceUnusable: It is not text of this encoding.
        OSError: There is no such file, or it may not be read.
    """
    with path.open("rb") as file:
        return survey_of(file, path.name, encoding)


def survey_of(file: BinaryIO, name: str, encoding: Encoding | None = None) -> Survey:
    """Look an open file over, from where it stands to its end; see ``survey``."""
    digest, lines, last = blake2b(digest_size=8), 0, None
    decoder = codecs.getincrementaldecoder(encoding or "latin-1")()  # to latin-1 everything is text
    try:
        while chunk := file.read(_CHUNK):
            # Without an encoding each line is read by itself: one that begins so spoils no other.
            if encoding and last is None:
                _refuse_other_files(name, chunk)
            digest.update(chunk)
            decoder.decode(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = lines + error.object.count(b"\n", 0, error.start) + 1
        where = f"{name} is no {encoding} text (look at line {line})"
        raise SourceUnusable(where, "save it as UTF-8, or name its encoding in a mapping") from error
    return Survey(digest.hexdigest(), lines + (last not in (None, b"\n")))


def _refuse_other_files(name: str, begins: bytes) -> None:
    what = next((what for mark, what in _OTHER_FILES.items() if begins.startswith(mark)), None)
    if what is not None:
        raise SourceUnusable(f"{name} is {what}", "save it as CSV UTF-8")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file that has been surveyed and has the columns it should."""

    path: Path
    source: str
    survey: Survey
    encoding: Encoding
    delimiter: str

    @property
    def row_count(self) -> int:
        """How many rows there are at most: a quoted cell may span lines."""
        return self.survey.lines - 1

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the rows below the header; those without anything in them are none."""
        with self.path.open("rb") as file:
            found = records(file, self.path.name, self.encoding, self.delimiter)
            header = _names(next(found).cells)
            for record in found:
                if isinstance(record.cells, str):
                    yield BadRow(self.source, record.where, record.raw, DeadReason.ROW, record.cells)
                elif any(map(str.strip, record.cells)):
                    yield self._row(header, record)

    def _row(self, header: list[str], record: "Record") -> Row | BadRow:
        cells = [cell.strip() for cell in record.cells]
        if len(cells) != len(header):
            detail = f"the row has {len(cells)} cells where the header has {len(header)}"
            return BadRow(self.source, record.where, record.raw, DeadReason.ROW, detail)
        return Row(record.where, record.raw, dict(zip(header, cells, strict=True)))


def open_table(
    path: Path,
    source: str,
    columns: Iterable[str],
    *,
    encoding: Encoding = "utf-8",
    delimiter: str = ",",
) -> Table:
    """Survey a CSV file and see that its header has these columns, in any order, among others.

    Raises:
        SourceUnusable: The file cannot be decoded, or a column is missing or stands twice.
        OSError: There is no such file, or it may not be read.
    """
    table = Table(path, source, survey(path, encoding), encoding, delimiter)
    with path.open("rb") as file:
        first = next(records(file, path.name, encoding, delimiter), None)
    if first is not None and isinstance(first.cells, str) and b"\n" not in first.raw and b"\r" in first.raw:
        raise SourceUnusable(
            f"{path.name} ends its lines with CR alone, as programs on old Macs did",
            "save it as CSV UTF-8, which ends them with LF or CR LF",
        )
    if first is None or isinstance(first.cells, str) or not any(map(str.strip, first.cells)):
        raise SourceUnusable(f"{path.name} has no header in its first line", "name the columns there")
    check_header(path.name, _names(first.cells), columns)
    return table


def check_header(file: str, header: list[str], columns: Iterable[str]) -> None:
    """See that a header has no column twice, and these among others.

    Raises:
        SourceUnusable: It does not.
    """
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise SourceUnusable(f"{file} has the column {shown(twice)} twice", "rename one")
    missing = next((name for name in columns if name not in header), None)
    if missing is not None:
        raise SourceUnusable(f"{file} has no column {shown(missing)}", _instead_of(missing, header))


def _instead_of(missing: str, header: list[str]) -> str:
    """Say what to do where a header lacks a column."""
    other = next((mark for mark in get_args(Delimiter) if mark in header[0]), None)
    if len(header) == 1 and other is not None:
        return f"its cells seem to stand between {shown(other)}; name that as the delimiter"
    near = get_close_matches(missing, header, n=1)
    return f"did you mean {shown(near[0])}?" if near else f"it has {', '.join(map(shown, header[:20]))}"


@dataclass(frozen=True, slots=True)
class Record:
    """What ``csv`` takes for one row: its cells, or what is wrong with the quoting."""

    where: str
    raw: bytes
    cells: list[str] | str


def _names(cells: list[str] | str) -> list[str]:
    return [cell.strip() for cell in cells]


def records(
    file: BinaryIO, name: str, encoding: Encoding, delimiter: str, *, errors: Undecodable = "strict"
) -> Iterator[Record]:
    """Yield what ``csv`` makes of the lines, each with the bytes it took.

    A quote that nobody closes makes one cell of all that follows it: only its own line goes aside, and what
    was taken with it is read again.

    Args:
        file: From its start.
        name: The file's, for people.
        encoding: Of its text.
        delimiter: Between cells.
        errors: What becomes of bytes that are no text: an exception, or half characters.

    Raises:
        UnicodeDecodeError: There are some, and ``errors`` is strict.
    """
    lines = _Lines(file, encoding, errors)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    while True:
        cells: list[str] | str
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader begins the next row anew
            lines.give_back()
            cells = f"the row is no CSV: {_of_quotes(str(error))}"
        yield Record(f"{name}:{line}", b"".join(lines.taken), cells)
        line += len(lines.taken)
        lines.begin_row()


def _of_quotes(said: str) -> str:
    """Return what ``csv`` finds wrong with a row in words for who wrote it: its quotes, most of the time."""
    if "unexpected end of data" in said:
        return "a quote is opened and never closed"
    if "expected after" in said:
        return "text follows the quote that closes a cell; write a quote within a cell twice"
    return f"a cell is longer than {csv.field_size_limit()} characters" if "field limit" in said else said


class _Lines:
    """A file's lines as text, for ``csv``; a line is given twice at most, so that no file takes long."""

    def __init__(self, file: BinaryIO, encoding: Encoding, errors: Undecodable) -> None:
        self._unread = iter(partial(file.readline, LONGEST_LINE), b"")
        # A byte-order mark is how some programs begin UTF-8; it is no part of the first column's name.
        self._encoding: str = "utf-8-sig" if encoding == "utf-8" else encoding
        self._following, self._errors = encoding, errors
        self._again: deque[bytes] = deque()
        self._repeated = 0
        self.taken: list[bytes] = []
        """The lines of the row in hand."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._repeated += bool(self._again)
        line = self._again.popleft() if self._again else next(self._unread)
        self.taken.append(line)
        encoding, self._encoding = self._encoding, self._following
        return line.decode(encoding, self._errors)

    def begin_row(self) -> None:
        """Have done with the row in hand."""
        self.taken, self._repeated = [], 0

    def give_back(self) -> None:
        """Give the lines of the row in hand again, but for the first and those given twice already."""
        kept = max(1, self._repeated)
        self._again.extend(self.taken[kept:])  # whoever has read on has none waiting
        self.taken = self.taken[:kept]


def facts_of(
    source: str,
    rows: Iterable[Row | BadRow],
    convert: Callable[[Row], Iterable[FactEvent | RowFacts]],
    names: Callable[[Row], tuple[str, ...]],
    census: Census,
) -> Iterator[Read]:
    """Yield what ``convert`` makes of each row; a row it cannot convert goes aside as a whole.

    Args:
        source: The tool.
        rows: What stands in the file.
        convert: Says a row's facts.
        names: Says the ids that a row's facts would have, if what names it can be read.
        census: Counts.
    """
    for row in rows:
        census.row_count += 1
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield from list(convert(row))
        except Ignored as error:
            census.ignored[str(error)] += 1
        except BadCell as error:
            yield row.bad(source, error.reason, str(error), names(row))
        except ValidationError as error:
            yield row.bad(source, DeadReason.ROW_VALUE, misfit_cell(error), names(row))


def _dotted(loc: Sequence[str | int]) -> str:
    return ".".join(map(str, loc))


def misfit_cell(error: ValidationError, place: Callable[[Sequence[str | int]], str] = _dotted) -> str:
    """Say why a cell's value is none that its fact takes: where, what stands there, what was expected.

    Args:
        error: What validating the fact raised.
        place: Says in words where a field of the fact comes from.
    """
    first = foremost(error.errors(include_url=False))
    where = place(first["loc"])
    if first["type"] == "missing":
        return f"{where}: the cell is blank, and the fact needs it"
    return f"{where}: {shown(str(first['input']))} does not do; {expected(first)}"
