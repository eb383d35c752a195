"""Patterns that no fact matches, and conditions that never hold."""

import pytest

from tests.services.agreement.documents import Case, S, expect_error, expect_warning, named

FIT, ENGAGEMENT = "scoring.fit", "scoring.engagement"
CLOCK = "handoff.clocks.0"
WON = {"kind": "won"}

PATTERNS: dict[str, Case] = {
    "kind of fact": (
        {f"{S}.4.enter.facts.0.kind": "one"},
        "lifecycle.stages[4].enter.facts[0].kind",
        "no fact",
        "won",
    ),
    "campaign of a pattern": (
        {f"{ENGAGEMENT}.rules.0.on.campaign": "spring"},
        "scoring.engagement.rules[0].on.campaign",
        "no campaign is called 'spring'",
        "define a campaign",
    ),
    "channel of a pattern": (
        {f"{ENGAGEMENT}.rules.0.on.channel": "call"},
        "scoring.engagement.rules[0].on.channel",
        "no channel of engaged is called 'call'",
        "choose from page, email",
    ),
    "channel of consent": (
        {f"{CLOCK}.stops.2": {"kind": "consent_changed", "channel": "meeting"}},
        "handoff.clocks[0].stops[2].channel",
        "no channel of consent_changed",
        "choose from email, phone, any",
    ),
    "field that a fact has not": (
        {f"{CLOCK}.stops.2": {"kind": "touched", "action": "submit"}},
        "handoff.clocks[0].stops[2].action",
        "a fact of kind touched has no action",
        "what can be asked of it: kind, channel, outcome",
    ),
    "beginning of a pause": (
        {"handoff.pauses": [{"id": "p", "begins": {"kind": "waited"}, "ends": [WON]}]},
        "handoff.pauses[0].begins.kind",
        "no fact is called 'waited'",
        "choose from captured",
    ),
}

CONDITIONS: dict[str, Case] = {
    "a condition that never holds": (
        {
            f"{FIT}.rules.3.when": {
                "any": [
                    {"attribute": "seniority", "known": True},
                    {"not": {"attribute": "x", "at_least": 9, "below": 9}},
                ]
            }
        },
        "scoring.fit.rules[3].when.any[1].not.below",
        "no number is at least 9 and below 9",
        "write more than 9",
    ),
}


@pytest.mark.parametrize("case", named(PATTERNS))
def test_a_pattern_of_nothing_is_an_error(case: Case) -> None:
    expect_error(case)


@pytest.mark.parametrize("case", named(CONDITIONS))
def test_a_condition_that_never_holds_is_a_warning(case: Case) -> None:
    expect_warning(case)
