"""References to nothing, and names that stand twice."""

import pytest

from tests.services.agreement.documents import (
    CLEAN,
    Case,
    S,
    engagement_rule,
    expect_error,
    found,
    named,
)

FIT, ENGAGEMENT = "scoring.fit", "scoring.engagement"
CLOCK = "handoff.clocks.0"
WON = {"kind": "won"}

REFERENCES: dict[str, Case] = {
    "region": (
        {"identity.default_region": "UK"},
        "identity.default_region",
        "no region is called 'UK'",
        "like ES, US or GB",
    ),
    "currency": ({"currency": "EUO"}, "currency", "no currency is called 'EUO'", "did you mean 'EU"),
    "identifier": ({"identity.merge_on": ["mail"]}, "identity.merge_on[0]", "no identifier", "'email'"),
    "blank version": ({"version": " "}, "version", "' ' is blank", "write a name that people can read"),
    "blank title": ({"title": ""}, "title", "'' is blank", "write a name that people can read"),
    "blank id": ({"owners.2.id": "\t"}, "owners[2].id", "is blank", "write a name that people can read"),
    "blank source": ({"sources": {" ": {}}}, "sources. ", "' ' is blank", "write a name"),
    "team's calendar": ({"teams.1.calendar": "offise"}, "teams[1].calendar", "no calendar", "'office'"),
    "manager": ({"teams.1.manager": "martha"}, "teams[1].manager", "no owner", "'marta'"),
    "owner's team": ({"owners.1.team": "sails"}, "owners[1].team", "no team", "'sales'"),
    "owner's calendar": (
        {"owners.1.calendar": "home"},
        "owners[1].calendar",
        "no calendar",
        "choose from office",
    ),
    "absent owner": (
        {"absences": [{"owner": "zoe", "start": "2026-08-01T00:00Z", "end": "2026-08-02T00:00Z"}]},
        "absences[0].owner",
        "no owner is called 'zoe'",
        "choose from marta, ana, bo, mia",
    ),
    "calendar of staleness": (
        {"lifecycle.calendar": "ofice"},
        "lifecycle.calendar",
        "no calendar",
        "'office'",
    ),
    "band of a stage": (
        {f"{S}.1.enter": {"score": {"bands": ["hot", "hott"]}}},
        "lifecycle.stages[1].enter.score.bands[1]",
        "no band is called 'hott'",
        "did you mean 'hot'?",
    ),
    "group of fit": (
        {f"{FIT}.rules.0.group": "compny"},
        "scoring.fit.rules[0].group",
        "no group",
        "'company'",
    ),
    "group of engagement": (
        {f"{ENGAGEMENT}.rules.2": engagement_rule(group="wep")},
        "scoring.engagement.rules[2].group",
        "no group is called 'wep'",
        "'web'",
    ),
    "hand-off's stage": ({"handoff.accepted_stage": "sa"}, "handoff.accepted_stage", "no stage", "'sal'"),
    "hand-off's team": (
        {
            "teams.2": {"id": "desk", "label": "", "side": "sales", "calendar": "office"},
            "handoff.to_team": "dusk",
        }
        | {"owners.4": {"id": "dan", "team": "desk"}},
        "handoff.to_team",
        "no team is called 'dusk'",
        "'desk'",
    ),
    "clock's calendar": (
        {f"{CLOCK}.calendar": "ownr"},
        "handoff.clocks[0].calendar",
        "no calendar",
        "'owner'",
    ),
    "escalation": (
        {f"{CLOCK}.escalate.0.to": "manger"},
        "handoff.clocks[0].escalate[0].to",
        "no owner is called 'manger'",
        "did you mean 'manager'?",
    ),
    "clock of a pause": (
        {"handoff.pauses": [{"id": "p", "begins": {"kind": "lost"}, "ends": [WON], "clocks": ["touch"]}]},
        "handoff.pauses[0].clocks[0]",
        "no clock is called 'touch'",
        "first_touch",
    ),
    "metric of a goal": (
        {"goals": [{"id": "g", "label": {"en": "G"}, "metric": "won_revenu", "target": 1}]},
        "goals[0].metric",
        "no metric is called 'won_revenu'",
        "did you mean 'won_revenue'?",
    ),
    "metric of a bound": (
        {"bounds": [{"metric": "wins", "at_least": 1}]},
        "bounds[0].metric",
        "no metric",
        "won_count",
    ),
    "channel of an alert": (
        {"alerts.0.channels": ["ops"]},
        "alerts[0].channels[0]",
        "no channel",
        "define a channel",
    ),
    "channel of a bound": (
        {"bounds": [{"metric": "won_count", "at_least": 1, "channels": ["ops"]}]},
        "bounds[0].channels[0]",
        "no channel is called 'ops'",
        "define a channel of this name first",
    ),
    "goal of variable pay": (
        {"variable_pay": [{"side": "sales", "goal": "growth", "share_rate": 0.1}]},
        "variable_pay[0].goal",
        "no goal is called 'growth'",
        "define a goal",
    ),
}

NAMES: dict[str, Case] = {
    "segment": ({"segments.1.id": "large"}, "segments[1].id", "'large' stands twice", "a name of its own"),
    "team": (
        {"teams.2": {"id": "sales", "label": "", "side": "sales", "calendar": "office"}},
        "teams[2].id",
        "'sales' stands twice",
        "a name of its own",
    ),
    "owner": ({"owners.4": {"id": "ana", "team": "sales"}}, "owners[4].id", "'ana' stands twice", "own"),
    "rule": ({f"{FIT}.rules.1.id": "right_country"}, "scoring.fit.rules[1].id", "stands twice", "own"),
    "reason": (
        {"handoff.rejection_reasons.1.id": "bad_fit"},
        "handoff.rejection_reasons[1].id",
        "stands twice",
        "own",
    ),
    "clock": ({"handoff.clocks.1.id": "acceptance"}, "handoff.clocks[1].id", "stands twice", "own"),
    "word": (
        {
            "glossary": [
                {"term": "MQL", "definition": {"en": "a"}},
                {"term": "MQL", "definition": {"en": "b"}},
            ]
        },
        "glossary[1].term",
        "'MQL' stands twice",
        "own",
    ),
    "reserved for owners": (
        {"owners.4": {"id": "manager", "team": "sales"}},
        "owners[4].id",
        "means the team's",
        "else",
    ),
}


@pytest.mark.parametrize("case", named(REFERENCES))
def test_a_reference_to_nothing_is_an_error(case: Case) -> None:
    expect_error(case)


@pytest.mark.parametrize("case", named(NAMES))
def test_a_name_of_two_things_is_an_error(case: Case) -> None:
    expect_error(case)


def test_a_calendar_named_like_a_keyword_is_an_error() -> None:
    week = CLEAN["calendars"]["office"]
    problems = found({"calendars.owner": week, "teams.0.calendar": "owner"})
    assert [(problem.severity, problem.path) for problem in problems] == [("error", "calendars.owner")]
