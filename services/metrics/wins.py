"""Wins: a lead is won once, on the day of its first win; revenue adds up, each win's on its own day.

What wins a lead is a ``won`` fact, or a move to a stage whose outcome is won, whichever comes first. Wins
that name the same opportunity are one win, whose latest amount counts on the first day: two tools may report
it, and one may correct it. Amounts in another currency than the agreement's count nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime

from schemas.facts import Won
from schemas.metrics import Measure
from schemas.records import replace
from services.metrics import buckets
from services.metrics.attribution import WIN, credited
from services.metrics.marks import added
from services.metrics.plan import Plan
from services.metrics.summary import LeadSummary, Mark, Win

MOST = 32
"""Wins kept apart; beyond it the two oldest become one, of no opportunity."""


def won(summary: LeadSummary, fact: Won | None, at: datetime, plan: Plan) -> LeadSummary:
    """Return the summary after a win; ``fact`` is null when only a move said so."""
    on = plan.day(at)
    wins, change = _entered(summary.wins, fact, on, plan.currency)
    marks = added(summary.marks, _marks(summary, change, at, on))
    first_at, first_on = (summary.won_at, summary.won_on) if summary.won_at else (at, on)
    return replace(summary, won_at=first_at, won_on=first_on, wins=wins, marks=marks, opportunity_at=None)


def _entered(wins: tuple[Win, ...], fact: Won | None, on: date, currency: str) -> tuple[tuple[Win, ...], Win]:
    """Return the wins with this one, and by how much which day's revenue changes."""
    if fact is None:
        return wins, Win(None, on, 0)
    money = fact.amount if fact.amount and fact.amount.currency == currency else None
    for place, known in enumerate(wins):
        if fact.opportunity_id is not None and known.opportunity_id == fact.opportunity_id:
            amount = money.amount_minor if money else known.amount_minor
            corrected = known._replace(amount_minor=amount)
            return (*wins[:place], corrected, *wins[place + 1 :]), known._replace(
                amount_minor=amount - known.amount_minor
            )
    win = Win(fact.opportunity_id, on, money.amount_minor if money else 0)
    return _bounded((*wins, win)), win


def _bounded(wins: tuple[Win, ...]) -> tuple[Win, ...]:
    if len(wins) <= MOST:
        return wins
    first, second, *rest = wins
    return (Win(None, second.on, first.amount_minor + second.amount_minor), *rest)


def _marks(summary: LeadSummary, change: Win, at: datetime, on: date) -> Iterator[Mark]:
    touched = (summary.first_touch, summary.last_touch, summary.touches)
    if summary.won_at is None:
        yield from credited(Measure.ATTRIBUTED_WON, WIN, on, touched)
    if change.amount_minor:
        yield from credited(Measure.ATTRIBUTED_REVENUE, change.amount_minor, change.on, touched)
    if summary.opportunity_at is not None:
        seconds = int((at - summary.opportunity_at).total_seconds())
        yield Mark(Measure.OPPORTUNITY_WON, "", on)
        yield Mark(Measure.SALES_CYCLE, "", on, bucket=buckets.index(seconds))
