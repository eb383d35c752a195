"""What every store keeps to, whichever database it is: inherit ``StoreContract`` and give it a ``database``.

Nothing here is said in SQL, so that a store may be of any kind that the hosts can write to.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.decision import (
    Binding,
    Decision,
    FactRow,
    JournalDecision,
    Kept,
    Merge,
    SignedAgreement,
    TimelineRow,
)
from infra.memory import Ask
from infra.store.auditing import Audit
from infra.store.database import Database, Transaction
from infra.store.journal_memory import StoredJournalMemory, signed_agreements
from infra.store.memory import StoredMemory
from infra.store.positions import Fenced, advance, take_over
from infra.store.writing import stow, stowed, write_decision, write_journal
from schemas.entries import Change, Concluded
from schemas.metrics import Cell, Measure
from schemas.read_model import Row
from schemas.scoring import ScoreChanged
from schemas.vocabulary import LeadId, WorkerName
from tests.builders import instant

AT = instant("2026-03-02 09:00")
SCORING = WorkerName.SCORING


def score(engagement: int) -> ScoreChanged:
    return ScoreChanged(reason="fact", fit=0, engagement=engagement, cell="C3", band="cold")


def said(lead_id: LeadId, seq: int, engagement: int, change: Change = Change.SAID) -> Concluded:
    return Concluded(f"id{seq}", SCORING, lead_id, AT, seq, "test-1", score(engagement), change)


def fact(seq: int, lead_id: LeadId, **fields: object) -> FactRow:
    row = FactRow(
        seq,
        lead_id,
        "engaged",
        AT + timedelta(minutes=seq),
        AT,
        AT,
        AT,
        "web",
        f"e{seq}",
        False,
        "",
        "{}",
        None,
        '{"kind":"engaged","channel":"page","action":"view"}',
        b"who it was",
    )
    return replace(row, **fields)  # type: ignore[arg-type]


def journal(**fields: object) -> JournalDecision:
    return JournalDecision(1, 1, AT, **fields)  # type: ignore[arg-type]


def kept(state: str | None = "{}", taken: int = 1) -> Kept:
    return Kept(state, taken, 1, 1, None, {}, owes=taken > 1)


def cell(amount_on: str = "2026-03-02") -> Cell:
    day = datetime.fromisoformat(amount_on).date()
    return Cell(next(iter(Measure)), "", day, day, "ads", "spring", "large", "sales", "ana")


def seqs(connection: Transaction, lead_id: LeadId, upto_seq: int) -> list[int]:
    history = StoredMemory(connection).history(None, Ask(lead_id, upto_seq, 0))
    return sorted(entry.seq for entry in history.facts)


def write_and_fail(database: Database) -> None:
    with database.writing() as connection:
        write_decision(connection, SCORING, 0, Decision(kept={"L1": kept()}))
        raise LookupError


class StoreContract:
    """What every store keeps to."""

    @pytest.fixture
    def connection(self, database: Database) -> Iterator[Transaction]:
        with database.writing() as connection:
            yield connection

    # --- positions

    def test_who_takes_a_partition_over_finds_where_it_stands(self, connection: Transaction) -> None:
        position = take_over(connection, SCORING, 3)
        moved = advance(connection, SCORING, 3, position, next_offset=7, clock=AT, cursor="{}")
        again = take_over(connection, SCORING, 3)
        assert (again.next_offset, again.clock, again.cursor) == (7, AT, "{}")
        assert again.version > moved.version

    def test_who_was_taken_over_may_not_move_the_position(self, connection: Transaction) -> None:
        mine = take_over(connection, SCORING, 0)
        take_over(connection, SCORING, 0)
        with pytest.raises(Fenced):
            advance(connection, SCORING, 0, mine, next_offset=1)

    def test_a_position_moves_only_its_own_partition(self, connection: Transaction) -> None:
        first, second = take_over(connection, SCORING, 0), take_over(connection, SCORING, 1)
        advance(connection, SCORING, 0, first, next_offset=9)
        assert advance(connection, SCORING, 1, second).next_offset == 0

    # --- what a worker keeps

    def test_a_state_written_twice_is_the_last_one(self, connection: Transaction) -> None:
        for taken in (1, 2):
            write_decision(connection, SCORING, 0, Decision(kept={"L1": kept(f'"{taken}"', taken)}))
        found = StoredMemory(connection).kept(SCORING, 0, ["L1", "L2"])
        assert {lead: (one.state, one.taken, one.owes) for lead, one in found.items()} == {
            "L1": ('"2"', 2, True)
        }

    def test_leads_are_found_in_order_behind_a_cursor(self, connection: Transaction) -> None:
        states = {lead: kept() for lead in ("L3", "L1", "L2")}
        write_decision(connection, SCORING, 0, Decision(kept=states))
        assert StoredMemory(connection).leads_after(SCORING, 0, "L1", 1) == ["L2"]
        assert StoredMemory(connection).leads_after(SCORING, 1, "", 9) == []

    def test_timers_fall_due_in_the_order_of_time_then_lead_then_kind(self, connection: Transaction) -> None:
        later = AT + timedelta(hours=1)
        timers = {("L2", "b"): AT, ("L2", "a"): AT, ("L1", "z"): later, ("L1", "a"): AT, ("L3", "a"): later}
        write_decision(connection, SCORING, 0, Decision(timers={**timers}))
        memory = StoredMemory(connection)
        assert memory.due(SCORING, 0, later, 9) == [
            ("L1", AT),
            ("L2", AT),
            ("L2", AT),
            ("L1", later),
            ("L3", later),
        ]
        assert memory.due(SCORING, 0, AT, 2) == [("L1", AT), ("L2", AT)]
        assert memory.due(SCORING, 0, AT - timedelta(microseconds=1), 9) == []

    def test_a_timer_armed_again_moves_and_one_cancelled_is_gone(self, connection: Transaction) -> None:
        later = AT + timedelta(hours=1)
        write_decision(connection, SCORING, 0, Decision(timers={("L1", "a"): AT, ("L1", "b"): AT}))
        write_decision(connection, SCORING, 0, Decision(timers={("L1", "a"): later, ("L1", "b"): None}))
        assert StoredMemory(connection).due(SCORING, 0, later, 9) == [("L1", later)]

    def test_amounts_are_added_to_a_cell_and_partitions_add_up(self, connection: Transaction) -> None:
        for partition, amount in ((0, 2), (0, -1), (1, 5)):
            write_decision(connection, WorkerName.METRICS, partition, Decision(cells={cell(): amount}))
        assert list(Audit(connection).cells().values()) == [6]

    def test_rows_of_several_workers_about_one_lead_come_together(self, connection: Transaction) -> None:
        write_decision(connection, SCORING, 0, Decision(rows=[Row("leads", ("L1",), (("fit", 3),))]))
        write_decision(connection, SCORING, 0, Decision(rows=[Row("leads", ("L1",), (("stage", "mql"),))]))
        row = Audit(connection).stored(["L1"]).rows["L1"]["leads", ("L1",)]
        assert (row["fit"], row["stage"]) == (3, "mql")

    # --- what was said

    def test_what_stands_is_what_restatements_and_withdrawals_leave(self, connection: Transaction) -> None:
        rows = [
            TimelineRow(said("L1", 1, 10), 1, AT),
            TimelineRow(said("L1", 2, 20), 2, AT),
            TimelineRow(replace(said("L1", 1, 30, Change.RESTATED), was=score(10)), 3, AT),
            TimelineRow(replace(said("L1", 2, 20, Change.WITHDRAWN), was=score(20)), 3, AT),
        ]
        write_decision(connection, SCORING, 0, Decision(timeline=rows))
        (one,) = StoredMemory(connection).standing(SCORING, "L1")
        assert one.body == score(30)

    def test_a_reader_sees_what_stood_upstream_by_the_version_that_it_took(
        self, connection: Transaction
    ) -> None:
        rows = [TimelineRow(said("L1", 1, 10), 1, AT), TimelineRow(said("L1", 2, 20), 2, AT)]
        write_decision(connection, SCORING, 0, Decision(timeline=rows))
        history = StoredMemory(connection).history(SCORING, Ask("L1", 9, 1))
        assert [one.body for one in history.said] == [score(10)]

    # --- histories

    def test_a_history_ends_at_the_number_asked_for(self, connection: Transaction) -> None:
        write_journal(connection, journal(facts=[fact(1, "L1"), fact(2, "L1"), fact(3, "L2")]))
        assert seqs(connection, "L1", 1) == [1]
        assert seqs(connection, "L1", 9) == [1, 2]

    def test_a_survivor_has_the_facts_of_whom_it_absorbed_while_the_merge_lasts(
        self, connection: Transaction
    ) -> None:
        facts = [fact(1, "L1"), fact(2, "L2"), fact(3, "L3")]
        merges = [Merge("L2", "L1", 4), Merge("L3", "L2", 3)]
        write_journal(connection, journal(facts=facts, merges=merges))
        write_journal(connection, journal(unmerged=[("L2", "L1", 6)]))
        assert {upto: seqs(connection, "L1", upto) for upto in (3, 4, 5, 6)} == {
            3: [1],
            4: [1, 2, 3],
            5: [1, 2, 3],
            6: [1],
        }
        assert {upto: seqs(connection, "L2", upto) for upto in (3, 4, 6)} == {3: [2, 3], 4: [], 6: [2, 3]}

    def test_the_facts_of_an_import_are_seen_from_its_close_on(self, connection: Transaction) -> None:
        write_journal(connection, journal(opened=[("i1", 1)], facts=[fact(2, "L1", import_id="i1")]))
        assert seqs(connection, "L1", 9) == []
        write_journal(connection, journal(closed=[("i1", 5)]))
        assert seqs(connection, "L1", 4) == []
        assert seqs(connection, "L1", 5) == [2]
        assert StoredJournalMemory(connection).imports(["i1", "i2"]) == {"i1": False}

    def test_agreements_come_back_in_the_order_of_signing(self, connection: Transaction) -> None:
        signed = [SignedAgreement(seq, f"v{seq}", "digest", AT, "text") for seq in (5, 2)]
        write_journal(connection, journal(signed=signed))
        assert [one.seq for one in signed_agreements(connection)] == [2, 5]

    # --- the outbox

    def test_the_outbox_keeps_batches_in_order_until_they_were_sent(self, connection: Transaction) -> None:
        stow(connection, SCORING, 0, 4, b"first", None)
        stow(connection, SCORING, 0, 10, b"second", None)
        stow(connection, SCORING, 1, 5, b"another partition's", None)
        assert stowed(connection, SCORING, 0) == [(4, b"first"), (10, b"second")]
        stow(connection, SCORING, 0, 11, b"", 10)
        assert stowed(connection, SCORING, 0) == []
        assert stowed(connection, SCORING, 1) == [(5, b"another partition's")]

    # --- people

    def test_an_erasure_blanks_a_lead_and_all_that_it_absorbed_and_no_other(
        self, connection: Transaction
    ) -> None:
        leads = ("L1", "L2", "L3", "L4")
        rows = [Row("leads", (lead,), (("email", f"{lead}@example.com"),)) for lead in leads]
        facts = [fact(place, lead) for place, lead in enumerate(leads, 1)]
        merges = [Merge("L3", "L2", 5), Merge("L2", "L1", 6)]
        bindings = [Binding(lead.encode(), lead) for lead in leads]
        write_journal(connection, journal(rows=rows, facts=facts, merges=merges, bindings=bindings))
        write_journal(connection, journal(erased=["L1"]))
        shown = Audit(connection).stored(leads).rows
        emails = {lead: shown[lead]["leads", (lead,)]["email"] for lead in leads}
        assert emails == {"L1": None, "L2": None, "L3": None, "L4": "L4@example.com"}
        memory = StoredJournalMemory(connection)
        assert [lead for lead in leads if memory.originals(lead)] == ["L4"]
        assert memory.bound([b"L2"]) == {b"L2": "L2"}
        assert seqs(connection, "L1", 9) == [1, 2, 3]

    def test_of_several_words_about_one_key_in_a_batch_the_last_one_counts(
        self, connection: Transaction
    ) -> None:
        bindings = [Binding(b"k1", "L1"), Binding(b"k2", "L2"), Binding(b"k1", "L2")]
        merges = [Merge("L1", "L2", 4), Merge("L1", "L2", 4, 6)]
        write_journal(connection, journal(bindings=bindings, merges=merges, opened=[("i1", 1), ("i1", 2)]))
        assert StoredJournalMemory(connection).bound([b"k1", b"k2"]) == {b"k1": "L2", b"k2": "L2"}
        assert StoredJournalMemory(connection).absorbed("L2") == []

    # --- instants

    @pytest.mark.parametrize("microsecond", [0, 1, 999_999])
    def test_an_instant_comes_back_as_it_was_in_utc(self, connection: Transaction, microsecond: int) -> None:
        exact = AT.replace(microsecond=microsecond)
        there = exact.astimezone(timezone(timedelta(hours=5, minutes=30)))
        write_decision(connection, SCORING, 0, Decision(timers={("L1", "a"): there}))
        ((_, found),) = StoredMemory(connection).due(SCORING, 0, exact, 1)
        assert found == exact
        assert found.tzinfo is UTC

    def test_instants_of_one_second_are_told_apart_and_in_order(self, connection: Transaction) -> None:
        moments = [AT + timedelta(microseconds=count) for count in (2, 0, 1, 500_000)]
        timers = {(f"L{place}", "a"): moment for place, moment in enumerate(moments)}
        write_decision(connection, SCORING, 0, Decision(timers={**timers}))
        found = [moment for _, moment in StoredMemory(connection).due(SCORING, 0, moments[-1], 9)]
        assert found == sorted(moments)

    # --- transactions

    def test_what_fails_leaves_nothing_behind(self, database: Database) -> None:
        with pytest.raises(LookupError):
            write_and_fail(database)
        with database.reading() as connection:
            assert StoredMemory(connection).kept(SCORING, 0, ["L1"]) == {}
