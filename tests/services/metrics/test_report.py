"""From sums to rows: the numbers that people read."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.entries import Entry
from schemas.facts import Accepted, Captured, Lost, OpportunityOpened, Rejected, Won
from schemas.handoffs import ClockEnd, CloseReason
from schemas.lifecycle import LeadStalled
from schemas.metrics import Cell, Cut, Measure, MetricRow, Sum
from services.metrics.catalogue import CATALOGUE
from services.metrics.report import cuts, report
from services.metrics.summary import LeadSummary
from tests.builders import instant
from tests.effort import examples
from tests.services.metrics.histories import histories
from tests.services.metrics.leads import (
    SMALL,
    accepted,
    breached,
    called,
    captured,
    closed,
    ended,
    euros,
    history,
    moved,
    on,
    opened,
    rejected,
    sums,
    totals,
)


def rows(cells: Mapping[Cell, int], cut: Cut | None = None) -> tuple[MetricRow, ...]:
    cut = cut or Cut()
    return report(cut, sums(cells, cut), SMALL)


def values(found: tuple[MetricRow, ...], metric: str, *names: str) -> dict[Any, Any]:
    """Return a metric's values by period and the named dimensions."""
    return {
        (row.period, *(row.dimensions[name] for name in names)): row.value
        for row in found
        if row.metric == metric
    }


def one(found: tuple[MetricRow, ...], metric: str, **dimensions: str) -> MetricRow:
    (row,) = [row for row in found if row.metric == metric and row.dimensions == dimensions]
    return row


def won(at: str, cents: int = 1000, seq: int = 5) -> Entry:
    return on(at, Won(amount=euros(cents)), moved(at, "customer"), seq=seq)


def lead(captured_on: str, won_on: str | None = None, origin: str = "search") -> LeadSummary:
    entries = [captured(f"{captured_on} 09:00", origin)]
    return history(*entries, *([won(f"{won_on} 09:00")] if won_on else []))


YEAR = totals(
    [
        lead("2026-01-10", "2026-01-20"),
        lead("2026-01-10", "2026-03-11"),
        lead("2026-01-31", origin="social"),
        lead("2026-03-05", "2026-03-06", origin="social"),
    ]
)


def test_a_cohort_is_by_capture_and_a_period_by_when_it_happened() -> None:
    by_cohort = values(rows(YEAR, Cut(period="month", basis="cohort")), "won_count")
    by_period = values(rows(YEAR, Cut(period="month", basis="period")), "won_count")
    assert by_cohort == {("2026-01",): 2, ("2026-03",): 1}
    assert by_period == {("2026-01",): 1, ("2026-03",): 2}


def test_conversion_is_named_apart_by_basis() -> None:
    cohort = rows(YEAR, Cut(period="month", basis="cohort"))
    period = rows(YEAR, Cut(period="month", basis="period"))
    assert values(cohort, "captured_to_won_rate") == {("2026-01",): 0.666667, ("2026-03",): 1.0}
    assert values(period, "captured_to_won_rate") == {("2026-01",): 0.333333, ("2026-03",): 2.0}
    assert {row.basis for row in cohort} == {"cohort"}
    assert {row.basis for row in period} == {"period"}


def test_a_rate_says_what_it_is_made_of() -> None:
    row = one(rows(YEAR), "captured_to_won_rate")
    assert (row.value, row.numerator, row.denominator, row.unit) == (0.75, 3, 4, "share")


def test_counts_are_exact_and_money_is_in_the_agreements_currency() -> None:
    row = one(rows(YEAR), "won_revenue")
    assert (row.value, row.unit, row.dimensions, row.period) == (3000, "EUR minor", {}, None)
    deal = one(rows(YEAR), "revenue_per_won")
    assert (deal.value, deal.numerator, deal.denominator) == (1000, 3000, 3)


def test_the_grand_total_says_something_of_every_metric_that_has_no_detail() -> None:
    nothing = {row.metric: row.value for cut in cuts() for row in rows({}, cut)}
    assert set(nothing) == {metric.name for metric in CATALOGUE if metric.by is None}
    assert (nothing["won_count"], nothing["stalled_open_count"], nothing["won_revenue"]) == (0, 0, 0)
    assert nothing["captured_to_won_rate"] is nothing["captured_to_won_days"] is None
    assert nothing["pipeline_velocity"] is None


