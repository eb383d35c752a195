"""A source: what a file says, as facts, and what of it could not be read, beside them.

A source is read as an iterable of items: a ``FactEvent``; raw ``bytes`` that claim to be one and that the
sequencer will judge; or a ``BadRow``, which keeps the text that stood in the file and says why it is no
fact. A bad row never ends a reading; a file that cannot be used at all raises ``SourceUnusable`` before the
first item.

An import is known by its source's name and a digest of what was read. Every fact has an id that depends on
its content alone, so reading the same file again adds nothing, and a file that has changed is another
import whose known facts are duplicates. Nothing here appends, opens or closes anything.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Self

from schemas.dead_letters import REMEDIES, DeadReason
from schemas.facts import TYPE_PREFIX, FactData, FactEvent, LeadFact, Subject

_LONGEST_NAME = 100  # an import's id is a Name of 128 characters; the digest needs 17 of them


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no fact, with the bytes that stood there."""

    source: str
    where: str
    """File and line: ``leads.csv:17``."""
    raw: bytes
    reason: DeadReason
    detail: str
    event_ids: tuple[str, ...] = ()
    """The facts that the row would say, as far as what names it can be read."""

    @property
    def event_id(self) -> str:
        """What tells this row from another, wherever in the file it stands and whenever it is read."""
        return blake2b(self.source.encode() + b"\n" + self.raw, digest_size=16).hexdigest()

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.reason]


class Line(bytes):
    """Bytes that claim to be an event, and that know where they stood: ``facts.jsonl:17``."""

    where: str

    def __new__(cls, said: bytes, where: str) -> Self:
        """Return the bytes with their place."""
        line = super().__new__(cls, said)
        line.where = where
        return line


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a row says that may come again with other words, under the names that its facts keep."""

    events: tuple[FactEvent, ...]
    changed_at: datetime | None = None
    """When the row was last written, where the file says so."""
    attributes: frozenset[str] = frozenset()
    """What can be read of such a row: an attribute that is not among them is no business of it."""


Item = FactEvent | bytes | BadRow
"""What a source is made of."""

Read = Item | RowFacts
"""What is read of a source: items, and rows whose facts belong together."""


def items_of(read: Iterable[Read]) -> Iterator[Item]:
    """Yield what was read, each fact by itself."""
    for one in read:
        if isinstance(one, RowFacts):
            yield from one.events
        else:
            yield one


class Ignored(Exception):
    """A row that says nothing, as it should; the message is why."""


@dataclass(slots=True)
class Census:
    """What a reading came across, counted as it goes; a row may say many facts, or none."""

    row_count: int = 0
    """Rows, or lines, that are not blank."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Rows that say nothing, as they should, by why."""


class SourceUnusable(Exception):
    """A file that was named cannot be read at all: one sentence, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")


@dataclass(frozen=True, slots=True)
class FactSource:
    """What was named on the command line, ready to be read (as often as one likes)."""

    name: str
    digest: str
    """16 hexadecimal digits of everything that decides what is read."""
    total: int
    """How many items there are at most: for a progress bar, and exact where a row says one fact."""
    read: Callable[[str, Census], Iterator[Read]]
    """Reads from the beginning, given the ``import_id`` that facts carry, and counts what it comes across."""
    tells_changes: bool = False
    """Whether it can be news again once others were imported: a row may go back to what it said before."""

    @property
    def import_id(self) -> str:
        """The import's name: equal content, equal name."""
        return f"{self.name[:_LONGEST_NAME]}-{self.digest}"

    def __iter__(self) -> Iterator[Item]:
        return self.items(Census())

    def items(self, census: Census) -> Iterator[Item]:
        """Read from the beginning, and count what is come across."""
        return items_of(self.read(self.import_id, census))

    def run_id(self, number: int) -> str:
        """Return the import's name when it is read for the so-manieth time."""
        return self.import_id if number == 1 else f"{self.import_id}.{number}"


def fact_event(
    fact: LeadFact,
    *,
    source: str,
    event_id: str,
    time: datetime,
    subject: Subject,
    import_id: str | None = None,
    test: bool = False,
) -> FactEvent:
    """Return the CloudEvent that says a fact about a lead."""
    return FactEvent(
        id=event_id,
        source=source,
        type=TYPE_PREFIX + fact.kind,
        time=time,
        data=FactData(subject=subject, fact=fact, import_id=import_id, test=test),
    )
