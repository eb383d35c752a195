"""What is counted for good is kept within a bound, and its sums are exact all the same."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.metrics import Measure
from services.metrics.marks import MOST, added
from services.metrics.summary import Mark

DAY = date(2026, 3, 2)


def mark(measure: Measure, detail: str, day: int, amount: int = 1) -> Mark:
    return Mark(measure, detail, DAY + timedelta(days=day), amount)


def test_marks_of_nothing_are_left_out() -> None:
    assert added((), [mark(Measure.LOST, "price", 0, 0)]) == ()


def test_the_two_oldest_of_a_kind_are_put_together_on_the_later_day() -> None:
    alone = mark(Measure.LOST, "price", 0)
    many = [mark(Measure.REFUSED, "closed", day) for day in range(MOST)]
    kept = added((), [alone, *many])
    assert len(kept) == MOST
    assert kept[:3] == (
        alone,
        mark(Measure.REFUSED, "closed", 1, 2),
        mark(Measure.REFUSED, "closed", 2),
    )


def test_where_every_detail_differs_the_measure_decides() -> None:
    kept = added((), [mark(Measure.LOST, f"reason{day}", day) for day in range(MOST + 1)])
    assert len(kept) == MOST
    assert kept[0] == mark(Measure.LOST, "reason1", 1, 2)


@given(
    st.lists(
        st.builds(
            mark,
            st.sampled_from([Measure.LOST, Measure.REFUSED, Measure.ENTERED]),
            st.sampled_from(["a", "b", "c", "d"]),
            st.integers(0, 9),
            st.integers(-2, 2),
        ),
        max_size=2 * MOST,
    )
)
def test_sums_by_measure_are_exact_within_the_bound(marks: list[Mark]) -> None:
    kept: tuple[Mark, ...] = ()
    for one in marks:
        kept = added(kept, [one])
    assert len(kept) <= MOST
    before, after = Counter[Measure](), Counter[Measure]()
    for found, all_marks in ((before, marks), (after, kept)):
        for one in all_marks:
            found[one.measure] += one.amount
    assert {name: n for name, n in before.items() if n} == {name: n for name, n in after.items() if n}


def test_there_are_fewer_measures_than_marks_may_be() -> None:
    assert len(Measure) < MOST
