"""Which numbers lie outside the bounds that the agreement sets; what becomes of them is the alerts' business.

A bound looks at the last so many full days, by when things happened, or at what stands now. A rate or a
quantile made of fewer than ``at_least_count`` says too little to be out of bounds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from schemas.agreement.numbers import Bound
from schemas.alerts import OutOfBounds
from schemas.metrics import Cut, MetricRow


def bound_cuts(bounds: Iterable[Bound], today: date) -> Mapping[tuple[Cut, Cut], tuple[Bound, ...]]:
    """Return which bounds to look at in which cuts: one over the bounds' days, and one of what stands now.

    Args:
        bounds: The agreement's.
        today: The day in the agreement's zone; it is not over, and not looked at.
    """
    windows: defaultdict[int, list[Bound]] = defaultdict(list)
    for bound in bounds:
        windows[bound.over_days].append(bound)
    return {
        (Cut(since=today - timedelta(days=days), until=today), Cut(basis="none")): tuple(same)
        for days, same in sorted(windows.items())
    }


def limits(bounds: Sequence[Bound]) -> frozenset[tuple[str, str]]:
    """Return the metric and the words of every limit that is agreed, as ``OutOfBounds`` has them."""
    low = {(bound.metric, _at_least(bound)) for bound in bounds if bound.at_least is not None}
    high = {(bound.metric, _at_most(bound)) for bound in bounds if bound.at_most is not None}
    return frozenset(low | high)


def out_of_bounds(rows: Iterable[MetricRow], bounds: Sequence[Bound]) -> tuple[OutOfBounds, ...]:
    """Return every bound that is broken.

    Args:
        rows: Those of the bounds' cuts; rows told apart by anything are left out.
        bounds: Bounds over the same days.
    """
    totals = {row.metric: row for row in rows if not row.dimensions and row.period is None}
    found = (_broken(bound, totals.get(bound.metric)) for bound in bounds)
    return tuple(broken for broken in found if broken is not None)


def _broken(bound: Bound, row: MetricRow | None) -> OutOfBounds | None:
    if row is None or row.value is None:
        return None
    if row.denominator is not None and row.denominator < bound.at_least_count:
        return None
    below = bound.at_least is not None and row.value < bound.at_least
    above = bound.at_most is not None and row.value > bound.at_most
    if not below and not above:
        return None
    limit = _at_least(bound) if below else _at_most(bound)
    return OutOfBounds(bound.metric, row.value, limit, bound.severity, bound.channels)


def _at_least(bound: Bound) -> str:
    return f"at least {bound.at_least:g} over {bound.over_days} days"


def _at_most(bound: Bound) -> str:
    return f"at most {bound.at_most:g} over {bound.over_days} days"
