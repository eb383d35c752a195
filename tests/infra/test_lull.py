"""While nothing falls due, a tick is one commit with what comes before it; when something does, it is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.agreements import AgreementBook
from infra.commit import Delivered, Outgoing, Station
from infra.decision import Decision
from infra.lull import Lull
from infra.store.database import Transaction
from infra.store.tables.hosts import positions
from infra.wire import RECORD, read_record
from schemas.entries import Entry, JournalRecord, Tick
from schemas.vocabulary import LeadId
from tests.builders import instant
from tests.infra import toy
from tests.infra.saying import ANA, BO, Sequencer
from tests.infra.test_partition import TOY
from tests.simulation.faults import Faults, FragileDatabase

MORNING = instant("2026-03-02 09:00")
HOUR = timedelta(hours=1)


class Questions(Faults):
    """Counts how often timers are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def moment(self, name: str) -> None:
        """Take note of a statement."""
        self.count += name.startswith("SELECT timers.lead_id, timers.due_at")


class Bench:
    """The toy at work behind a sequencer; what it publishes together is one list."""

    def __init__(self, line: Sequencer) -> None:
        self.line = line
        self.sent: list[Sequence[Outgoing]] = []
        self.questions = Questions()
        self._offset = 0
        database = FragileDatabase.over(line.database, self.questions)
        self.arrived: list[tuple[datetime | None, datetime]] = []
        self.station = Station(TOY, 0, database, self.sent.append, arrive=self._arrive)
        self.station.take_over()

    def _arrive(self, _: Transaction, before: datetime | None, stamp: datetime, _book: AgreementBook) -> None:
        self.arrived.append((before, stamp))

    def hear(self, *records: JournalRecord) -> None:
        """Let it have records, together."""
        values = [RECORD.dump_json(one) for one in records]
        self.station.process([Delivered(self._offset + place, one) for place, one in enumerate(values)])
        self._offset += len(values)

    def fresh(self) -> list[JournalRecord]:
        """Return the entries of what was said since the last time."""
        self.line.said.clear()
        self.line.decide()
        return [one for one in self.line.said if isinstance(one, Entry)]

    def stands(self) -> tuple[int, int, datetime | None]:
        """Return how many commits there were, and the offset and the clock that stand."""
        with self.line.database.reading() as connection:
            row = connection.execute(select(positions).where(positions.c.worker == TOY.name)).one()
        return row.version % 2**32, row.next_offset, row.clock

    def said(self) -> list[list[str]]:
        """Return what was sent together: an entry by why it concludes, a tick as such."""
        found = [[read_record(one.value) for one in some] for some in self.sent]
        return [[_in_short(one) for one in some] for some in found]


def _in_short(record: JournalRecord) -> str:
    if not isinstance(record, Entry):
        return type(record).__name__
    return "+".join(why for why, _ in toy.counts(list(record.conclusions)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(Sequencer(tmp_path / "relevo.db"))


def test_entries_and_the_tick_behind_them_are_one_commit_sent_one_after_the_other(bench: Bench) -> None:
    bench.hear(Tick(MORNING))
    before, *_ = bench.stands()
    bench.line.say(**ANA)
    bench.line.say(**BO)
    bench.hear(*bench.fresh(), Tick(MORNING + HOUR))
    assert bench.stands() == (before + 1, 4, MORNING + HOUR)
    assert bench.said() == [["Tick"], ["fact", "fact"], ["Tick"]]


def test_what_falls_due_by_a_tick_is_said_before_it_and_in_commits_of_its_own(bench: Bench) -> None:
    bench.hear(Tick(MORNING))
    bench.line.say(**ANA)
    bench.hear(*bench.fresh(), Tick(MORNING + 2 * toy.NAP))
    assert bench.stands() == (4, 3, MORNING + 2 * toy.NAP)
    assert bench.said() == [["Tick"], ["fact"], ["decay"], ["Tick"]]


def test_timers_are_asked_for_once_and_again_when_the_first_of_them_may_be_due(bench: Bench) -> None:
    bench.line.say(**ANA)
    bench.hear(*bench.fresh(), Tick(MORNING + HOUR))
    asked = bench.questions.count
    for hours in (2, 3, 4):
        bench.hear(Tick(MORNING + hours * HOUR))
    assert (asked, bench.questions.count) == (2, 2)
    bench.hear(Tick(MORNING + toy.NAP))
    assert bench.questions.count > 2
    assert bench.said()[-2:] == [["decay"], ["Tick"]]


def test_ticks_that_come_together_are_one_commit_and_each_is_said_and_arrives(bench: Bench) -> None:
    bench.hear(Tick(MORNING))
    bench.line.say(**ANA)
    hours = [MORNING + number * HOUR for number in (1, 2, 3)]
    bench.hear(*bench.fresh(), *map(Tick, [*hours[:2], MORNING, hours[2]]))
    assert bench.stands() == (2, 6, hours[2])
    assert bench.said() == [["Tick"], ["fact"], ["Tick"], ["Tick"], ["Tick"]]
    assert bench.arrived == [(None, MORNING), *pairwise([MORNING, *hours])]


def test_ticks_before_and_behind_what_falls_due_stand_apart(bench: Bench) -> None:
    bench.hear(Tick(MORNING))
    bench.line.say(**ANA)
    due = MORNING + 2 * toy.NAP
    bench.hear(*bench.fresh(), Tick(MORNING + HOUR), Tick(due), Tick(due + HOUR))
    bench.line.say(**BO)
    bench.hear(*bench.fresh())
    assert bench.stands() == (5, 6, due + HOUR)
    assert bench.said() == [["Tick"], ["fact"], ["Tick"], ["decay"], ["Tick"], ["Tick"], ["fact"]]
    assert [at for _, at in bench.arrived] == [MORNING, MORNING + HOUR, due, due + HOUR]


def test_a_tick_that_comes_again_carries_the_entries_before_it(bench: Bench) -> None:
    bench.hear(Tick(MORNING + HOUR))
    bench.line.say(**ANA)
    bench.hear(*bench.fresh(), Tick(MORNING))
    assert bench.stands() == (2, 3, MORNING + HOUR)
    assert bench.said() == [["Tick"], ["fact"]]


def test_whoever_takes_over_asks_anew(bench: Bench) -> None:
    bench.hear(Tick(MORNING))
    asked = bench.questions.count
    bench.station.take_over()
    bench.hear(Tick(MORNING + HOUR))
    assert bench.questions.count == asked + 2


LATER = [datetime(2026, 3, day, tzinfo=UTC) for day in (2, 3, 4)]


def test_a_lull_ends_with_the_earliest_timer_that_was_there_or_was_armed() -> None:
    lull, (first, second, third) = Lull(), LATER
    assert lull.may_end_by(first, Decision())
    lull.begin([(LeadId("L1"), third)])
    assert not lull.may_end_by(second, Decision())
    assert lull.may_end_by(third, Decision())
    assert lull.may_end_by(second, Decision(timers={(LeadId("L2"), "nap"): second}))
    assert not lull.may_end_by(first, Decision(timers={(LeadId("L2"), "nap"): None}))


def test_without_any_timer_a_lull_has_no_end() -> None:
    lull = Lull()
    lull.begin([])
    assert not lull.may_end_by(LATER[-1], Decision())
