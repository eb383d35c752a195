"""JSON Lines: one CloudEvent a line, as ``infra.wire`` reads it at the front door.

A fact about a lead that names no import is told this one's id, so that history is decided in its own time.
Everything else is passed on as bytes, just as it stood: whether it is a fact is for the sequencer to judge,
and a dead letter shows what was there. Nothing needs to be remembered: an event's own source and id say
whether it is known.

A stream is kept in a temporary file without a name first: the import's id is a digest of all of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO

from infra.wire import read_fact
from schemas.dead_letters import DeadLetter
from schemas.facts import ControlFact, FactEvent
from services.imports.source import Census, FactSource, Item, Line
from services.imports.tables import survey, survey_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def jsonl_file(path: Path) -> FactSource:
    """Return a file of CloudEvents, one JSON object a line, as a source.

    Raises:
        OSError: There is no such file, or it cannot be read.
    """
    seen = survey(path)

    def read(import_id: str, census: Census) -> Iterator[Item]:
        with path.open("rb") as file:
            yield from lines_of(file, path.name, import_id, census)

    return FactSource(path.name, seen.digest, seen.lines, read)


@contextmanager
def jsonl_stream(stream: BinaryIO) -> Iterator[FactSource]:
    """Read a stream (standard input) to its end and give it as a source, for as long as it is needed.

    Args:
        stream: What is read; it is neither rewound nor closed.
    """
    with TemporaryFile() as kept:
        copyfileobj(stream, kept)
        kept.seek(0)
        seen = survey_of(kept, "stdin")

        def read(import_id: str, census: Census) -> Iterator[Item]:
            kept.seek(0)
            yield from lines_of(kept, "stdin", import_id, census)

        yield FactSource("stdin", seen.digest, seen.lines, read)


def lines_of(file: BinaryIO, name: str, import_id: str, census: Census) -> Iterator[FactEvent | bytes]:
    """Yield the lines that are not blank, each told which import it belongs to if it is a fact."""
    for number, line in enumerate(file, 1):
        said = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if said := said.strip():
            census.row_count += 1
            yield told(Line(said, f"{name}:{number}"), import_id)


def told(line: bytes, import_id: str) -> FactEvent | bytes:
    """Return a lead's fact with its import, or the line as it stands.

    A fact that names another import keeps it, and a fact about the line itself (a signing, an import's
    begin and end) belongs to none.
    """
    event = read_fact(line)
    if isinstance(event, DeadLetter) or isinstance(event.data.fact, ControlFact) or event.data.import_id:
        return line
    return event.model_copy(update={"data": event.data.model_copy(update={"import_id": import_id})})
