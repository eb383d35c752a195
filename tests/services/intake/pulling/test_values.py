"""Values of databases: as JSON, as a position keeps them, and how far back to look again."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.intake.pulling.values import as_json, at_most, before, kept, restored

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        (float("nan"), None),
        ("text", "text"),
        ({"a": 1}, {"a": 1}),
        ([date(2026, 3, 2), None, [Decimal("0.5")]], ["2026-03-02", None, ["0.5"]]),
        ({"a": [b"picture", float("inf")]}, {"a": [None, None]}),
        (NOON, "2026-03-02T12:00:00+00:00"),
        (date(2026, 3, 2), "2026-03-02"),
        (time(9, 30), "09:30:00"),
        (timedelta(minutes=1), 60.0),
        (b"picture", None),
        (memoryview(b"picture"), None),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("NaN"), "NaN"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_a_value_is_written_for_a_mapping_to_read(value: Any, wanted: Any) -> None:
    assert as_json(value) == wanted


def test_an_exact_decimal_is_written_as_the_mapping_reads_decimals() -> None:
    assert as_json(Decimal("1.250"), mark=",") == "1,250"


@pytest.mark.parametrize(
    "value", [None, 7, 0.5, "a", NOON, date(2026, 3, 2), Decimal("12.50"), UUID(int=7), b"\x00\xff"]
)
def test_a_position_gives_back_what_it_was_given(value: Any) -> None:
    assert restored(json.loads(json.dumps(kept(value)))) == value


def test_what_cannot_be_ordered_by_is_refused() -> None:
    with pytest.raises(TypeError, match="a dict is no value to order rows by"):
        kept({})


@pytest.mark.parametrize(
    ("value", "lookback", "wanted"),
    [
        (None, None, None),
        (NOON, None, NOON - timedelta(minutes=5)),
        (NOON, timedelta(), NOON),
        (date(2026, 3, 2), timedelta(hours=1), date(2026, 3, 1)),
        (date(2026, 3, 2), None, date(2026, 3, 2)),
        (5000, None, 4000),
        (Decimal(7), 2, Decimal(5)),
        ("2026-03-02 12:00:00.5", timedelta(minutes=1), "2026-03-02 11:59:00"),
        ("2026-03-02T12:00:00Z", timedelta(minutes=1), "2026-03-02T11:59:00"),
        ("2026-03-02", timedelta(days=1), "2026-03-01"),
        ("01HQ", None, "01HQ"),
    ],
)
def test_a_lookback_is_in_the_terms_of_what_the_column_holds(value: Any, lookback: Any, wanted: Any) -> None:
    assert before(value, lookback) == wanted


@pytest.mark.parametrize(
    ("value", "lookback"), [(NOON, 5), (7, timedelta(minutes=5)), ("01HQ", timedelta(minutes=5))]
)
def test_a_lookback_of_another_sort_is_refused(value: Any, lookback: Any) -> None:
    with pytest.raises(ValueError, match="lookback"):
        before(value, lookback)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (datetime(2099, 1, 1, tzinfo=UTC), NOON),
        (datetime(2099, 1, 1), NOON.replace(tzinfo=None)),  # noqa: DTZ001 - as some databases have it
        (NOON - timedelta(1), NOON - timedelta(1)),
        (date(2099, 1, 1), date(2026, 3, 2)),
        ("2099-01-01 00:00:00", "2026-03-02 12:00:00"),
        ("2099-01-01T00:00:00+01:00", "2026-03-02T13:00:00"),
        ("2026-01-01", "2026-01-01"),
        ("01HQ", "01HQ"),
        (7, 7),
    ],
)
def test_a_cursor_never_runs_ahead_of_the_time(value: Any, wanted: Any) -> None:
    assert at_most(value, NOON) == wanted
