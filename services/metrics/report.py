"""From sums to rows: what the catalogue says, for one cut. Pure; where sums come from is the caller's.

rows = [row for cut in cuts(("origin",), "month") for row in report(cut, store.sums(cut), agreement)]

Counts are reported for every group of which anything is known, 0 included; the rest where there is something
to say. The grand total has a row of everything that is not told apart by a detail.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from schemas.agreement import Agreement
from schemas.metrics import Basis, Cut, MetricRow, Period, Sum
from services.metrics.catalogue import CATALOGUE
from services.metrics.formulas import Numbers, details, numbers
from services.metrics.metric import Kind, Metric
from services.metrics.tally import Tally

Group = tuple[str | None, tuple[str, ...]]
"""A period and the values of the dimensions."""

_TOTAL: Group = (None, ())


def cuts(
    by: tuple[str, ...] = (),
    period: Period | None = None,
    bases: Sequence[Basis] = ("cohort", "period", "none"),
) -> tuple[Cut, ...]:
    """Return the cuts that make a report; what stands now (``none``) has no period."""
    return tuple(Cut(by, None if basis == "none" else period, basis) for basis in bases)


def report(cut: Cut, sums: Iterable[Sum], agreement: Agreement) -> tuple[MetricRow, ...]:
    """Return the rows of one cut: metric by metric in the catalogue's order, then by period and dimensions.

    Args:
        cut: What the sums were asked for.
        sums: The store's answer.
        agreement: Whose currency and success path hold now.
    """
    tallies: defaultdict[Group, Tally] = defaultdict(Tally)
    if not cut.by and cut.period is None:
        tallies[_TOTAL] = Tally()
    for found in sums:
        if found.value:
            tallies[found.period, found.dimensions].add(found)
    groups = sorted(tallies.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    return tuple(
        row
        for metric in CATALOGUE
        if metric.now == (cut.basis == "none")
        for group, tally in groups
        for row in _rows(metric, cut, group, tally, agreement)
    )


def _rows(metric: Metric, cut: Cut, group: Group, tally: Tally, agreement: Agreement) -> Iterator[MetricRow]:
    path = agreement.lifecycle.success_path
    for detail in details(metric, tally, path):
        found = numbers(metric, tally, detail, path)
        expected = detail is None and (group == _TOTAL or metric.kind is Kind.COUNT)
        if expected or found.say_something:
            yield _row(metric, cut, group, detail, found, agreement.currency)


def _row(
    metric: Metric, cut: Cut, group: Group, detail: str | None, found: Numbers, currency: str
) -> MetricRow:
    period, values = group
    dimensions = dict(zip(cut.by, values, strict=True))
    if metric.by is not None and detail is not None:
        dimensions[metric.by] = detail
    return MetricRow(
        metric=metric.name,
        basis=None if cut.basis == "none" else cut.basis,
        period=period,
        dimensions=dimensions,
        value=found.value,
        numerator=found.numerator,
        denominator=found.denominator,
        unit=metric.unit.format(currency=currency),
        quantiles=found.quantiles,
    )
