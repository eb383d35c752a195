"""Counting: what a lead's summary comes to in cells, and what changes between two of them.

``counts`` is a function of the summary alone, so that what was counted before can be said again, exactly, and
taken away. A lead is in one cohort (the day of its capture) and has one value of each dimension; hand-offs
and clocks have their own team and owner, and credited wins their own origin and campaign.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from schemas.metrics import Cell, Measure
from schemas.vocabulary import Flag
from services.metrics import buckets
from services.metrics.marks import handoff_marks
from services.metrics.summary import LeadSummary, Mark

NO_STAGE = "none"
"""Where a lead stands that has entered no stage."""


def counts(state: LeadSummary | None) -> dict[Cell, int]:
    """Return what of this lead is counted; of an unknown one, nothing.

    Returns:
        Cell to amount, none of them 0. Every lead with a fact is STANDING once.
    """
    if state is None or state.first_on is None:
        return {}
    cohort_on = state.captured_on or state.first_on
    cells: dict[Cell, int] = {}
    for mark in (*_standing(state, cohort_on), *_lead_marks(state), *state.marks):
        measure, detail, on, amount, bucket, holder, pair = mark
        origin, campaign = pair or state.pair
        team, owner = holder or state.holder
        cell = Cell(measure, detail, cohort_on, on, origin, campaign, state.segment, team, owner, bucket)
        cells[cell] = cells.get(cell, 0) + amount
    return cells if all(cells.values()) else {cell: amount for cell, amount in cells.items() if amount}


def diff(before: Mapping[Cell, int], after: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return what must be added to the cells of ``before`` to have those of ``after``; nothing that is 0."""
    changed = {cell: amount - before.get(cell, 0) for cell, amount in after.items()}
    changed.update((cell, -amount) for cell, amount in before.items() if cell not in after)
    return {cell: amount for cell, amount in changed.items() if amount}


def _standing(state: LeadSummary, cohort_on: date) -> Iterator[Mark]:
    """Yield what is true of the lead now."""
    yield Mark(Measure.STANDING, state.stage or NO_STAGE, state.entered_on or cohort_on)
    if state.stalled:
        yield Mark(Measure.STALLED_OPEN, state.stalled.stage, state.stalled.on)
    for overdue in state.overdue:
        yield Mark(Measure.CLOCK_OVERDUE, overdue.clock, overdue.on, holder=overdue.holder)
    if state.handoff:
        yield from handoff_marks(state.handoff)


def _lead_marks(state: LeadSummary) -> Iterator[Mark]:
    """Yield what is counted once a lead."""
    if state.captured_on and state.captured_at:
        yield Mark(Measure.CAPTURED, "", state.captured_on)
        yield from _early(state, state.captured_at)
    begun_at = state.captured_at or state.first_at
    for stage, at, on in state.reached:
        seconds = int((at - begun_at).total_seconds()) if begun_at else 0
        yield Mark(Measure.LAG, stage, on, 1, buckets.index(seconds))
    if state.first_stalled_on:
        yield Mark(Measure.LEAD_STALLED, "", state.first_stalled_on)
    if state.handed_over_on:
        yield Mark(Measure.LEAD_HANDED_OVER, "", state.handed_over_on)
    if state.won_on:
        yield from _win(state, state.won_on)


def _early(state: LeadSummary, captured_at: datetime) -> Iterator[Mark]:
    """Yield the outcomes that lie before the capture, whether or not it was known when they were said."""
    for outcome in state.early:
        if outcome.at < captured_at:
            yield Mark(Measure.DIRTY, Flag.BEFORE_CAPTURE, outcome.on, outcome.amount)


def _win(state: LeadSummary, on: date) -> Iterator[Mark]:
    yield Mark(Measure.WON, "", on)
    for win in state.wins:
        yield Mark(Measure.REVENUE, "", win.on, win.amount_minor)
    if state.handed_over_at and state.won_at and state.handed_over_at <= state.won_at:
        yield Mark(Measure.HANDED_OVER_WON, "", on)
    if state.captured_at and state.won_at:
        seconds = int((state.won_at - state.captured_at).total_seconds())
        yield Mark(Measure.CAPTURED_TO_WON, "", on, 1, buckets.index(seconds))
        if seconds < 0 and not state.won_by_fact:
            yield Mark(Measure.DIRTY, Flag.BEFORE_CAPTURE, on)
