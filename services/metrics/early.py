"""Outcomes dated before the capture: dirty facts, kept and counted.

A lead is won, lost or has an opportunity, and only later does anybody say that it was captured. The
sequencer flags such an outcome when it knows the capture already, which depends on what arrived first. What
is counted must not: so outcomes are kept here, in the order of the lead's history, until a capture is known,
and those before it are dirty. Bounded: beyond ``MOST`` instants the two oldest become one.
"""

from dataclasses import replace
from datetime import datetime

from schemas.facts import LeadFact, Lost, OpportunityOpened, Won
from services.metrics.plan import Plan
from services.metrics.summary import Early, LeadSummary

MOST = 16
"""A lead that was never captured may be won, lost and offered to for ever."""


def noted(summary: LeadSummary, fact: LeadFact, at: datetime, plan: Plan) -> LeadSummary:
    """Return the summary after a fact that may be an outcome of a lead that nobody has captured yet."""
    if summary.captured_at is not None or not isinstance(fact, Won | Lost | OpportunityOpened):
        return summary
    known, last = summary.early, summary.early[-1:]
    if last and last[0].at == at:
        return replace(summary, early=(*known[:-1], last[0]._replace(amount=last[0].amount + 1)))
    return replace(summary, early=_bounded((*known, Early(at, plan.day(at)))))


def _bounded(early: tuple[Early, ...]) -> tuple[Early, ...]:
    if len(early) <= MOST:
        return early
    first, second, *rest = early
    return (second._replace(amount=first.amount + second.amount), *rest)
