"""Rows that were put aside and are read now: who corrected a file and imported it again is done with them.

A bad row notes which facts it would have said, as far as its name can be read. An import that reads one of
these facts, and does not meet the bad row again, closes its letter: superseded. A row whose name cannot be
read, or that its mapping gives no name, stays until somebody discards it.
"""

from collections import defaultdict
from collections.abc import Iterable

from infra.store.burying import close_letters
from infra.store.database import Transaction
from infra.store.reading.dead_letters import WaitingRow
from infra.time_source import system_time
from schemas.dead_letters import Closing
from schemas.facts import FactEvent
from services.imports.source import BadRow, Item

_NONE = 0


class Superseding:
    """Which of the rows that wait an import reads.

    Args:
        waiting: The rows that were put aside before.
    """

    def __init__(self, waiting: Iterable[WaitingRow]) -> None:
        rows = list(waiting)
        self._by_fact: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        """Several where a row was corrected and still could not be read: each try has a letter."""
        for row in rows:
            for one in row.event_ids:
                self._by_fact[row.source, one].add(row.id)
        self._by_row = {(row.source, row.event_id): row.id for row in rows}
        self._read: set[int] = set()
        self._met: set[int] = set()

    def look_at(self, items: Iterable[Item]) -> None:
        """Take note of what an import reads: facts that rows say, and rows that cannot be read."""
        if not self._by_row:
            return
        for item in items:
            match item:
                case FactEvent():
                    self._read |= self._by_fact.get((item.source[:128], item.id), frozenset())
                case BadRow():
                    self._met.add(self._by_row.get((item.source[:128], item.event_id), _NONE))
                case bytes():  # a line of events is no row
                    pass

    def close(self, connection: Transaction, import_id: str) -> int:
        """Close the letters of rows that were read; return how many."""
        numbers = sorted(self._read - self._met)
        close_letters(connection, numbers, system_time(), Closing.SUPERSEDED, f"read in {import_id}")
        return len(numbers)
