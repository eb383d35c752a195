"""Numbers and instants as people read them."""

import pytest

from services.cli import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (40, "40 s"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (93_784, "1 d 2 h"),
        (-90, "−1 min 30 s"),
    ],
)
def test_durations_are_written_in_their_two_largest_units(seconds: int, text: str) -> None:
    assert wording.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (45, "45 s"), (90, "1 min"), (54_000, "15 h"), (55_800, "15 h 30 min")],
)
def test_working_time_has_no_days(seconds: int, text: str) -> None:
    assert wording.working(seconds) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "lead", "–"),
        (1234, "lead", "1,234"),
        (1.5, "lead", "1.50"),
        (0.105, "share", "10.5%"),
        (123_456, "EUR minor", "1,234.56 EUR"),
        (1234, "JPY minor", "1,234 JPY"),
        (1234, "KWD minor", "1.234 KWD"),
        (5_000, "EUR minor/day", "50.00 EUR/day"),
        (-0.001, "day", "0.0 d"),
        (12.34, "day", "12.3 d"),
        (95, "minute", "1 h 35 min"),
    ],
)
def test_metrics_are_written_by_their_unit(value: float | None, unit: str, text: str) -> None:
    assert wording.metric(value, unit) == text


@pytest.mark.parametrize(
    ("centipoints", "text"), [(None, "–"), (0, "0"), (3550, "35.5"), (-1000, "-10"), (1, "0.01")]
)
def test_points_are_written_without_needless_zeros(centipoints: int | None, text: str) -> None:
    assert wording.points(centipoints) == text