def test_a_group_that_is_known_has_its_counts_with_zeros_and_no_empty_rates() -> None:
    social = rows(totals([lead("2026-01-31", origin="social")]), Cut(by=("origin",), period="month"))
    assert values(social, "won_count", "origin") == {("2026-01", "social"): 0}
    assert values(social, "revenue_per_won", "origin") == {}
    assert values(social, "captured_to_won_rate", "origin") == {("2026-01", "social"): 0.0}


def test_sums_of_nothing_make_no_group() -> None:
    gone = Sum(Measure.WON, "", "period", "2026-01", ("social",), None, 0)
    assert report(Cut(by=("origin",), period="month"), [gone], SMALL) == ()


def test_rows_are_told_apart_as_the_cut_says() -> None:
    found = rows(YEAR, Cut(by=("origin", "campaign")))
    assert values(found, "captured_count", "origin", "campaign") == {
        (None, "search", "spring"): 2,
        (None, "social", "spring"): 2,
    }


def test_durations_are_quantiles_within_one_percent() -> None:
    row = one(rows(YEAR), "captured_to_won_days")
    assert (row.unit, row.numerator, row.denominator) == ("day", None, 3)
    assert row.quantiles is not None
    assert row.value == row.quantiles["p50"] == pytest.approx(10, rel=0.01)
    assert list(row.quantiles) == ["p50", "p75", "p90", "p95"]
    assert row.quantiles["p95"] == pytest.approx(10, rel=0.01)


def test_what_stands_now_has_neither_cohort_nor_period() -> None:
    found = rows(YEAR, Cut(basis="none"))
    assert one(found, "stage_standing_count", stage="lead").value == 1
    assert one(found, "stage_standing_count", stage="customer").value == 3
    assert one(found, "lead_count").value == 4
    assert {(row.basis, row.period) for row in found} == {(None, None)}
    assert not [row for row in rows(YEAR) if row.metric == "lead_count"]


def test_a_report_is_three_cuts_and_only_two_of_them_have_periods() -> None:
    assert cuts(("origin",), "month") == (
        Cut(("origin",), "month", "cohort"),
        Cut(("origin",), "month", "period"),
        Cut(("origin",), None, "none"),
    )


def test_stages_convert_to_the_next_and_from_the_first() -> None:
    at = "2026-03-03 09:00"
    mql = history(captured(), on(at, Captured(), moved(at, "mql"), seq=2))
    sql = history(captured(), on(at, Captured(), moved(at, "sql", skipped=("mql", "sal")), seq=2))
    found = rows(totals([mql, sql, history(captured())]))
    assert values(found, "stage_next_rate", "stage") == {
        (None, "lead"): 0.666667,
        (None, "mql"): 0.5,
        (None, "sal"): 1.0,
        (None, "sql"): 0.0,
    }
    assert values(found, "stage_cumulative_rate", "stage") == {
        (None, "lead"): 1.0,
        (None, "mql"): 0.666667,
        (None, "sal"): 0.333333,
        (None, "sql"): 0.333333,
        (None, "customer"): 0.0,
    }
    assert values(found, "stage_reached_count", "stage")[None, "mql"] == 2


def test_hand_offs_are_accepted_rejected_and_sent_back() -> None:
    hand = on("2026-03-03 10:00", Captured(), opened("2026-03-03 10:00"), seq=2)
    took = on("2026-03-03 12:00", Accepted(), accepted("2026-03-03 12:00"), seq=3)
    back = on(
        "2026-03-03 12:00",
        Rejected(reason="bad_fit"),
        rejected("2026-03-03 12:00"),
        closed("2026-03-03 12:00", CloseReason.REJECTED),
        seq=3,
    )
    touched = on("2026-03-03 11:00", called(), seq=9)
    found = rows(
        totals(
            [
                history(captured(), hand, took, won("2026-03-09 09:00")),
                history(captured(), hand, back, touched),
                history(captured(), hand),
                history(captured(), hand),
            ]
        )
    )
    rates = {row.metric: row.value for row in found if row.metric.endswith("_rate") and not row.dimensions}
    assert rates["acceptance_rate"] == rates["rejection_rate"] == rates["recycle_rate"] == 0.25
    assert rates["handed_over_win_rate"] == rates["touched_rate"] == 0.25
    assert one(found, "rejection_reason_rate", reason="bad_fit").denominator == 4
    assert one(found, "recycle_reason_rate", reason="rejected").value == 0.25
    assert one(found, "speed_to_lead_minutes").value == pytest.approx(60, rel=0.01)
    assert one(found, "speed_to_lead_working_minutes").value == pytest.approx(60, rel=0.01)


