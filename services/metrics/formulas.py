"""How each kind of metric is made of sums: one function a kind.

Counts are exact integers. Rates are rounded to six places and say what they are made of. Durations are within
1 % of the lower quantile (``services.metrics.buckets``), and their denominator says of how many. Where
nothing can be said, the value is null.
"""

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from schemas.metrics import Measure
from services.metrics import buckets
from services.metrics.metric import DAYS, Kind, Metric
from services.metrics.tally import Tally

QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}
PLACES = 6


class Numbers(NamedTuple):
    """A metric's numbers for one group."""

    value: float | int | None = None
    numerator: int | None = None
    denominator: int | None = None
    quantiles: dict[str, float] | None = None

    @property
    def say_something(self) -> bool:
        """Whether there is anything to report."""
        return bool(self.value or self.numerator or self.denominator)


def details(metric: Metric, tally: Tally, path: Sequence[str]) -> Sequence[str | None]:
    """Return what the metric is told apart by in this group; ``(None,)`` when by nothing."""
    if metric.by is None:
        return (None,)
    match metric.against:
        case "next":
            return path[:-1]
        case "first":
            return path
        case "all":
            return tally.details(metric.numerator)
        case "same":
            return tally.details((*metric.numerator, *metric.denominator))
        case _:
            assert_never(metric.against)


def numbers(metric: Metric, tally: Tally, detail: str | None, path: Sequence[str]) -> Numbers:
    """Compute a metric.

    Args:
        metric: What to compute.
        tally: The group's sums.
        detail: One of ``details``.
        path: The stages of the success path.
    """
    match metric.kind:
        case Kind.COUNT | Kind.MONEY if not metric.denominator:
            return _count(tally.amount(metric.numerator, detail), metric.scale)
        case Kind.COUNT | Kind.MONEY | Kind.RATE:
            return _rate(metric, tally, detail, path)
        case Kind.DURATION:
            return _duration(tally.durations(metric.numerator, detail), metric.scale)
        case Kind.VELOCITY:
            return _velocity(tally)
        case _:
            assert_never(metric.kind)


def _count(amount: int, scale: int) -> Numbers:
    return Numbers(amount) if scale == 1 else Numbers(_quotient(amount, scale), amount, scale)


def _rate(metric: Metric, tally: Tally, detail: str | None, path: Sequence[str]) -> Numbers:
    above = below = detail
    match metric.against:
        case "next" if detail is not None:
            above = path[path.index(detail) + 1]
        case "first":
            below = path[0]
        case "all":
            below = None
        case _:
            pass
    numerator = tally.amount(metric.numerator, above)
    denominator = tally.amount(metric.denominator, below)
    return Numbers(_quotient(numerator, denominator), numerator, denominator)


def _quotient(numerator: int, denominator: int) -> float | None:
    return round(numerator / denominator, PLACES) if denominator else None


def _duration(durations: dict[int, int], scale: int) -> Numbers:
    found = {name: buckets.quantile(durations, q) for name, q in QUANTILES.items()}
    quantiles = {name: round(value / scale, PLACES) for name, value in found.items() if value is not None}
    count = sum(durations.values())
    return Numbers(quantiles.get("p50"), denominator=count, quantiles=quantiles or None)


def _velocity(tally: Tally) -> Numbers:
    """Opportunities x win rate x average deal / mean sales cycle in days; null unless all of it is known."""
    opportunities, won, lost, leads_won, revenue = (
        tally.amount((measure,))
        for measure in (
            Measure.OPPORTUNITY,
            Measure.OPPORTUNITY_WON,
            Measure.OPPORTUNITY_LOST,
            Measure.WON,
            Measure.REVENUE,
        )
    )
    cycle = buckets.mean(tally.durations((Measure.SALES_CYCLE,)))
    if not won or not leads_won or not cycle or cycle < 0:
        return Numbers()
    value = opportunities * won / (won + lost) * revenue / leads_won / (cycle / DAYS)
    return Numbers(round(value, PLACES))
