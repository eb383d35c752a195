"""Sums of cells: every cut is the same as adding the cells up by hand."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from infra.store.codec import NO_BUCKET
from infra.store.reading.sums import sums
from infra.store.tables.read_model import metrics
from schemas.metrics import DIMENSIONS, NOW, Basis, Cut, Measure, Period, Sum, period_key
from tests.effort import examples
from tests.infra.store.reading.rows import put_cell
from tests.stores import new_store


def only(connection: Connection, cut: Cut) -> Sum:
    (found,) = sums(connection, cut)
    return found


def test_a_cohort_is_by_capture_and_a_period_by_when_it_happened(store: Connection) -> None:
    put_cell(store, "won", 3)
    assert only(store, Cut(period="month", basis="cohort")).period == "2026-01"
    assert only(store, Cut(period="month", basis="period")).period == "2026-02"
    assert only(store, Cut()).period is None


def test_what_stands_now_has_neither_cohort_nor_period(store: Connection) -> None:
    put_cell(store, "won", 3)
    put_cell(store, "standing", 5, detail="mql")
    assert only(store, Cut(period="month")).measure == Measure.WON
    assert only(store, Cut(period="month", basis="none")) == Sum(
        Measure.STANDING, "mql", "none", None, (), None, 5
    )


def test_bounds_are_of_the_days_of_the_basis_and_the_last_one_is_outside(store: Connection) -> None:
    put_cell(store, "won", 1, on=date(2026, 2, 1))
    put_cell(store, "won", 10, on=date(2026, 3, 1))
    cut = Cut(since=date(2026, 2, 1), until=date(2026, 3, 1))
    assert only(store, cut).value == 1


def test_buckets_are_told_apart_and_counts_have_none(store: Connection) -> None:
    put_cell(store, "lag", 2, detail="mql", bucket=-4)
    put_cell(store, "lag", 3, detail="mql", bucket=7)
    put_cell(store, "won", 3)
    assert {(one.measure, one.bucket, one.value) for one in sums(store, Cut())} == {
        (Measure.LAG, -4, 2),
        (Measure.LAG, 7, 3),
        (Measure.WON, None, 3),
    }


def test_what_was_counted_and_taken_back_is_not_there(store: Connection) -> None:
    put_cell(store, "won", 1, origin="web")
    put_cell(store, "won", -1, origin="ads")
    assert sums(store, Cut()) == []
    assert {one.dimensions: one.value for one in sums(store, Cut(by=("origin",)))} == {
        ("web",): 1,
        ("ads",): -1,
    }


def test_a_dimension_that_cells_do_not_have_is_refused(store: Connection) -> None:
    with pytest.raises(ValueError, match="choose from origin, campaign"):
        sums(store, Cut(by=("colour",)))


DAYS = st.dates(date(2025, 12, 20), date(2026, 2, 10))
CELLS = st.lists(
    st.tuples(
        st.sampled_from([Measure.CAPTURED, Measure.LAG, Measure.STANDING]),
        DAYS,
        DAYS,
        st.sampled_from(["web", "ads"]),
        st.sampled_from(["ana", "luis"]),
        st.sampled_from([NO_BUCKET, 0, 3]),
        st.integers(-3, 9),
    ),
    max_size=40,
    unique_by=lambda cell: cell[:6],
)
CUTS = st.builds(
    Cut,
    by=st.lists(st.sampled_from(["origin", "owner"]), unique=True).map(tuple),
    period=st.none() | st.sampled_from(get_args(Period)),
    basis=st.sampled_from(get_args(Basis)),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
)


def by_hand(cells: list[tuple[Measure, date, date, str, str, int, int]], cut: Cut) -> Counter[object]:
    totals: Counter[object] = Counter()
    for measure, cohort_on, on, origin, owner, bucket, value in cells:
        day = cohort_on if cut.basis == "cohort" else on
        late = cut.until is not None and day >= cut.until
        early = cut.since is not None and day < cut.since
        if (measure in NOW) != (cut.basis == "none") or (cut.basis != "none" and (early or late)):
            continue
        period = period_key(day, cut.period) if cut.period and cut.basis != "none" else None
        dimensions = tuple({"origin": origin, "owner": owner}[name] for name in cut.by)
        totals[measure, period, dimensions, None if bucket == NO_BUCKET else bucket] += value
    return Counter({key: value for key, value in totals.items() if value})


@examples(8)
@given(CELLS, CUTS)
def test_any_cut_is_the_same_as_adding_up_by_hand(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[Measure, date, date, str, str, int, int]],
    cut: Cut,
) -> None:
    folder: Path = tmp_path_factory.mktemp("sums")
    names = ("measure", "cohort_on", "on", "origin", "owner", "bucket", "value")
    rest = {"partition": 0, "detail": "", "campaign": "c", "segment": "s", "team": "t"}
    with new_store(folder / "relevo.db") as database, database.writing() as connection:
        if cells:
            connection.execute(
                insert(metrics), [{**rest, **dict(zip(names, cell, strict=True))} for cell in cells]
            )
        found = sums(connection, cut)
    totals = {(one.measure, one.period, one.dimensions, one.bucket): one.value for one in found}
    assert totals == by_hand(cells, cut)
    assert len(found) == len(totals)


def test_weeks_are_whole_across_the_turn_of_the_year(store: Connection) -> None:
    for number in range(14):
        put_cell(store, "captured", 1, on=date(2025, 12, 29) + timedelta(days=number))
    cut = Cut(period="week")
    assert {one.period: one.value for one in sums(store, cut)} == {"2026-W01": 7, "2026-W02": 7}


def test_every_dimension_can_be_asked_for(store: Connection) -> None:
    put_cell(store, "captured", 1)
    assert only(store, Cut(by=DIMENSIONS)).dimensions == ("web", *("unknown",) * 4)
