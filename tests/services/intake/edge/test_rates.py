"""How fast a source may send, and for how long a sender is asked to stay away."""

from hypothesis import given
from hypothesis import strategies as st

from services.intake.edge.rates import Rates, patience
from services.intake.sources import Limits


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    rates, limits = Rates(), Limits(requests_per_second=2, burst=3)
    assert [rates.seconds_to_wait("a", limits, 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert rates.seconds_to_wait("b", limits, 0.0) == 0
    assert [rates.seconds_to_wait("a", limits, 0.5) for _ in range(2)] == [0, 1]


@given(st.lists(st.floats(0, 2), max_size=60), st.floats(0.1, 20), st.integers(1, 10))
def test_never_more_than_the_burst_and_the_rate(steps: list[float], rate: float, burst: int) -> None:
    rates, limits, now, passed = Rates(), Limits(requests_per_second=rate, burst=burst), 0.0, 0
    for step in steps:
        now += step
        passed += rates.seconds_to_wait("a", limits, now) == 0
    assert passed <= burst + now * rate + 1e-6


def test_patience_grows_with_the_outage_up_to_five_minutes() -> None:
    assert [patience(seconds) for seconds in (0, 9, 60, 120, 3600)] == [5, 5, 30, 60, 300]
