"""Records that a producer lost while it delivered later ones: awaited, and taken when they come again.

One worker of the line, scoring, hears a topic that a test tampers with. What it comes to is held against what
it comes to when the topic is whole.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select

from infra.commit import Delivered, Outgoing, Station
from infra.decision import JournalDecision
from infra.gaps import Gap
from infra.store.database import Database
from infra.store.tables.hosts import agreements, positions, states
from infra.store.writing import write_journal
from infra.wire import RECORD
from schemas.entries import Entry, Signing, Tick
from schemas.facts import Captured, Engaged, Enriched, LeadFact
from schemas.vocabulary import EngagementChannel, WorkerName
from services.pipeline import SCORING
from tests.histories import START, Said, document, event, signing, subject
from tests.infra.saying import signed
from tests.simulation.world import CALM, World
from tests.stores import new_store

DEMO = Engaged(channel=EngagementChannel.FORM, action="submit", name="demo")


def told() -> list[Said]:
    """Return a history of two leads: four facts about the one, two about the other."""
    facts: list[tuple[int, LeadFact]] = [
        (1, Captured()),
        (1, DEMO),
        (2, Captured()),
        (1, DEMO),
        (2, DEMO),
        (1, DEMO),
    ]
    said = [signing(START, document(), "first")]
    for place, (lead, fact) in enumerate(facts, 1):
        at = START + timedelta(minutes=place)
        said.append(Said(at, event(fact, subject(lead), event_id=f"e{place}", time=at)))
    return said


@dataclass
class Reader:
    """Scoring at work on a topic, with what it publishes."""

    database: Database
    topic: list[bytes]
    said: list[Outgoing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.station = Station(SCORING, 0, self.database, self.said.extend)
        self.station.take_over()
        self._sent = 0

    def send(self, *records: bytes | Entry | Tick | Signing) -> None:
        """Let the topic have records, and the reader read them."""
        values = [one if isinstance(one, bytes) else RECORD.dump_json(one) for one in records]
        self.station.process([Delivered(self._sent + place, one) for place, one in enumerate(values)])
        self._sent += len(values)

    def published(self, kind: type[Any]) -> list[Any]:
        """Return what it published of one kind."""
        return [one for one in (RECORD.validate_json(each.value) for each in self.said) if type(one) is kind]

    def by_lead(self) -> dict[str, list[Entry]]:
        """Return the entries that it published, by lead."""
        found = defaultdict(list)
        for one in self.published(Entry):
            found[one.lead_id].append(one)
        return found

    def kept(self) -> list[tuple[Any, ...]]:
        """Return what the store keeps of each lead."""
        with self.database.reading() as connection:
            mine = select(states).where(states.c.worker == WorkerName.SCORING).order_by(states.c.lead_id)
            return [(row.lead_id, row.state, row.taken, row.said) for row in connection.execute(mine)]

    def position(self) -> tuple[int, datetime | None]:
        """Return where the store says that it stands: the offset, and the clock."""
        with self.database.reading() as connection:
            mine = select(positions).where(positions.c.worker == WorkerName.SCORING)
            row = connection.execute(mine).one()
            return row.next_offset, row.clock


@contextmanager
def reading(file: Path) -> Iterator[Reader]:
    """A reader of the journal of ``told``, that has heard nothing yet."""
    with new_store(file) as database:
        world = World(database, told(), Random(0), CALM, partitions=1)
        world.show_all()
        world.seats[0].sit_down(Random(0), CALM)
        world.seats[0].take(100)
        yield Reader(database, world.topics["journal"].partitions[0])


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path / "relevo.db") as found:
        yield found


def tick(seconds: int) -> Tick:
    return Tick(START + timedelta(minutes=10, seconds=seconds))


def split(topic: Sequence[bytes]) -> tuple[list[bytes], list[Entry]]:
    """Return what comes before the first lead's second record, and the entries from there on."""
    entries = [RECORD.validate_json(one) for one in topic[2:]]
    return list(topic[:2]), [one for one in entries if isinstance(one, Entry)]


