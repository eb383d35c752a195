"""One worker's share of the leads: what a partition says of them, record by record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from infra.decision import Decision
from infra.memory import Ask, History
from infra.partition import MOST_A_RECORD, Partition
from infra.store.memory import StoredMemory
from infra.store.tables.read_model import alerts, metrics, timeline
from infra.store.writing import write_decision
from infra.worker import Worker
from schemas.entries import Change, Entry, Signing
from schemas.facts import Accepted, Assigned, Engaged, Enriched, Won
from schemas.scoring import ScoreChanged
from schemas.vocabulary import EngagementChannel, Money, WorkerName
from tests.builders import instant
from tests.contracts.host import BIG, DEMO
from tests.infra import toy
from tests.infra.saying import ANA, BO, MORNING, Sequencer, WholeLine

TOY = Worker(
    name=WorkerName.SCORING,
    relays=True,
    upstream=None,
    step=toy.step,
    matters=lambda *_: True,
    state=TypeAdapter(int),
)


class Counting(StoredMemory):
    """A store's memory that knows how often a history was asked for."""

    histories = 0

    def history(self, upstream: WorkerName | None, ask: Ask) -> History:
        self.histories += 1
        return super().history(upstream, ask)


class Share:
    """The toy's share of the leads, behind a sequencer."""

    def __init__(self, line: Sequencer) -> None:
        self.line = line
        self.partition = Partition(TOY, 0, line.book)
        self.histories = 0

    def fresh(self) -> list[Entry]:
        """Return the entries of what was said since the last time."""
        self.line.said.clear()
        self.line.decide()
        return [one for one in self.line.said if isinstance(one, Entry)]

    def decide(self, entries: Sequence[Entry], *, write: bool = True) -> Decision:
        """Decide entries; write what was decided unless told otherwise."""
        with self.line.database.writing() as connection:
            memory = Counting(connection)
            decision = self.partition.decide(memory, entries)
            self.histories = memory.histories
            if write:
                write_decision(connection, TOY.name, 0, decision)
        return decision


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(Sequencer(tmp_path / "relevo.db"))


def outgoing(decision: Decision) -> list[Entry]:
    return [one for one in decision.outgoing if isinstance(one, Entry)]


def counts(entry: Entry) -> list[tuple[Change, int]]:
    """Return what the toy says in an entry: how many it was called with, and whether it said so before."""
    return [(one.change, one.body.fit) for one in entry.conclusions if isinstance(one.body, ScoreChanged)]


def test_entries_are_decided_and_passed_on_in_their_order(share: Share) -> None:
    for minute in (0, 10):
        share.line.say(time=f"2026-03-02 08:{minute:02}", **ANA)
    first, second = outgoing(share.decide(share.fresh()))
    assert (first.version, second.version, first.refold, second.refold) == (1, 2, False, False)
    assert [counts(first), counts(second)] == [[(Change.SAID, 1)], [(Change.SAID, 2)]]


def test_what_came_before_is_dropped_and_leaves_nothing_to_write(share: Share) -> None:
    share.line.say(**ANA)
    entries = share.fresh()
    share.decide(entries)
    again = share.decide(entries)
    assert (again.outgoing, again.kept, again.timeline) == ([], {}, [])


def test_a_lead_is_folded_again_once_and_the_last_that_came_together_speaks_for_all(share: Share) -> None:
    share.line.say(time="2026-03-02 08:50", **ANA)
    share.line.say(time="2026-03-02 08:50", **BO)
    share.decide(share.fresh())
    for minute in (20, 30, 10):
        share.line.say(time=f"2026-03-02 08:{minute}", **ANA)
    share.line.say(time="2026-03-02 08:40", **BO)
    entries = share.fresh()
    said = outgoing(share.decide(entries))
    of_ana = [one for one in said if one.lead_id == entries[0].lead_id]
    assert share.histories == 2
    assert [counts(one) for one in of_ana[:2]] == [[], []]
    assert sorted(counts(of_ana[2])) == [
        (Change.RESTATED, 4),
        (Change.SAID, 1),
        (Change.SAID, 2),
        (Change.SAID, 3),
    ]
    assert [one.refold for one in of_ana] == [False, False, True]


def test_a_refold_that_says_only_what_its_own_entry_means_is_none_to_those_behind(share: Share) -> None:
    share.line.say(**ANA)
    (entry,) = share.fresh()
    (said,) = outgoing(share.decide([replace(entry, rewritten=True)]))
    assert (counts(said), said.refold, share.histories) == ([(Change.SAID, 1)], False, 1)


def test_a_lead_whose_history_was_changed_twice_at_once_is_folded_again_once(share: Share) -> None:
    for _ in range(2):
        share.line.say(**ANA)
    changed = [replace(one, rewritten=True) for one in share.fresh()]
    said = outgoing(share.decide(changed))
    assert (share.histories, [len(one.conclusions) for one in said]) == (1, [0, 2])


@pytest.mark.parametrize("anew", [False, True])
def test_a_fold_that_was_put_off_is_owed_across_batches_and_processes(share: Share, anew: bool) -> None:
    first, second = late_and_more(share)
    (put_off,) = outgoing(share.decide([first]))
    assert (first.more, second.more, counts(put_off)) == (True, False, [])
    if anew:
        share.partition = Partition(TOY, 0, share.line.book)
    (said,) = outgoing(share.decide([second]))
    assert sorted(counts(said)) == [(Change.RESTATED, 2), (Change.SAID, 1), (Change.SAID, 3)]


