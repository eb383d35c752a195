"""What is left of points at an age, against the definition in decimals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.decay import left, losses
from tests.services.scoring.definition import decayed

DAY = 86_400


@pytest.mark.parametrize(
    ("age", "points"),
    [(0, 500), (30 * DAY, 250), (60 * DAY, 125), (90 * DAY, 62), (91 * DAY, 61), (120 * DAY, 31)],
)
def test_five_points_lose_half_every_half_life(age: int, points: int) -> None:
    assert left(500, losses(500, 30 * DAY, None), age) == points


def test_a_half_is_rounded_to_the_even_hundredth() -> None:
    # After one half-life 1.5 and 2.5 hundredths are left: both round to 2.
    assert left(3, losses(3, DAY, None), DAY) == left(5, losses(5, DAY, None), DAY) == 2
    assert left(5, losses(5, DAY, None), DAY - 1) == 3
    assert left(3, losses(3, DAY, None), DAY + 1) == 1


def test_points_are_gone_for_good_below_half_a_hundredth() -> None:
    lost = losses(600, 7 * DAY, None)
    assert left(600, lost, lost[-1] - 1) == 1
    assert left(600, lost, lost[-1]) == left(600, lost, lost[-1] + 10_000 * DAY) == 0


def test_without_half_life_or_window_nothing_is_ever_lost() -> None:
    assert losses(500, None, None) == ()


def test_a_window_ends_on_the_second() -> None:
    lost = losses(500, None, 90 * DAY)
    assert left(500, lost, 90 * DAY - 1) == 500
    assert left(500, lost, 90 * DAY) == 0


def test_a_window_ends_what_decay_has_left() -> None:
    lost = losses(500, 30 * DAY, 60 * DAY)
    assert left(500, lost, 60 * DAY - 1) == 125
    assert left(500, lost, 60 * DAY) == 0


@pytest.mark.parametrize(
    ("half_life", "worth", "points", "first"), [(189, 2000, 1916, 1_004_695), (95, 1000, 710, 4_047_312)]
)
def test_an_age_within_two_millionths_of_a_second_is_told_exactly(
    half_life: int, worth: int, points: int, first: int
) -> None:
    lost = losses(worth, half_life * DAY, None)
    assert left(worth, lost, first - 1) == decayed(worth, first - 1, half_life, None) == points + 1
    assert left(worth, lost, first) == decayed(worth, first, half_life, None) == points


@given(
    worth=st.integers(1, 700),
    half_life=st.integers(1, 3660),
    window=st.one_of(st.none(), st.integers(1, 3660)),
    spot=st.integers(0, 999),
)
def test_the_table_is_the_definition_at_any_age(
    worth: int, half_life: int, window: int | None, spot: int
) -> None:
    lost = losses.__wrapped__(worth, half_life * DAY, window and window * DAY)
    age = lost[spot * worth // 1000]
    for near in (age - 1, age, age + 1):
        assert left(worth, lost, near) == decayed(worth, near, half_life, window)


@given(worth=st.integers(1, 2000), halvings=st.integers(0, 20))
def test_after_whole_half_lives_halves_are_hit_exactly(worth: int, halvings: int) -> None:
    lost = losses.__wrapped__(worth, DAY, None)
    assert left(worth, lost, halvings * DAY) == decayed(worth, halvings * DAY, 1, None)
