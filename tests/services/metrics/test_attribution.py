"""Credit for a win adds up to the win, whichever model gives it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.attribution import MOST, OTHER, counted, named, shares, touch
from services.metrics.summary import Pair, Touches


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(1, 1000), min_size=1, max_size=65))
def test_shares_add_up_and_are_within_one_of_their_part(amount: int, weights: list[int]) -> None:
    found = shares(amount, weights)
    assert sum(found) == amount
    total = sum(weights)
    assert all(
        abs(share * total - amount * weight) < total for share, weight in zip(found, weights, strict=True)
    )


def test_a_remainder_goes_to_the_largest_and_on_a_tie_to_the_first() -> None:
    assert shares(1000, [1, 1, 1]) == [334, 333, 333]
    assert shares(10, [1, 2]) == [3, 7]
    assert shares(-10, [1, 2]) == [-3, -7]


@pytest.mark.parametrize("text", [None, "", "  ", "unknown", " Unknown", "UNKNOWN"])
def test_nobody_named_is_unknown(text: str | None) -> None:
    assert named(text) == "unknown"


def test_a_touch_names_an_origin_or_a_campaign() -> None:
    assert touch(" search ", None) == Pair("search", "unknown")
    assert touch(None, "spring") == Pair("unknown", "spring")
    assert touch("unknown", " ") is None


def test_touches_are_counted_by_pair() -> None:
    search, fair = Pair("search", "unknown"), Pair("fair", "unknown")
    touches: tuple[Touches, ...] = ()
    for pair in (search, fair, search):
        touches = counted(touches, pair)
    assert touches == (Touches(search, 2), Touches(fair, 1))


def test_beyond_the_limit_touches_are_of_other_origins() -> None:
    touches: tuple[Touches, ...] = ()
    for number in range(MOST + 10):
        touches = counted(touches, Pair(f"origin{number}", "unknown"))
    assert len(touches) == MOST + 1
    assert touches[-1] == Touches(OTHER, 10)
    assert counted(touches, Pair("origin0", "unknown"))[0].times == 2
