"""Reading originals again with a corrected mapping: first what would change, then, if asked, the change.

Every original of a source is read twice: as it was read when it came, and as it would be read now. Facts that
come out for the first time are new; a fact that was said keeps its place, for an id is admitted once. What it
tells of its person is told again where it reads otherwise now (``correcting.py``); other differences are
counted. A dead letter that has become a fact, or of no interest, waits no more.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from infra.arrivals import MadeFact, Making
from infra.keyring import event_key
from infra.store.burying import close_letters
from infra.store.database import Database, Transaction
from infra.store.journal_memory import default_region
from infra.store.originals import (
    KeptOriginal,
    keep_mappings,
    known_facts,
    mapping_documents,
    originals_of,
    say_made,
)
from infra.store.reading.dead_letters import dead_letters_like
from infra.time_source import TimeSource, system_time
from infra.wire import write_fact
from schemas.dead_letters import Closing
from schemas.facts import FactEvent
from services.intake.correcting import Correction, correction, correction_id, last_corrections, stays
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
        new: Facts that have not been said, by their keys; corrections are among them.
        kinds: How many of them, by kind.
        same_count: Facts that were said just so.
        corrected_count: Facts that tell otherwise of their person now, which is said again.
        different_count: Facts that say something else now; in that they stay as they were said.
        unfit: Parts that are no facts still, by reason.
        mended: Ids of the events of dead letters that wait, and are facts now or of no interest.
    """

    original_count: int = 0
    new: dict[bytes, MadeFact] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    same_count: int = 0
    corrected_count: int = 0
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
        documents = mapping_documents(connection)
        reader = Reader(kinds(), documents)
        region = default_region(connection)
        digests = [digest for digest in documents if reader.is_for(digest, source.vendor)]
        for kept in _chunks(connection, source.name, since):
            readings = [
                (one, reader.read(one.original), reader.read(one.original, source.mapping)) for one in kept
            ]
            events = [event for _, _, now in readings for event in now.facts]
            said = known_facts(connection, [event_key(event) for event in events])
            ones = [event for event in events if event_key(event) in said]
            corrected = last_corrections(connection, ones, digests)
            comparing = _Comparing(found, reader, source, region, said, corrected)
            for one, was, now in readings:
                comparing.compare(one, was, now)
        found.mended &= {letter.event_id for letter in dead_letters_like(connection, source=source.name)}
    return found


def apply(database: Database, found: Replay, source: Source, now: TimeSource = system_time) -> int:
    """Say what a replay found new, and let the dead letters rest that have become facts.

    Returns:
        How many facts were said.
    """
    with database.writing() as connection:
        at = now()
        keep_mappings(connection, {source.mapping_digest: source.mapping_document})
        said = say_made(connection, Making(0, 0, list(found.new.values())), at)
        waiting = [
            letter.id
            for letter in dead_letters_like(connection, source=source.name)
            if letter.event_id in found.mended
        ]
        close_letters(connection, waiting, at, Closing.RESUBMITTED, "read again with a corrected mapping")
    return said


def _chunks(connection: Transaction, source: str, since: datetime) -> Iterator[list[KeptOriginal]]:
    after = 0
    while kept := originals_of(connection, source, since, after, ORIGINALS_A_CHUNK):
        yield kept
        after = kept[-1].id


@dataclass(frozen=True, slots=True)
class _Comparing:
    """Compares what some originals come to now with what was said of them."""

    found: Replay
    reader: Reader
    source: Source
    region: str
    said: set[bytes]
    corrected: dict[bytes, Correction]

    def compare(self, kept: KeptOriginal, was: Reading, now: Reading) -> None:
        """Compare one original's facts."""
        found = self.found
        found.original_count += 1
        found.unfit.update(part.reason.value for part in now.unfit)
        before = {event.id: event for event in was.facts}
        for event in now.facts:
            key = event_key(event)
            if key in self.said:
                self._again(kept, before.get(event.id, event), event)
            elif key not in found.new:
                found.new[key] = MadeFact(kept.id, key, write_fact(event))
                found.kinds[event.data.fact.kind] += 1
        found.mended |= _letters(kept, was) - _letters(kept, now)

    def _again(self, kept: KeptOriginal, first: FactEvent, now: FactEvent) -> None:
        """Compare a fact with what was said of it: at first, and in its corrections."""
        number, digest = self.corrected.get(event_key(now), (0, ""))
        last = self._read_with(digest, kept, first) if number else first
        known_by = correction_id(now.id, (number + 1, self.source.mapping_digest))
        at = first.time or kept.original.received_at
        event = correction(last, now, self.region, known_by=known_by, at=at)
        if event is not None and event_key(event) not in self.found.new:
            self.found.new[event_key(event)] = MadeFact(kept.id, event_key(event), write_fact(event))
            self.found.kinds["enriched"] += 1
            self.found.corrected_count += 1
        if stays(first, now, self.region):
            self.found.different_count += 1
        elif event is None:
            self.found.same_count += 1

    def _read_with(self, digest: str, kept: KeptOriginal, first: FactEvent) -> FactEvent:
        """Return a fact as it read with the mapping of a correction."""
        reading = self.reader.read(replace(kept.original, mapping=digest))
        return next((event for event in reading.facts if event.id == first.id), first)


def _letters(kept: KeptOriginal, reading: Reading) -> set[str]:
    """Return what the dead letters of a reading are known by."""
    source = kept.original.source
    return {(part.event_id or content_id(source, part.original))[:128] for part in reading.unfit}
