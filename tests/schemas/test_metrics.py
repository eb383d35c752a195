"""Periods have the names that people and ISO 8601 give them."""

from datetime import date

import pytest

from schemas.metrics import Measure, Period, period_key


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("day", "2018-01-31"),
        ("week", "2018-W05"),
        ("month", "2018-01"),
        ("quarter", "2018-Q1"),
        ("year", "2018"),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(period: Period, expected: str) -> None:
    assert period_key(date(2018, 1, 31), period) == expected


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    assert period_key(date(2018, 12, 31), "week") == "2019-W01"
    assert period_key(date(2021, 1, 1), "week") == "2020-W53"


def test_every_month_lies_in_its_quarter() -> None:
    quarters = [period_key(date(2018, month, 1), "quarter")[-1] for month in range(1, 13)]
    assert quarters == list("111222333444")


def test_a_measure_is_found_by_its_text() -> None:
    assert {Measure.WON: 1}["won"] == 1  # type: ignore[index]
