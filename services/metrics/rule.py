"""The rule of metrics: keep, of each lead, a summary that says what of it is counted.

It concludes nothing and wants no waking. Counting is ``services.metrics.cells.counts``, a function of the
summary alone: whoever holds the numbers adds ``counts(after) - counts(before)``, so that a lead counts once
however often it is told, a refold restates by subtraction, and an absorbed lead uncounts. Facts marked as
tests, and what follows from them, count nothing.
"""

from typing import assert_never

from schemas.agreement import Agreement
from schemas.entries import Entry
from schemas.facts import Captured, Engaged, Enriched, Lost, OpportunityOpened, Touched, Won
from schemas.step import AgreementChanged, Event, Step, TimerDue
from services.metrics import from_handoffs, from_stages
from services.metrics.attribution import touch
from services.metrics.from_facts import after_fact, segmented
from services.metrics.plan import plan_of
from services.metrics.summary import EMPTY, LeadSummary

_COUNTED = from_stages.COUNTED | from_handoffs.COUNTED


def step(state: LeadSummary | None, event: Event, agreement: Agreement) -> Step[LeadSummary]:
    """Take an event into a lead's summary.

    Returns:
        The summary, the very same object when nothing changed; never a conclusion or a timer.
    """
    summary = EMPTY if state is None else state
    match event:
        case Entry():
            return Step(_after(summary, event, agreement))
        case AgreementChanged():
            return Step(segmented(summary, plan_of(agreement)))
        case TimerDue():
            return Step(summary)
        case _:
            assert_never(event)


def _after(summary: LeadSummary, entry: Entry, agreement: Agreement) -> LeadSummary:
    if entry.test or (entry.fact is None and summary.first_at is None):
        return summary
    if entry.fact is not None:
        summary = from_stages.before_fact(summary, entry, plan_of(agreement))
        summary = after_fact(summary, entry, entry.fact, plan_of(agreement))
    for concluded in entry.conclusions:
        if type(concluded.body) in from_stages.COUNTED:
            summary = from_stages.after(summary, concluded.body, entry, plan_of(agreement))
        elif type(concluded.body) in from_handoffs.COUNTED:
            summary = from_handoffs.after(summary, concluded.body, plan_of(agreement))
    return summary


def matters(entry: Entry, agreement: Agreement) -> bool:
    """Say whether the place of a late entry changes the numbers: if not, it may be taken when it comes."""
    if entry.test:
        return False
    if entry.flags or any(type(concluded.body) in _COUNTED for concluded in entry.conclusions):
        return True
    fact = entry.fact
    known = plan_of(agreement).attributes
    if not known.isdisjoint(entry.traits):
        return True
    match fact:
        case Engaged():
            return touch(fact.origin, fact.campaign) is not None
        case Enriched():
            return not known.isdisjoint(fact.attributes)
        case Captured() | Touched() | OpportunityOpened() | Won() | Lost():
            return True
        case _:
            return False
