"""Reading originals again with a corrected mapping: first what would change, then, if asked, the change.

Every original of a source is read twice: as it was read when it came, and as it would be read now. Facts that
come out for the first time are new; a fact that was said keeps its place, for an id is admitted once, and
where it would read differently now that is counted. A dead letter that has become a fact waits no more.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from infra.arrivals import MadeFact, Making
from infra.keyring import event_key
from infra.store.burying import close_letters
from infra.store.engine import Database, Transaction
from infra.store.originals import KeptOriginal, known_facts, mapping_documents, originals_of, say_made
from infra.store.reading.dead_letters import dead_letters_like
from infra.time_source import TimeSource, system_time
from infra.wire import write_fact
from schemas.dead_letters import Closing
from services.intake.findings import content_id
from services.intake.reading import Reader
from services.intake.registry import kinds
from services.intake.sources import Source
from services.intake.vendor import Reading

ORIGINALS_A_CHUNK = 200


@dataclass(slots=True)
class Replay:
    """What reading a source's originals again comes to.

    Attributes:
        original_count: Originals that were read.
        new: Facts that have not been said, by their keys.
        kinds: How many of them, by kind.
        same_count: Facts that were said just so.
        different_count: Facts that were said otherwise; they stay as they were said.
        unfit: Parts that are no facts still, by reason.
        mended: Ids of dead letters that are facts now.
    """

    original_count: int = 0
    new: dict[bytes, MadeFact] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    same_count: int = 0
    different_count: int = 0
    unfit: Counter[str] = field(default_factory=Counter)
    mended: set[str] = field(default_factory=set)

    @property
    def values(self) -> list[bytes]:
        """The new facts, for the log."""
        return [one.value for one in self.new.values()]


def replay(database: Database, source: Source, since: datetime) -> Replay:
    """Read a source's originals again with its mapping of today; nothing is written.

    Args:
        database: The store.
        source: As ``sources.yaml`` has it now.
        since: Only what was received since then.
    """
    found = Replay()
    with database.reading() as connection:
        reader = Reader(kinds(), mapping_documents(connection))
        for kept in _chunks(connection, source.name, since):
            readings = [
                (one, reader.read(one.original), reader.read(one.original, source.mapping)) for one in kept
            ]
            keys = [event_key(event) for _, _, now in readings for event in now.facts]
            said = known_facts(connection, keys)
            for one, was, now in readings:
                _compare(found, one, was, now, said)
    return found


def apply(database: Database, found: Replay, source: Source, now: TimeSource = system_time) -> int:
    """Say what a replay found new, and let the dead letters rest that have become facts.

    Returns:
        How many facts were said.
    """
    with database.writing() as connection:
        at = now()
        said = say_made(connection, Making(0, 0, list(found.new.values())), at)
        waiting = [
            letter.id
            for letter in dead_letters_like(connection)
            if letter.source == source.name and letter.event_id in found.mended
        ]
        close_letters(connection, waiting, at, Closing.RESUBMITTED, "read again with a corrected mapping")
    return said


def _chunks(connection: Transaction, source: str, since: datetime) -> Iterator[list[KeptOriginal]]:
    after = 0
    while kept := originals_of(connection, source, since, after, ORIGINALS_A_CHUNK):
        yield kept
        after = kept[-1].id


def _compare(found: Replay, kept: KeptOriginal, was: Reading, now: Reading, said: set[bytes]) -> None:
    found.original_count += 1
    found.unfit.update(part.reason.value for part in now.unfit)
    before = {event.id: event for event in was.facts}
    for event in now.facts:
        key = event_key(event)
        if key in found.new:
            continue
        if key not in said:
            found.new[key] = MadeFact(kept.id, key, write_fact(event))
            found.kinds[event.data.fact.kind] += 1
        elif before.get(event.id, event) == event:
            found.same_count += 1
        else:
            found.different_count += 1
    found.mended |= _letters(kept, was) - _letters(kept, now)


def _letters(kept: KeptOriginal, reading: Reading) -> set[str]:
    """Return what the dead letters of a reading are known by."""
    source = kept.original.source
    return {(part.event_id or content_id(source, part.original))[:128] for part in reading.unfit}
