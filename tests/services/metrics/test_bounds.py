"""Which numbers lie outside the agreement's bounds."""

from datetime import date
from typing import Any

import pytest

from schemas.agreement.numbers import Bound
from schemas.alerts import OutOfBounds, Severity
from schemas.metrics import Cut, MetricRow
from services.metrics.bounds import bound_cuts, out_of_bounds


def row(value: float | None, *, denominator: int | None = 50, **fields: Any) -> MetricRow:
    return MetricRow.model_validate(
        {
            "metric": "acceptance_rate",
            "basis": "period",
            "period": None,
            "dimensions": {},
            "value": value,
            "denominator": denominator,
            "unit": "share",
            **fields,
        }
    )


AGREED = Bound(
    metric="acceptance_rate", at_least=0.6, at_most=0.9, severity=Severity.CRITICAL, channels=("ops",)
)


@pytest.mark.parametrize(
    ("value", "bound"),
    [(0.5, "at least 0.6 over 28 days"), (0.95, "at most 0.9 over 28 days")],
)
def test_a_number_outside_says_which_bound_it_breaks(value: float, bound: str) -> None:
    assert out_of_bounds([row(value)], [AGREED]) == (
        OutOfBounds("acceptance_rate", value, bound, Severity.CRITICAL, ("ops",)),
    )


@pytest.mark.parametrize("value", [0.6, 0.75, 0.9, None])
def test_a_number_on_the_bound_or_within_is_not_out(value: float | None) -> None:
    assert out_of_bounds([row(value)], [AGREED]) == ()


def test_one_sided_bounds_have_one_side() -> None:
    least, most = Bound(metric="acceptance_rate", at_least=0.6), Bound(metric="acceptance_rate", at_most=0.9)
    assert out_of_bounds([row(0.99)], [least]) == ()
    assert out_of_bounds([row(0.01)], [most]) == ()


def test_a_rate_of_too_few_says_too_little() -> None:
    assert out_of_bounds([row(0.1, denominator=19)], [AGREED]) == ()
    assert len(out_of_bounds([row(0.1, denominator=20)], [AGREED])) == 1


def test_a_count_is_held_to_its_bound_however_small() -> None:
    assert len(out_of_bounds([row(0, denominator=None)], [AGREED])) == 1


def test_rows_of_a_part_or_a_period_are_not_the_number() -> None:
    parts = [row(0.1, dimensions={"origin": "fair"}), row(0.1, period="2026-01")]
    assert out_of_bounds(parts, [AGREED]) == ()


def test_bounds_are_looked_at_over_their_last_full_days() -> None:
    week = Bound(metric="won_count", at_least=1, over_days=7)
    found = bound_cuts([AGREED, week, AGREED], date(2026, 3, 30))
    now = Cut(basis="none")
    assert found == {
        (Cut(since=date(2026, 3, 23), until=date(2026, 3, 30)), now): (week,),
        (Cut(since=date(2026, 3, 2), until=date(2026, 3, 30)), now): (AGREED, AGREED),
    }
