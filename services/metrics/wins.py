"""Wins: a lead is won once, on the day of its first win; revenue adds up, each win's on its own day.

What wins a lead is a ``won`` fact, or a move to a stage whose outcome is won, whichever comes first. Wins
that name the same opportunity are one win, whose latest amount counts on the first day: two tools may report
it, and one may correct it, to the credit of what had touched the lead when it was won. Amounts in another
currency than the agreement's count nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from schemas.facts import Won
from schemas.metrics import Measure
from schemas.records import replace
from services.metrics import buckets
from services.metrics.attribution import WIN, credited
from services.metrics.marks import added
from services.metrics.plan import Plan
from services.metrics.summary import LeadSummary, Mark, Touched, Win

MOST = 32
"""Wins kept apart; beyond it the two oldest become one, of no opportunity."""
RECENT = 8
"""Of so many of the newest it is kept what had touched the lead by then."""


class _Change(NamedTuple):
    """By how much which day's revenue changes, and what that is credited to."""

    on: date
    amount_minor: int
    touched: Touched


def won(summary: LeadSummary, fact: Won | None, at: datetime, plan: Plan) -> LeadSummary:
    """Return the summary after a win; ``fact`` is null when only a move said so."""
    on = plan.day(at)
    touched = Touched(summary.first_touch, summary.last_touch, summary.touches)
    wins, change = _entered(summary.wins, fact, plan.currency, _Change(on, 0, touched))
    marks = added(summary.marks, _marks(summary, change, at, on))
    first_at, first_on = (summary.won_at, summary.won_on) if summary.won_at else (at, on)
    return replace(summary, won_at=first_at, won_on=first_on, wins=wins, marks=marks, opportunity_at=None)


def _entered(
    wins: tuple[Win, ...], fact: Won | None, currency: str, now: _Change
) -> tuple[tuple[Win, ...], _Change]:
    """Return the wins with this one, and what it changes."""
    if fact is None:
        return wins, now
    money = fact.amount if fact.amount and fact.amount.currency == currency else None
    for place, known in enumerate(wins):
        if fact.opportunity_id is not None and known.opportunity_id == fact.opportunity_id:
            amount = money.amount_minor if money else known.amount_minor
            corrected = known._replace(amount_minor=amount)
            change = _Change(known.on, amount - known.amount_minor, known.touched or now.touched)
            return (*wins[:place], corrected, *wins[place + 1 :]), change
    change = now._replace(amount_minor=money.amount_minor if money else 0)
    return _bounded((*wins, Win(fact.opportunity_id, *change))), change


def _bounded(wins: tuple[Win, ...]) -> tuple[Win, ...]:
    wins = (*(win._replace(touched=None) for win in wins[:-RECENT]), *wins[-RECENT:])
    if len(wins) <= MOST:
        return wins
    first, second, *rest = wins
    return (Win(None, second.on, first.amount_minor + second.amount_minor), *rest)


def _marks(summary: LeadSummary, change: _Change, at: datetime, on: date) -> Iterator[Mark]:
    if summary.won_at is None:
        yield from credited(Measure.ATTRIBUTED_WON, WIN, on, change.touched)
    if change.amount_minor:
        yield from credited(Measure.ATTRIBUTED_REVENUE, change.amount_minor, change.on, change.touched)
    if summary.opportunity_at is not None:
        seconds = int((at - summary.opportunity_at).total_seconds())
        yield Mark(Measure.OPPORTUNITY_WON, "", on)
        yield Mark(Measure.SALES_CYCLE, "", on, bucket=buckets.index(seconds))
