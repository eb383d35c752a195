"""Durations in logarithmic buckets: quantiles within 1 %, in exchange for being able to subtract."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.buckets import RELATIVE_ERROR, index, mean, quantile, value

CENTURY = 100 * 366 * 86_400
DURATIONS = st.integers(-CENTURY, CENTURY)


def near(found: float | None, true: float) -> bool:
    return found is not None and abs(found - true) <= RELATIVE_ERROR * abs(true) * (1 + 1e-9)


@given(DURATIONS)
def test_a_bucket_stands_for_its_durations_within_one_percent(seconds: int) -> None:
    assert near(value(index(seconds)), seconds)


@given(DURATIONS, DURATIONS)
def test_buckets_are_in_the_order_of_durations(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert index(shorter) <= index(longer)


@given(DURATIONS)
def test_a_negative_duration_is_the_mirror_image(seconds: int) -> None:
    assert index(-seconds) == -index(seconds)
    assert value(-index(seconds)) == -value(index(seconds))


def test_no_time_has_a_bucket_of_its_own() -> None:
    assert (index(0), value(0)) == (0, 0.0)
    assert index(-1) < 0 < index(1)


@given(st.lists(DURATIONS, min_size=1), st.floats(0, 1))
def test_quantiles_are_within_one_percent_of_the_lower_quantile(durations: list[int], q: float) -> None:
    true = sorted(durations)[int(q * (len(durations) - 1))]
    assert near(quantile(Counter(map(index, durations)), q), true)


@given(st.lists(DURATIONS), st.lists(DURATIONS, min_size=1))
def test_what_is_subtracted_was_never_there(durations: list[int], restated: list[int]) -> None:
    counts = Counter(map(index, durations + restated))
    counts.subtract(map(index, restated))
    assert quantile(counts, 0.5) == quantile(Counter(map(index, durations)), 0.5)


@given(st.lists(st.integers(0, CENTURY), min_size=1))
def test_the_mean_of_durations_of_one_sign_is_within_one_percent(durations: list[int]) -> None:
    assert near(mean(Counter(map(index, durations))), sum(durations) / len(durations))


def test_without_durations_there_is_nothing_to_say() -> None:
    assert quantile({}, 0.5) is None
    assert mean({5: 0}) is None


def test_a_quantile_of_signed_durations_begins_with_the_longest_before() -> None:
    counts = Counter(map(index, (-86_400, 0, 86_400)))
    assert near(quantile(counts, 0.0), -86_400)
    assert quantile(counts, 0.5) == 0
    assert near(quantile(counts, 1.0), 86_400)