def late_and_more(share: Share) -> list[Entry]:
    """Return a late entry about a lead and the one that the sequencer decided together with it."""
    share.line.say(time="2026-03-02 08:50", **ANA)
    share.decide(share.fresh())
    share.line.say(time="2026-03-02 08:20", **ANA)
    share.line.say(time="2026-03-02 08:55", **ANA)
    return share.fresh()


def test_time_does_not_come_on_over_a_fold_that_is_owed(share: Share) -> None:
    first, _ = late_and_more(share)
    share.decide([first])
    with share.line.database.writing() as connection:
        fired = share.partition.fire(StoredMemory(connection), instant("2026-03-03 09:00"))
        assert fired is not None
        write_decision(connection, TOY.name, 0, fired)
    settled, *_ = outgoing(fired)
    assert (settled.fact, settled.refold) == (None, True)
    assert sorted(counts(settled)) == [(Change.RESTATED, 2), (Change.SAID, 1)]
    assert [kept.owes for kept in fired.kept.values()] == [False]


def test_a_fact_that_the_store_knew_of_before_it_came_counts_once(share: Share) -> None:
    """Two records were lost, a signing came, the process ended; then they came one by one."""
    share.line.say(time="2026-03-02 08:10", **ANA)
    share.decide(share.fresh())
    lost = []
    for minute in (20, 30):
        share.line.say(time=f"2026-03-02 08:{minute}", **ANA)
        lost += share.fresh()
    share.line.sign({"version": "test-2"})
    share.line.decide()
    (signing,) = [one for one in share.line.said if isinstance(one, Signing)]
    share.partition = Partition(TOY, 0, share.line.book)
    with share.line.database.writing() as connection:
        visited = share.partition.visit(StoredMemory(connection), signing, "")
        assert visited is not None
        write_decision(connection, TOY.name, 0, visited)
    both, nothing_new = [outgoing(share.decide([one])) for one in lost]
    assert [count for _, count in counts(both[0])] == [2, 3, 4]
    assert [counts(one) for one in nothing_new] == [[]]


def test_a_timer_that_fires_before_a_fact_knows_nothing_of_it(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    line.at("2026-03-02 15:30")
    line.say(BIG, time="2026-03-02 08:00", **ANA)
    line.say(DEMO, time="2026-03-02 09:00", **ANA)
    late = Engaged(channel=EngagementChannel.EMAIL, action="click", origin="late")  # matters to metrics alone
    line.say(late, time="2026-03-02 08:30", **ANA)
    # Beyond the clock of acceptance, which the lifecycle fires first.
    won = Won(amount=Money(amount_minor=100_00, currency="EUR"))
    line.say(won, time="2026-03-02 15:00", source="crm", **ANA)
    line.drain()
    revenue = [row["value"] for row in line.rows(metrics) if row["measure"] == "revenue"]
    assert revenue == [100_00]
    assert line.verified().differences == []


def test_what_was_decided_and_not_committed_is_forgotten_and_decided_alike(share: Share) -> None:
    share.line.say(time="2026-03-02 08:50", **ANA)
    share.decide(share.fresh())
    share.line.say(time="2026-03-02 08:55", **ANA)
    share.line.say(time="2026-03-02 08:20", **ANA)
    entries = share.fresh()
    lost = share.decide(entries, write=False)
    share.partition.forget()
    assert share.decide(entries) == lost


@pytest.mark.slow
def test_a_long_life_folded_again_is_said_in_several_records(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    first = instant(MORNING)
    line.at("2026-03-20 09:00")
    for minute in range(MOST_A_RECORD + 50):
        employees = 10 if minute % 2 else 900
        at = first + timedelta(minutes=minute)
        line.say(Enriched(attributes={"employees": employees}), time=at, **ANA)
    line.drain()
    line.say(Enriched(attributes={"country": "ES"}), time=first - timedelta(days=1), **ANA)
    line.drain()
    said = Counter((row["worker"], row["version"]) for row in line.rows(timeline))
    assert said.most_common(2)[0][1] == MOST_A_RECORD
    assert said.most_common(2)[1][1] >= 50
    assert line.verified().agrees


@pytest.mark.parametrize("at_once", [True, False])
def test_an_alert_shows_who_has_it_now_and_stays_on_record_when_it_is_withdrawn(
    tmp_path: Path, at_once: bool
) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    line.say(BIG, **ANA)
    line.say(DEMO, **ANA)
    line.at("2026-03-02 13:10")
    if not at_once:
        line.drain()
    line.say(Assigned(owner="bo", team="sales"), **ANA)
    line.drain()
    shown = len(line.rows(alerts))
    assert {row["owner"] for row in line.rows(alerts) if row["resolved_at"] is None} == {"bo"}
    line.say(Accepted(), source="crm", time="2026-03-02 10:00", **ANA)
    line.drain()
    ends = {row["kind"]: row["resolved_reason"] for row in line.rows(alerts) if "acceptance" in row["about"]}
    assert (ends["sla_breach"], len(line.rows(alerts)) >= shown) == ("withdrawn", True)
    assert line.verified().agrees
