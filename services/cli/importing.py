"""A history through the line: opened, appended in chunks, closed, decided; bad rows put aside.

An import that was closed before is not read again: it is known by its content, so there is nothing in it
that the store does not have. Rows may be news again once others were imported (``rereading``). An import that
was interrupted is read from the beginning, and what is known is passed over.

What comes of it is told whole: what was read is what was ignored, what is new, what was known already, and
what became a dead letter.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from infra.store.burying import bury, name_rows
from infra.store.database import Transaction
from infra.store.reading.dead_letters import dead_letters_since, waiting_rows
from infra.store.reading.head_count import HeadCount, head_count
from infra.store.reading.leads import LeadFilter, count_leads
from infra.store.reading.standing import Mark, grown_since, imports_of, mark
from infra.time_source import system_time
from infra.wire import read_fact, write_fact
from schemas.dead_letters import DeadLetter
from schemas.facts import ControlFact, FactEvent, ImportClosed, ImportOpened
from services.cli.rereading import Rereading, run_of
from services.cli.superseding import Superseding
from services.cli.terminal import progress
from services.imports.source import BadRow, Census, FactSource, Item, Line, Read, items_of
from services.line import OpenLine
from services.line_host import control_event

ITEMS_A_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; what was said is ``admitted``, ``known`` or dead."""

    import_id: str
    read: bool
    """Whether it was read: an import that was closed before is not."""
    row_count: int
    ignored: dict[str, int]
    """Rows that say nothing, as they should, by why."""
    read_count: int
    """Facts and bad rows: a row may say several facts."""
    fact_count: int
    admitted_count: int
    """Facts that are new."""
    changed_count: int
    """Of those that are new, facts that tell what has changed in rows that were read before."""
    known_count: int
    """Facts that the store had, or that stand there twice."""
    stayed_count: int
    """Facts that read otherwise now and stay as they were said: told again, they would count again."""
    dead: dict[str, int]
    """New dead letters, by reason."""
    known_bad_count: int
    """What cannot be read and was put aside before."""
    superseded_count: int
    """Rows that were put aside before and are corrected now."""
    lead_count: int
    """Leads that are shown: tests, leads merged away and the forgotten are not."""
    leads: HeadCount
    """All leads, by what they are."""

    @property
    def dead_count(self) -> int:
        """How many new dead letters there are."""
        return sum(self.dead.values())


@dataclass(slots=True)
class _Said:
    """What was said so far: facts about leads, facts about the line, and what is no fact."""

    fact_count: int = 0
    control_count: int = 0
    bad_count: int = 0
    buried_count: int = 0
    """Of what is no fact, what had not been put aside before."""
    superseded_count: int = 0
    changed_count: int = 0
    stayed_count: int = 0
    census: Census = field(default_factory=Census)

    @property
    def count(self) -> int:
        """Everything."""
        return self.fact_count + self.control_count + self.bad_count

    def add(self, event: FactEvent) -> None:
        """Count a fact."""
        if isinstance(event.data.fact, ControlFact):
            self.control_count += 1
        else:
            self.fact_count += 1


def import_source(line: OpenLine, source: FactSource) -> Imported:
    """Run a source through the line."""
    said = _Said()
    with line.database.reading() as connection:
        import_id = run_of(source, imports_of(connection))
    return _import(line, source.read(import_id, said.census), import_id, source.total, said)


def import_items(line: OpenLine, items: Iterable[Item], import_id: str, total: int | None) -> Imported:
    """Run a history through the line.

    Args:
        line: The line; an agreement is in force.
        items: What was read, each with the import's id where it is a fact.
        import_id: The import's.
        total: How many items there are at most, for the progress bar.
    """
    return _import(line, items, import_id, total, _Said())


def _import(
    line: OpenLine, items: Iterable[Read], import_id: str, total: int | None, said: _Said
) -> Imported:
    with line.database.reading() as connection:
        before = mark(connection)
        known = {one.import_id for one in imports_of(connection) if one.closed_seq is not None}
    if import_id not in known:
        line.say([control_event(ImportOpened(import_id=import_id), f"{import_id}:opened")])
        _append_all(line, items, total, said, import_id)
        line.say([control_event(ImportClosed(import_id=import_id), f"{import_id}:closed")])
    _close(line)  # also when it is known: whoever began to close it may have been killed
    with line.database.reading() as connection:
        return _outcome(connection, before, import_id, said, read=import_id not in known)


