"""Sums: cells added up the way a cut asks, by the database.

Days are cut to their year or month by the database where that is what the period needs, and put together to
weeks and quarters here, so that a roll-up reads about as many rows as it returns. Sums of zero are left out:
what was counted and taken back again is not there.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, null, select

from infra.store.codec import NO_BUCKET
from infra.store.tables.read_model import metrics
from schemas.metrics import DIMENSIONS, NOW, Cut, Measure, Period, Sum, period_key

_PREFIX: dict[Period, int] = {"year": 4, "quarter": 7, "month": 7, "week": 10, "day": 10}
"""How much of ``2018-01-31`` the database has to tell apart."""


def sums(connection: Connection, cut: Cut) -> list[Sum]:
    """Add up the cells as a cut asks.

    Raises:
        ValueError: It asks for a dimension that cells do not have.
    """
    unknown = [name for name in cut.by if name not in DIMENSIONS]
    if unknown:
        raise ValueError(f"no dimension is called {unknown[0]}; choose from {', '.join(DIMENSIONS)}")
    totals: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for row in connection.execute(_statement(cut)):
        measure, detail, bucket, day, *dimensions, value = row
        totals[measure, detail, bucket, _period(day, cut.period), *dimensions] += int(value)
    return list(_sums(totals.items(), cut))


def has_counted(connection: Connection, measure: Measure) -> bool:
    """Say whether a measure comes to anything anywhere."""
    cell = select(metrics.c.measure).where(metrics.c.measure == measure.value, metrics.c.value != 0).limit(1)
    return connection.execute(cell).first() is not None


def _statement(cut: Cut) -> Select[Any]:
    day = metrics.c.cohort_on if cut.basis == "cohort" else metrics.c.on
    groups = [metrics.c.measure, metrics.c.detail, metrics.c.bucket]
    shown: ColumnElement[Any] = null()
    if cut.period is not None and cut.basis != "none":
        shown = func.substr(cast(day, Text), 1, _PREFIX[cut.period])
    dimensions = [metrics.c[name] for name in cut.by]
    total = func.sum(metrics.c.value)
    grouped = [*groups, *([] if cut.period is None or cut.basis == "none" else [shown]), *dimensions]
    statement = select(*groups, shown, *dimensions, total).where(*_conditions(cut, day))
    return statement.group_by(*grouped).having(total != 0).order_by(*grouped)


def _conditions(cut: Cut, day: ColumnElement[date]) -> list[ColumnElement[bool]]:
    now = [measure.value for measure in NOW]
    if cut.basis == "none":
        return [metrics.c.measure.in_(now)]
    found: list[ColumnElement[bool]] = [metrics.c.measure.not_in(now)]
    if cut.since is not None:
        found.append(day >= cut.since)
    if cut.until is not None:
        found.append(day < cut.until)
    return found


def _period(prefix: str | None, period: Period | None) -> str | None:
    if prefix is None or period is None:
        return None
    return period_key(date.fromisoformat(f"{prefix}-01-01"[:10]), period)


def _sums(totals: Iterable[tuple[tuple[Any, ...], int]], cut: Cut) -> Iterable[Sum]:
    for (measure, detail, bucket, period, *dimensions), value in totals:
        if value:
            yield Sum(
                measure=Measure(measure),
                detail=detail,
                basis=cut.basis,
                period=period,
                dimensions=tuple(dimensions),
                bucket=None if bucket == NO_BUCKET else bucket,
                value=value,
            )