def test_compliance_is_of_clocks_that_ended_and_overdue_ones_stand_apart() -> None:
    def answered(end: ClockEnd, clock: str) -> LeadSummary:
        return history(captured(), on("2026-03-03 12:00", None, ended("2026-03-03 12:00", end, clock), seq=2))

    late = history(captured(), on("2026-03-03 12:00", None, breached("2026-03-03 12:00"), seq=2))
    cells = totals(
        [
            answered(ClockEnd.MET, "acceptance"),
            answered(ClockEnd.BREACHED, "acceptance"),
            answered(ClockEnd.MET, "first_touch"),
            late,
        ]
    )
    found, now = rows(cells), rows(cells, Cut(basis="none"))
    assert one(found, "sla_compliance_rate").value == 0.666667
    assert values(found, "clock_compliance_rate", "clock") == {
        (None, "acceptance"): 0.5,
        (None, "first_touch"): 1.0,
    }
    assert one(now, "sla_overdue_count").value == 1
    assert one(now, "clock_overdue_count", clock="acceptance").value == 1


def test_pipeline_velocity_is_what_opportunities_promise_a_day() -> None:
    opportunity = on("2026-03-03 09:00", OpportunityOpened(), seq=2)
    lost = on("2026-03-09 09:00", Lost(), moved("2026-03-09 09:00", "lost"), seq=3)
    won_after_ten_days = history(captured(), opportunity, won("2026-03-13 09:00", 50_000))
    found = rows(
        totals([won_after_ten_days, history(captured(), opportunity, lost), history(captured(), opportunity)])
    )
    row = one(found, "pipeline_velocity")
    assert row.value == pytest.approx(3 * 0.5 * 50_000 / 10, rel=0.011)
    assert row.unit == "EUR minor/day"
    assert one(found, "opportunity_win_rate").value == 0.5


def test_stalled_ever_and_stalled_now_are_two_numbers() -> None:
    due = instant("2026-05-01 09:00")
    stalled = on(
        due, None, LeadStalled(stage="lead", cycle=1, since=instant("2026-03-02 09:00"), due_at=due), seq=2
    )
    cells = totals([history(captured(), stalled), history(captured(), stalled, won("2026-06-01 09:00"))])
    assert one(rows(cells), "stalled_count").value == 2
    assert one(rows(cells, Cut(basis="none")), "stalled_open_count").value == 1
    assert one(rows(cells, Cut(basis="none")), "stage_stalled_open_count", stage="lead").value == 1


def test_credit_is_in_wins_and_adds_up() -> None:
    fair = on("2026-03-03 09:00", Captured(origin="fair"), seq=2)
    found = rows(totals([history(captured(), fair, won("2026-03-09 09:00"))]), Cut(by=("origin",)))
    linear = one(found, "attributed_won_count", origin="fair", model="linear")
    assert (linear.value, linear.numerator, linear.denominator) == (0.5, 500, 1000)
    assert one(found, "attributed_revenue", origin="search", model="first_touch").value == 1000


def test_days_outside_the_cut_are_left_out() -> None:
    february = Cut(since=instant("2026-02-01 00:00").date(), until=instant("2026-03-06 00:00").date())
    assert one(rows(YEAR, february), "captured_count").value == 1
    assert one(rows(YEAR, february), "won_count").value == 0


@examples(5)
@given(st.lists(histories(), max_size=3), st.sampled_from([(), ("origin",), ("segment", "owner")]))
def test_what_is_told_apart_adds_up_to_the_total(leads: list[list[Entry]], by: tuple[str, ...]) -> None:
    cells = totals(history(*entries) for entries in leads)
    for basis in ("cohort", "period"):
        added: Counter[str] = Counter()
        for row in rows(cells, Cut(by, "week", basis)):
            if row.metric.endswith("_count") and row.metric != "attributed_won_count":
                added[row.metric] += int(row.value or 0)
        whole = {row.metric: 0 for row in rows(cells, Cut(basis=basis))}
        for row in rows(cells, Cut(basis=basis)):
            whole[row.metric] += int(row.value or 0) if row.metric in added else 0
        assert added == {name: whole[name] for name in added}
