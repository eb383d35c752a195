"""Scores that no lead has, and rules that do not count as they say."""

import pytest

from tests.services.agreement.documents import (
    Case,
    S,
    engagement_rule,
    expect_error,
    expect_warning,
    named,
    warned,
)

FIT, ENGAGEMENT = "scoring.fit", "scoring.engagement"

ORDER: dict[str, Case] = {
    "grades in the wrong order": (
        {f"{FIT}.grade_b_from": 60},
        "scoring.fit.grade_a_from",
        "is not above",
        "more than 60",
    ),
    "levels that are the same": (
        {f"{ENGAGEMENT}.level_2_from": 50},
        "scoring.engagement.level_1_from",
        "level_1_from (50) is not above level_2_from (50)",
        "write more than 50",
    ),
}

SCORES: dict[str, Case] = {
    "points beyond the group's cap": (
        {f"{ENGAGEMENT}.rules.1.points": 70},
        "scoring.engagement.rules[1].points",
        "70 points are always cut to the cap of the group 'forms', 60",
        "write 60 points or less",
    ),
    "points beyond the rule's own cap": (
        {f"{ENGAGEMENT}.rules.0.points": 25},
        "scoring.engagement.rules[0].points",
        "25 points are always cut to the rule's own cap of 20",
        "write 20 points, or raise the cap",
    ),
    "no points": (
        {f"{ENGAGEMENT}.rules.2": engagement_rule(points=0)},
        "scoring.engagement.rules[2].points",
        "no points",
        "out",
    ),
    "a group without rules": (
        {f"{FIT}.groups.idle": 5},
        "scoring.fit.groups.idle",
        "no rule is in the group",
        "take it out",
    ),
    "a group that only takes away": (
        {f"{FIT}.groups.against": 20, f"{FIT}.rules.2.group": "against"},
        "scoring.fit.groups.against",
        "only take points away",
        "whose points they are to reduce",
    ),
    "a cap above the total": (
        {f"{FIT}.groups.company": 120},
        "scoring.fit.groups.company",
        "above that of the total",
        "100",
    ),
    "a band that nobody is in": (
        {
            "scoring.bands": {
                "hot": ["A1", "A2", "B1"],
                "warm": ["A3", "B2", "C1"],
                "cold": ["B3", "C2", "C3"],
                "odd": [],
            }
        },
        "scoring.bands.odd",
        "no lead can get into 'odd'",
        "other cells",
    ),
}


@pytest.mark.parametrize("case", named(ORDER))
def test_a_threshold_out_of_order_is_an_error(case: Case) -> None:
    expect_error(case)


@pytest.mark.parametrize("case", named(SCORES))
def test_a_rule_that_does_not_count_as_it_says_is_a_warning(case: Case) -> None:
    expect_warning(case)


def test_a_threshold_out_of_reach_is_told_with_all_that_follows_from_it() -> None:
    assert warned(
        {f"{FIT}.grade_a_from": 91, f"{S}.1.enter.score": {"bands": ["top"]}}
        | {
            "scoring.bands": {
                "top": ["A1", "A2", "A3"],
                "middle": ["B1", "B2", "B3"],
                "low": ["C1", "C2", "C3"],
            }
        }
    ) == {
        "scoring.fit.grade_a_from": "no lead can reach 91 points of fit; 80 is the most",
        "scoring.bands.top": "no lead can get into 'top': none of A1, A2, A3 is attainable",
        "lifecycle.stages[1].enter.score": "no lead can have the score that 'mql' asks for",
        "lifecycle.stages[1]": "no lead ever enters 'mql'",
    }
