"""Tests of what scores can come to: exact where rules are few, and never below what a lead can have."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.agreement.scoring import EngagementScoring, FitScoring, Scoring
from services.agreement.attainable import Range, bands, cells, engagement_range, fit_range
from tests.effort import examples

VALUES: tuple[bool | int | float | str | None, ...] = (None, "ES", "MX", 10, 50, 499.5, 500, True, False, 1)


def fit(*rules: dict[str, Any], total_cap: int = 100, **caps: int) -> FitScoring:
    named = [{"id": f"r{index}", "group": "a", **rule} for index, rule in enumerate(rules)]
    return FitScoring.model_validate(
        {
            "groups": caps or {"a": 1000},
            "rules": named,
            "total_cap": total_cap,
            "grade_a_from": 2,
            "grade_b_from": 1,
        }
    )


def engagement(*rules: dict[str, Any], half_life: int | None = None, **caps: int) -> EngagementScoring:
    named = [
        {"id": f"r{index}", "group": "a", "on": {"kind": "engaged"}, **rule}
        for index, rule in enumerate(rules)
    ]
    return EngagementScoring.model_validate(
        {
            "groups": caps or {"a": 1000},
            "rules": named,
            "total_cap": 1000,
            "half_life_days": half_life,
            "level_1_from": 2,
            "level_2_from": 1,
        }
    )


def when(attribute: str = "country", **test: Any) -> dict[str, Any]:
    return {"attribute": attribute, **{name.rstrip("_"): value for name, value in test.items()}}


def rule(points: float, condition: dict[str, Any], group: str = "a") -> dict[str, Any]:
    return {"points": points, "when": condition, "group": group}


def test_rules_about_different_things_add_up() -> None:
    scoring = fit(rule(30, when(is_="ES")), rule(20, when("employees", at_least=50)))
    assert fit_range(scoring) == Range(Decimal(0), Decimal(50))


def test_two_countries_do_not_add_up() -> None:
    assert fit_range(fit(rule(30, when(is_="ES")), rule(20, when(in_=["MX", "CO"])))).most == 30


def test_overlapping_sizes_add_up_where_they_overlap() -> None:
    sizes = [when("employees", at_least=50), when("employees", below=500), when("employees", at_least=500)]
    assert fit_range(fit(rule(30, sizes[0]), rule(20, sizes[1]), rule(25, sizes[2]))).most == 55


def test_true_is_not_one() -> None:
    assert fit_range(fit(rule(30, when("x", is_=True)), rule(20, when("x", is_=1)))).most == 30


def test_what_is_not_so_is_looked_at_too() -> None:
    either = fit(rule(30, {"not": when(is_="ES")}), rule(20, when(known=True)), rule(40, when(is_="ES")))
    assert fit_range(either).most == 60


def test_groups_and_the_total_cut() -> None:
    scoring = fit(
        rule(60, when(), "a") | {"when": when(is_="ES")},
        rule(60, when("x", is_=1), "b"),
        a=40,
        b=100,
        total_cap=90,
    )
    assert fit_range(scoring).most == 90
    assert fit_range(scoring.model_copy(update={"total_cap": Decimal(200)})).most == 100


def test_fit_never_goes_below_nothing() -> None:
    assert fit_range(fit(rule(-30, when(is_="ES")))) == Range(Decimal(0), Decimal(0))


def test_points_that_everybody_has_are_the_least() -> None:
    everybody = fit(rule(30, {"any": [when(known=True), when(known=False)]}), rule(-10, when(is_="ES")))
    assert fit_range(everybody) == Range(Decimal(20), Decimal(30))


def test_many_entangled_rules_are_bounded_loosely() -> None:
    names = [f"x{number}" for number in range(8)]
    tangle = fit(
        *(rule(5, {"all": [when(name, is_=1), when(names[0], is_=2)]}) for name in names),
        rule(-3, when("x1", is_=9)),
    )
    assert fit_range(tangle) == Range(Decimal(0), Decimal(40))


@pytest.mark.parametrize(
    ("limits", "half_life", "most"),
    [
        ({}, None, 1000),
        ({"cap": 35}, None, 35),
        ({"at_most": {"count": 2, "per_days": 1}}, None, 1000),
        ({"at_most": {"count": 2, "per_days": 7}, "window_days": 20}, None, 60),
        ({"at_most": {"count": 1, "per_days": 30}}, 30, 20),
        ({"at_most": {"count": 1, "per_days": 30}, "half_life_days": 15}, 300, Decimal(40) / 3),
        ({"points": 0}, None, 0),
    ],
)
def test_repeated_facts_add_up_as_far_as_limits_let_them(
    limits: dict[str, Any], half_life: int | None, most: Decimal
) -> None:
    scoring = engagement({"points": 10, **limits}, half_life=half_life)
    assert float(engagement_range(scoring).most) == pytest.approx(float(most))


def test_negative_points_do_not_lower_the_most() -> None:
    assert engagement_range(engagement({"points": 10, "cap": 30}, {"points": -10})).most == 30


def scores(first: float, second: float, most: int, **levels: float) -> Scoring:
    document = {
        "fit": fit(rule(most, when(is_="ES"))).model_dump() | {"grade_a_from": first, "grade_b_from": second},
        "engagement": engagement({"points": 10}).model_dump() | levels,
        "bands": {"hot": ["A1", "A2", "A3"], "warm": ["B1", "B2", "B3"], "cold": ["C1", "C2", "C3"]},
    }
    document["fit"]["rules"] = [{"id": "r", "group": "a", "when": when(is_="ES"), "points": most}]
    return Scoring.model_validate(document)


def test_all_nine_cells_are_attainable_where_the_points_suffice() -> None:
    assert len(cells(scores(50, 20, 60))) == 9


def test_a_grade_beyond_the_points_is_not_attainable() -> None:
    assert bands(scores(61, 20, 60)) == {"warm", "cold"}
    assert bands(scores(70, 61, 60)) == {"cold"}


def test_a_grade_from_nothing_leaves_no_lower_one() -> None:
    assert bands(scores(0, -1, 60)) == {"hot"}
    assert bands(scores(50, 0, 60)) == {"hot", "warm"}


CONDITIONS = st.recursive(
    st.builds(
        lambda name, test: {"attribute": name, **test},
        st.sampled_from(["x", "y"]),
        st.one_of(
            st.sampled_from(VALUES[1:]).map(lambda value: {"is": value}),
            st.lists(st.sampled_from(VALUES[1:]), max_size=2).map(lambda values: {"in": values}),
            st.sampled_from([10, 50, 500]).map(lambda value: {"at_least": value}),
            st.sampled_from([10, 50, 500]).map(lambda value: {"below": value}),
            st.booleans().map(lambda value: {"known": value}),
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=2).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)


@examples(8)
@given(
    st.lists(st.builds(rule, st.integers(-50, 50), CONDITIONS, st.sampled_from(["a", "b"])), max_size=4),
    st.fixed_dictionaries({"x": st.sampled_from(VALUES), "y": st.sampled_from(VALUES)}),
)
def test_no_lead_scores_outside_the_range(rules: list[dict[str, Any]], attributes: dict[str, Any]) -> None:
    scoring = fit(*rules, total_cap=60, a=40, b=40)
    sums = {"a": Decimal(0), "b": Decimal(0)}
    for each in scoring.rules:
        if each.when.holds(attributes):
            sums[each.group] += each.points
    total = sum(min(max(points, Decimal(-40)), Decimal(40)) for points in sums.values())
    least, most = fit_range(scoring)
    assert least <= min(max(total, Decimal(0)), Decimal(60)) <= most