def _outcome(connection: Transaction, before: Mark, import_id: str, said: _Said, *, read: bool) -> Imported:
    admitted, _ = grown_since(connection, before)
    dead: Counter[str] = Counter()
    refused = 0
    for reason, from_log, count in dead_letters_since(connection, before.dead_letter):
        dead[reason] += count
        refused += count if from_log else 0
    return Imported(
        import_id=import_id,
        read=read,
        row_count=said.census.row_count or said.count,
        ignored=dict(said.census.ignored),
        read_count=said.count,
        fact_count=said.fact_count,
        admitted_count=admitted,
        changed_count=said.changed_count,
        known_count=max(said.fact_count - admitted - refused, 0),  # others may say facts meanwhile
        stayed_count=said.stayed_count,
        dead=dict(dead),
        known_bad_count=said.bad_count - said.buried_count,
        superseded_count=said.superseded_count,
        lead_count=count_leads(connection, LeadFilter()),
        leads=head_count(connection),
    )


def _append_all(
    line: OpenLine, items: Iterable[Read], total: int | None, said: _Said, import_id: str
) -> None:
    with line.database.reading() as connection:
        superseding = Superseding(waiting_rows(connection))
    with progress("Reading facts", total) as advance:
        for chunk in _chunks(items):
            superseding.look_at(items_of(chunk))
            _append(line, _news(line, chunk, said, import_id), said)
            line.decide()
            advance(len(chunk))
    with line.database.writing() as connection:
        said.superseded_count = superseding.close(connection, import_id)


def _news(line: OpenLine, chunk: list[Read], said: _Said, import_id: str) -> list[Item]:
    """Return what of a chunk is to be appended; what of it is known is counted."""
    with line.database.reading() as connection:
        rereading = Rereading(connection, chunk, import_id)
    news = list(rereading.news())
    said.fact_count += rereading.known_count
    said.changed_count += rereading.changed_count
    said.stayed_count += rereading.stayed_count
    return news


def _close(line: OpenLine) -> None:
    with progress("Deciding leads", None) as advance:
        line.decide(lambda what, count: advance(count) if what == "leads" else None)


def _chunks(items: Iterable[Read]) -> Iterator[list[Read]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, ITEMS_A_CHUNK)):
        yield chunk


def _append(line: OpenLine, chunk: list[Item], said: _Said) -> None:
    """Append what may be a fact; what is none goes aside, once."""
    values: list[bytes] = []
    letters: list[tuple[DeadLetter, bytes]] = []
    for value, read in map(_read, chunk):
        if isinstance(read, DeadLetter):
            letters.append((read, value))
        else:
            values.append(value)
            said.add(read)
    line.host.append(values)
    if letters:
        said.bad_count += len(letters)
        rows = [item for item in chunk if isinstance(item, BadRow) and item.event_ids]
        with line.database.writing() as connection:
            said.buried_count += bury(connection, letters, system_time())
            name_rows(connection, [(row.source[:128], row.event_id, row.event_ids) for row in rows])


def _read(item: Item) -> tuple[bytes, FactEvent | DeadLetter]:
    """Return an item's bytes, and what they are."""
    match item:
        case FactEvent():
            return write_fact(item), item
        case BadRow():
            return item.raw, _letter(item)
        case bytes():
            return bytes(item), _placed(item, read_fact(item))


def _placed(item: bytes, read: FactEvent | DeadLetter) -> FactEvent | DeadLetter:
    """Return a dead letter with the place of its line in front of what is wrong with it."""
    if isinstance(read, FactEvent) or not isinstance(item, Line):
        return read
    return read.model_copy(update={"detail": f"{item.where}: {read.detail}"[:2048]})


def _letter(row: BadRow) -> DeadLetter:
    return DeadLetter(
        reason=row.reason,
        detail=f"{row.where}: {row.detail}"[:2048],
        source=row.source[:128],
        event_id=row.event_id,
    )
