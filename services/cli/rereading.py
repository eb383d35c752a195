"""Rows that come again: each fact is compared with what the store has of it, and only what is news is said.

What a fact said, first and in its changes since, stands in the log under ids that follow from its own
(``services.imports.changes``), so nothing else needs to be remembered. What the import at hand has said
itself does not count as said before: killed and run again, it compares with the same words and says the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile

from infra.keyring import name_key
from infra.store.database import Transaction
from infra.store.journal_memory import StoredJournalMemory, default_region
from infra.store.reading.standing import ImportRow
from infra.wire import read_fact
from schemas.facts import FactEvent
from services.imports.changes import change_id, retold, stays
from services.imports.source import FactSource, Item, Read, RowFacts

Name = tuple[str, str]
"""Source and id."""


def run_of(source: FactSource, imports: Sequence[ImportRow]) -> str:
    """Return the id under which a source is read: its own, or that of another run of it.

    A run that was interrupted goes on, and one that was closed last has nothing new in it. A source that can
    tell of changes is read anew once another import has come between.
    """
    number, known = 1, {one.import_id: one for one in imports}
    while (run := known.get(source.run_id(number))) is not None:
        if not source.tells_changes or run.closed_seq is None or run is imports[-1]:
            break
        number += 1
    return source.run_id(number)


class Rereading:
    """Compares the rows of some items with what was said of them.

    Args:
        connection: To the store.
        read: The items.
        import_id: The import that they are read for.
    """

    def __init__(self, connection: Transaction, read: Sequence[Read], import_id: str) -> None:
        self._read = read
        self._import_id = import_id
        self._region = default_region(connection)
        self._said: defaultdict[Name, list[FactEvent]] = defaultdict(list)
        """What was said of each fact, first and in its changes."""
        self._forgotten: set[Name] = set()
        """Facts whose words are gone with the person whom they were about: a repeat of them is a repeat."""
        self._look_up(StoredJournalMemory(connection))
        self.known_count = 0
        """Facts that are no news."""
        self.changed_count = 0
        """Facts that tell a change, and were not said before."""
        self.stayed_count = 0
        """Facts that read otherwise in something that stays as it was said."""

    def news(self) -> Iterator[Item]:
        """Yield the items without the facts that are known, and with the changes of those that differ."""
        for one in self._read:
            if isinstance(one, RowFacts):
                yield from self._row(one)
            else:
                yield one

    def _row(self, row: RowFacts) -> Iterator[FactEvent]:
        of_subject = True  # the first fact that was said before tells what is new of the subject
        for event in row.events:
            name = event.source, event.id
            before = list(takewhile(self._is_older, self._said[name]))
            news: FactEvent | None = event
            if name in self._forgotten:
                news = None
            elif before:
                news = retold(before, event, row, of_subject=of_subject, region=self._region)
                of_subject = False
                self.stayed_count += stays(before, event)
                # An interrupted import has said some of its changes already.
                self.changed_count += news not in (None, event) and len(before) == len(self._said[name])
            if news is None:
                self.known_count += 1
            else:
                yield news

    def _is_older(self, said: FactEvent) -> bool:
        return said.data.import_id != self._import_id

    def _look_up(self, memory: StoredJournalMemory) -> None:
        rows = (one for one in self._read if isinstance(one, RowFacts))
        asked = {(event.source, event.id) for row in rows for event in row.events}
        number = 0
        while asked:
            keys = {name_key(source, change_id(one, number)): (source, one) for source, one in sorted(asked)}
            asked, number = set(), number + 1
            for key, first in memory.seen(list(keys)).items():
                name = keys[key]
                read = read_fact(first.original) if first.original is not None else None
                if isinstance(read, FactEvent):
                    self._said[name].append(read)
                    asked.add(name)
                else:
                    self._forgotten.add(name)