@pytest.mark.parametrize("at_once", [True, False])
def test_what_comes_too_early_is_taken_when_it_comes_again(tmp_path: Path, at_once: bool) -> None:
    with reading(tmp_path / "calm.db") as calm, reading(tmp_path / "lossy.db") as lossy:
        calm.send(*calm.topic)
        before, (lost, *others) = split(lossy.topic)
        heard: list[bytes | Entry] = [*before, *others, lost, *others]
        for some in [heard] if at_once else [[one] for one in heard]:
            lossy.send(*some)
        assert lossy.by_lead() == calm.by_lead()
        assert lossy.kept() == calm.kept()
        assert lossy.position()[0] == len(heard)


def test_other_leads_are_decided_meanwhile(reader: Reader) -> None:
    before, (_lost, *others) = split(reader.topic)
    reader.send(*before, *others)
    assert sorted(map(len, reader.by_lead().values())) == [1, 2]


def test_no_time_comes_while_something_is_missing(reader: Reader) -> None:
    before, (lost, *others) = split(reader.topic)
    reader.send(*before, *others, tick(0))
    assert (reader.published(Tick), reader.position()[1]) == ([], None)
    reader.send(lost, *others, tick(1))
    assert reader.published(Tick) == [tick(1)]
    assert reader.position()[1] == tick(1).stamp


def test_the_position_stays_before_what_came_too_early(reader: Reader) -> None:
    before, (_lost, *others) = split(reader.topic)
    reader.send(*before)
    reader.send(*others)
    reader.send(*others)
    assert reader.position()[0] == len(before)
    assert Station(SCORING, 0, reader.database, reader.said.extend).take_over() == len(before)


def test_what_does_not_come_for_60_seconds_is_named_and_stops_the_reader(reader: Reader) -> None:
    before, (lost, *others) = split(reader.topic)
    reader.send(*before, *others, tick(0), tick(59))
    with pytest.raises(Gap, match=rf"scoring: .* lead {lost.lead_id} from version 2 on \(4 came\)$"):
        reader.send(tick(60))
    assert reader.position()[0] <= len(before)
    assert reader.published(Tick) == []


def test_the_wait_begins_anew_with_the_next_loss(reader: Reader) -> None:
    before, (lost, other, *rest) = split(reader.topic)
    reader.send(*before, *rest, tick(0), lost, other, *rest, tick(50))
    reader.send(replaced(rest[-1], 6), tick(70), tick(129))
    assert reader.published(Tick) == [tick(50)]


def replaced(entry: Entry, version: int) -> Entry:
    """Return the same entry under another version."""
    return Entry(entry.lead_id, entry.seq + 9, entry.at, entry.stamp, version, entry.fact)


def test_what_was_signed_is_read_anew_when_the_store_was_set_back(reader: Reader) -> None:
    reader.send(*reader.topic)
    later, instead = signed(50, "2026-03-03 09:00"), signed(40, "2026-03-03 08:00")
    sign(reader.database, later)
    reader.send(Signing(later.seq, later.effective_at, later.version))
    with reader.database.writing() as connection:
        connection.execute(delete(agreements).where(agreements.c.seq == later.seq))
        connection.execute(positions.update().where(positions.c.worker == "scoring").values(seq=1))
    sign(reader.database, instead)
    reader.station.take_over()
    reader.send(Signing(instead.seq, instead.effective_at, instead.version))
    lead_id, entries = next(iter(reader.by_lead().items()))
    at = instead.effective_at + timedelta(hours=3)
    bigger = Enriched(attributes={"employees": 900})
    reader.send(Entry(lead_id, 60, at, at, entries[-1].version + 1, bigger))
    assert [one.agreement for one in reader.by_lead()[lead_id][-1].conclusions] == ["v40"]


def sign(database: Database, version: Any) -> None:
    """Let the store have a version of the agreement."""
    decision = JournalDecision(next_offset=0, seq=version.seq, stamp=None, signed=[version])
    with database.writing() as connection:
        write_journal(connection, decision)
