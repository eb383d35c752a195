"""Stretches of time are named by what is counted, and written so that rows add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreement.loader import default
from services.cli import spans


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
    assert spans.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (45, "45 s"), (90, "1 min"), (54_000, "15 h"), (55_800, "15 h 30 min")],
)
def test_working_time_has_no_days(seconds: int, text: str) -> None:
    assert spans.working(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "kind", "text"),
    [
        (16_980, "business", "4 h 43 min of working time"),
        (102_600, "calendar", "1 d 4 h on the calendar"),
        (102_600, "elapsed", "1 d 4 h of elapsed time"),
        (102_600, None, "1 d 4 h"),
    ],
)
def test_what_a_clock_took_is_named_by_its_kind(seconds: int, kind: spans.Kind | None, text: str) -> None:
    assert spans.taken(seconds, kind) == text


@pytest.mark.parametrize(
    ("seconds", "kind", "text"),
    [
        (14_400, "business", "4 h of working time"),
        (172_800, "business", "48 h of working time"),
        (172_800, "elapsed", "2 d of elapsed time"),
        (15 * 86_400, "calendar", "15 calendar days"),
        (86_400, "calendar", "1 calendar day"),
        (15 * 86_400 + 3_600, "calendar", "15 calendar days (here 15 d 1 h)"),
        (0, "business", "0 min of working time"),
    ],
)
def test_what_is_granted_is_said_as_the_agreement_says_it(seconds: int, kind: str, text: str) -> None:
    assert spans.granted(seconds, kind) == text


def test_a_clock_counts_what_its_allowance_says() -> None:
    agreement = default()
    found = [spans.kind_of(agreement, clock) for clock in ("acceptance", "feedback", "gone")]
    assert found == ["business", "calendar", None]


_SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


@given(seconds=st.integers(min_value=0, max_value=10**8), kind=st.sampled_from(["business", "calendar"]))
def test_an_exact_stretch_loses_no_second(seconds: int, kind: str) -> None:
    words = spans.exactly(seconds, kind).replace(",", "").split()
    parts = zip(words[::2], words[1::2], strict=True)
    assert sum(int(count) * _SECONDS[unit] for count, unit in parts) == seconds
