"""Numbers and instants as people read them."""

import pytest

from services.cli import wording


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
