"""How far the common goals have come."""

from datetime import date

from schemas.agreement.numbers import Goal
from schemas.metrics import Cut, MetricRow
from services.metrics.goals import goal_cuts, progress

TODAY = date(2026, 5, 20)


def goal(metric: str, target: float, period: str = "quarter") -> Goal:
    return Goal.model_validate(
        {"id": metric, "label": {"en": metric}, "metric": metric, "target": target, "period": period}
    )


def row(metric: str, period: str | None, value: float | None, **dimensions: str) -> MetricRow:
    return MetricRow(
        metric=metric,
        basis="period" if period else None,
        period=period,
        dimensions=dimensions,
        value=value,
        unit="lead",
    )


def test_a_goal_is_looked_at_over_its_own_period() -> None:
    rows = [
        row("won_count", "2026-Q2", 30),
        row("won_count", "2026-Q1", 90),
        row("won_count", "2026-Q2", 7, origin="fair"),
    ]
    (found,) = progress([goal("won_count", 120)], rows, TODAY)
    assert (found.period, found.value, found.share_rate) == ("2026-Q2", 30, 0.25)


def test_a_goal_about_what_stands_now_has_no_period() -> None:
    (found,) = progress([goal("stalled_open_count", 10)], [row("stalled_open_count", None, 15)], TODAY)
    assert (found.value, found.share_rate) == (15, 1.5)


def test_without_a_number_or_a_target_there_is_no_share() -> None:
    unknown, aimless, early = progress(
        [goal("won_count", 10), goal("lost_count", 0), goal("acceptance_rate", 0.8)],
        [row("lost_count", "2026-Q2", 3), row("acceptance_rate", "2026-Q2", None)],
        TODAY,
    )
    assert (unknown.value, unknown.share_rate) == (None, None)
    assert (aimless.value, aimless.share_rate) == (3, None)
    assert (early.value, early.share_rate) == (None, None)


def test_the_cuts_are_one_a_period_and_what_stands_now() -> None:
    goals = [goal("won_count", 1, "year"), goal("won_revenue", 1, "month"), goal("lost_count", 1, "year")]
    assert goal_cuts(goals) == (Cut(period="month"), Cut(period="year"), Cut(basis="none"))
    assert goal_cuts([]) == ()
