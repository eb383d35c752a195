"""Outcomes dated before the capture are dirty, whichever of the two was said first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from schemas.entries import Entry
from schemas.facts import LeadFact, Lost, OpportunityOpened, StageClaimed, Won
from schemas.metrics import Measure
from schemas.vocabulary import Flag
from services.metrics.cells import counts
from services.metrics.early import MOST
from services.metrics.summary import LeadSummary
from tests.builders import instant
from tests.services.metrics.histories import histories
from tests.services.metrics.leads import captured, history, moved, on, tally

DIRTY = "dirty:before_capture"


def dirty_days(lead: LeadSummary) -> dict[date, int]:
    return {cell.on: amount for cell, amount in counts(lead).items() if cell.measure is Measure.DIRTY}


@pytest.mark.parametrize("outcome", [Won(), Lost(), OpportunityOpened()])
@pytest.mark.parametrize("flags", [(), (Flag.BEFORE_CAPTURE,)])
def test_an_outcome_before_the_capture_is_dirty_once(outcome: LeadFact, flags: tuple[Flag, ...]) -> None:
    lead = history(on("2026-02-20 09:00", outcome, flags=flags, seq=2), captured())
    assert dirty_days(lead) == {date(2026, 2, 20): 1}


def test_an_outcome_at_the_instant_of_the_capture_is_clean_whichever_was_said_first() -> None:
    for seq in (1, 3):
        lead = history(on("2026-03-02 09:00", Won(), seq=seq), captured(seq=2))
        assert DIRTY not in tally(lead)


def test_each_outcome_before_the_capture_counts_on_its_day() -> None:
    early = [
        on("2026-02-20 09:00", OpportunityOpened(), seq=2),
        on("2026-02-21 09:00", Lost(), seq=3),
        on("2026-02-21 09:00", Won(), seq=4),
        on("2026-03-02 09:00", OpportunityOpened(), seq=0),
    ]
    lead = history(*early, captured())
    assert dirty_days(lead) == {date(2026, 2, 20): 1, date(2026, 2, 21): 2}


def test_outcomes_after_the_capture_and_those_of_a_lead_never_captured_are_clean() -> None:
    later = history(captured(), on("2026-03-03 09:00", Won(), seq=2))
    never = history(on("2026-03-03 09:00", Won(), seq=2))
    assert DIRTY not in tally(later)
    assert DIRTY not in tally(never)


def test_a_move_that_wins_before_the_capture_is_dirty_too() -> None:
    at = "2026-02-20 09:00"
    lead = history(on(at, StageClaimed(stage="customer"), moved(at, "customer"), seq=2), captured())
    assert dirty_days(lead) == {date(2026, 2, 20): 1}


def test_how_many_there_were_stays_exact_when_the_oldest_are_put_together() -> None:
    first = instant("2026-01-01 09:00")
    early = [on(first + timedelta(days=day), Lost(), seq=2 + day) for day in range(MOST + 9)]
    lead = history(*early, captured())
    assert len(lead.early) == MOST
    assert tally(lead)[DIRTY] == MOST + 9


@given(histories())
def test_what_the_sequencer_knew_of_the_capture_changes_no_number(entries: list[Entry]) -> None:
    def flagged(entry: Entry) -> Entry:
        others = tuple(one for one in entry.flags if one is not Flag.BEFORE_CAPTURE)
        return replace(entry, flags=others if entry.flags != others else (*others, Flag.BEFORE_CAPTURE))

    assert counts(history(*map(flagged, entries))) == counts(history(*entries))
