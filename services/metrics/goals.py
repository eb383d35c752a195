"""How far the common goals have come: the number of the goal's period so far, and its share of the target.

A goal is looked at over its own period, by when things happened; one about what stands now has no period.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.agreement.numbers import Goal
from schemas.metrics import Cut, MetricRow, period_key


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one goal has come."""

    goal: Goal
    period: str
    value: float | None
    """Null: nothing can be said yet."""
    share_rate: float | None
    """Of the target; 1 when it is reached, more beyond. Null without a value, or with a target of 0."""


def goal_cuts(goals: Iterable[Goal]) -> tuple[Cut, ...]:
    """Return the cuts whose rows ``progress`` needs."""
    periods = sorted({goal.period for goal in goals})
    return (*(Cut(period=period, basis="period") for period in periods), Cut(basis="none")) if periods else ()


def progress(goals: Iterable[Goal], rows: Iterable[MetricRow], today: date) -> tuple[Progress, ...]:
    """Return how far each goal has come on a day.

    Args:
        goals: The agreement's.
        rows: Those of ``goal_cuts``.
        today: The day in the agreement's zone; it says which period.
    """
    totals = {(row.metric, row.period): row.value for row in rows if not row.dimensions}
    return tuple(_progress(goal, totals, period_key(today, goal.period)) for goal in goals)


def _progress(goal: Goal, totals: dict[tuple[str, str | None], float | int | None], period: str) -> Progress:
    value = totals.get((goal.metric, period), totals.get((goal.metric, None)))
    share = round(value / goal.target, 6) if value is not None and goal.target else None
    return Progress(goal, period, value, share)
