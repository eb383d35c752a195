"""Counting is a function of the summary, so that numbers are restated by subtraction; over any history."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.entries import Entry
from schemas.facts import Captured, Won
from schemas.lifecycle import MoveRefused, RefusalReason
from schemas.metrics import DIMENSIONS, Cell, Measure
from services.metrics.cells import counts, diff
from services.metrics.rule import matters
from services.metrics.summary import EMPTY, LeadSummary
from tests.effort import examples
from tests.services.metrics.histories import BEGIN, histories
from tests.services.metrics.leads import (
    SMALL,
    after,
    captured,
    euros,
    history,
    moved,
    on,
    tally,
    totals,
)

FEW = examples(8)
SUMMARY = TypeAdapter(LeadSummary)


def path(entries: list[Entry]) -> list[LeadSummary]:
    """Return the summary after each entry."""
    states = [EMPTY]
    for each in entries:
        states.append(after(each, before=states[-1]))
    return states


@FEW
@given(histories())
def test_what_is_added_along_any_path_is_what_the_end_counts(entries: list[Entry]) -> None:
    states = path(entries)
    added: Counter[Cell] = Counter()
    for before, now in pairwise(states):
        added.update(diff(counts(before), counts(now)))
    assert {cell: amount for cell, amount in added.items() if amount} == counts(states[-1])


@FEW
@given(histories())
def test_counting_twice_changes_nothing_and_uncounting_leaves_nothing(entries: list[Entry]) -> None:
    lead = history(*entries)
    assert diff(counts(lead), counts(lead)) == {}
    gone = Counter(counts(lead))
    gone.update(diff(counts(lead), counts(None)))
    assert not any(gone.values())


@FEW
@given(histories())
def test_kept_and_resumed_at_any_place_is_straight_through(entries: list[Entry]) -> None:
    states = path(entries)
    for place, state in enumerate(states):
        resumed = SUMMARY.validate_json(SUMMARY.dump_json(state))
        assert resumed == state
        assert counts(after(*entries[place:], before=resumed)) == counts(states[-1])


@FEW
@given(st.lists(histories(), max_size=3))
def test_stages_sum_to_leads(leads: list[list[Entry]]) -> None:
    found = tally(totals(history(*entries) for entries in leads))
    assert sum(amount for name, amount in found.items() if name.startswith("standing")) == len(leads)


@FEW
@given(histories())
def test_what_is_credited_is_what_was_won_by_every_model(entries: list[Entry]) -> None:
    found = tally(history(*entries))
    for model in ("first_touch", "last_touch", "linear"):
        assert found.get(f"attributed_won:{model}", 0) == 1000 * found.get("won", 0)
        assert found.get(f"attributed_revenue:{model}", 0) == found.get("revenue", 0)


@FEW
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_nothing_to_a_fold_by_place(entries: list[Entry], chance: Random) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert history(*shuffled) == history(*entries)


@FEW
@given(histories())
def test_an_entry_whose_place_does_not_matter_may_come_late(entries: list[Entry]) -> None:
    first, *others = entries
    in_time = [each for each in others if matters(each, SMALL)]
    late = [each for each in others if not matters(each, SMALL)]
    assert after(first, *in_time, *late) == history(*entries)


@FEW
@given(histories())
def test_facts_marked_as_tests_change_nothing(entries: list[Entry]) -> None:
    lead = history(captured())
    tests = [on(each.at, each.fact, seq=each.seq, test=True) for each in entries]
    assert after(*tests, before=lead) is lead


def test_an_unknown_lead_counts_nothing() -> None:
    assert counts(None) == counts(EMPTY) == {}


def test_a_difference_says_what_came_went_and_changed() -> None:
    lead = history(captured())
    (one, two, *_) = counts(lead)
    other = one._replace(detail="other")
    assert diff({one: 2, two: 1}, {one: 5, other: 3, two: 1}) == {one: 3, other: 3}
    assert diff({one: 2}, {}) == {one: -2}


def test_every_cell_has_every_dimension() -> None:
    for cell in counts(history(captured())):
        assert all(getattr(cell, name) for name in DIMENSIONS)


def test_amounts_that_cancel_out_are_not_counted() -> None:
    won = on("2026-03-05 09:00", Won(opportunity_id="O1", amount=euros(100)), seq=2)
    undone = on("2026-03-06 09:00", Won(opportunity_id="O1", amount=euros(0)), seq=3)
    found = {cell.measure for cell in counts(history(captured(), won, undone))}
    assert Measure.WON in found
    assert not {Measure.REVENUE, Measure.ATTRIBUTED_REVENUE} & found


def test_a_summary_is_bounded_whatever_happens_to_a_lead() -> None:
    at = BEGIN
    entries = [captured()]
    for seq in range(2, 600):
        at += timedelta(hours=5)
        refused = MoveRefused(asked="won", reason=RefusalReason.CLOSED, at_stage="lost")
        moving = moved(at, f"stage{seq}", cycle=seq)
        fact = Won(opportunity_id=f"O{seq}", amount=euros(1))
        entries.append(on(at, fact, moving, seq=seq))
        entries.append(on(at, Captured(origin=f"origin{seq}"), seq=1000 + seq))
        entries.append(on(at, fact, refused, seq=2000 + seq))
    lead = history(*entries)
    assert len(SUMMARY.dump_json(lead)) < 40_000
    assert tally(lead)["revenue"] == 598
