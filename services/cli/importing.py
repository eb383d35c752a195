"""A history through the line: opened, appended in chunks, closed, decided; bad rows put aside.

An import that was closed before is not read again: it is known by its content, so there is nothing in it
that the store does not have. One that was interrupted is read from the beginning, and what is known is
passed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from infra.store.burying import bury
from infra.store.reading.leads import LeadFilter, count_leads
from infra.store.reading.standing import grown_since, imports_of, mark
from infra.time_source import system_time
from infra.wire import read_fact, write_fact
from schemas.dead_letters import DeadLetter
from schemas.facts import FactEvent, ImportClosed, ImportOpened
from services.cli.terminal import progress
from services.imports.source import BadRow, FactSource, Item
from services.line import OpenLine, control_event

ITEMS_A_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    import_id: str
    read_count: int
    admitted_count: int
    dead_count: int
    lead_count: int


def import_source(line: OpenLine, source: FactSource) -> Imported:
    """Run a source through the line."""
    return import_items(line, source, source.import_id, source.total)


def import_items(line: OpenLine, items: Iterable[Item], import_id: str, total: int | None) -> Imported:
    """Run a history through the line.

    Args:
        line: The line; an agreement is in force.
        items: What was read, each with the import's id where it is a fact.
        import_id: The import's.
        total: How many items there are at most, for the progress bar.
    """
    with line.database.reading() as connection:
        before = mark(connection)
        known = {one.import_id for one in imports_of(connection) if one.closed_seq is not None}
    read_count = 0
    if import_id not in known:
        line.say([control_event(ImportOpened(import_id=import_id), f"{import_id}:opened")])
        read_count = _append_all(line, items, total)
        line.say([control_event(ImportClosed(import_id=import_id), f"{import_id}:closed")])
    _close(line)  # also when it is known: whoever began to close it may have been killed
    with line.database.reading() as connection:
        admitted, dead = grown_since(connection, before)
        lead_count = count_leads(connection, LeadFilter())
    return Imported(import_id, read_count, admitted, dead, lead_count)


def _append_all(line: OpenLine, items: Iterable[Item], total: int | None) -> int:
    read_count = 0
    with progress("Reading facts", total) as advance:
        for chunk in _chunks(items):
            _append(line, chunk)
            line.decide()
            read_count += len(chunk)
            advance(len(chunk))
    return read_count


def _close(line: OpenLine) -> None:
    with progress("Deciding leads", None) as advance:
        line.decide(lambda what, count: advance(count) if what == "leads" else None)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, ITEMS_A_CHUNK)):
        yield chunk


def _append(line: OpenLine, chunk: list[Item]) -> None:
    """Append what may be a fact; what is none goes aside, once."""
    values: list[bytes] = []
    letters: list[tuple[DeadLetter, bytes]] = []
    for item in chunk:
        match item:
            case FactEvent():
                values.append(write_fact(item))
            case BadRow():
                letters.append((_letter(item), item.raw))
            case bytes():
                read = read_fact(item)
                if isinstance(read, DeadLetter):
                    letters.append((read, item))
                else:
                    values.append(item)
    line.host.append(values)
    if letters:
        with line.database.writing() as connection:
            bury(connection, letters, system_time())


def _letter(row: BadRow) -> DeadLetter:
    return DeadLetter(
        reason=row.reason,
        detail=f"{row.where}: {row.detail}"[:2048],
        source=row.source[:128],
        event_id=row.event_id,
    )
