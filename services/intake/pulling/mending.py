"""Bad rows that are read now: their dead letters wait no longer.

A bad row's letter is known by what names the row and a digest of what stood in it. Once a row of that name is
read well, somebody has corrected it at its source; unless the bad one is met beside it. A row that nothing
names, and what is no row at all, waits until somebody discards it.
"""

import re
from collections.abc import Iterable

from infra.arrivals import Original
from infra.store.database import Transaction
from infra.store.reading.dead_letters import waiting_events
from services.intake.pulling.rows import RowMapping, name_of
from services.intake.reading import Reader
from services.intake.sources import Source

_NAMED = re.compile(r"(.*):[0-9a-f]{16}(?::[a-z_.0-9]*)?", re.DOTALL)
"""The id of a row's event: what names the row, a digest of its content and, of a fact, its kind."""


def mended(connection: Transaction, source: Source, rows: Iterable[Original]) -> list[int]:
    """Return the numbers of the dead letters of a source whose rows are among these, corrected.

    Args:
        connection: In a transaction.
        source: The source.
        rows: As they have been read, those taken before among them.
    """
    waiting = waiting_events(connection, source.name)
    if not waiting:
        return []
    assert isinstance(source.mapping, RowMapping)  # noqa: S101 - it is of a kind that is fetched
    reader = Reader({source.vendor.kind: source.vendor}, {})
    good: set[str] = set()
    met: set[str] = set()
    for original in rows:
        reading = reader.read(original, source.mapping)
        met |= {part.event_id[:128] for part in reading.unfit if part.event_id is not None}
        if reading.facts and not reading.unfit and (name := name_of(original.body, source.mapping)):
            good.add(name)
    named = ((number, _NAMED.fullmatch(event_id)) for number, event_id in waiting if event_id not in met)
    return [number for number, name in named if name is not None and name[1] in good]
