"""Stages that are not reached, not left, or not watched."""

from typing import Any

import pytest

from tests.services.agreement.documents import CLEAN, Case, S, expect_warning, named, stage, warned

WON = {"kind": "won"}

STAGES: dict[str, Case] = {
    "nothing enters it": (
        {f"{S}.7": stage(enter={})},
        "lifecycle.stages[7]",
        "no lead ever enters 'on_hold'",
        "say under enter",
    ),
    "nobody hears": (
        {f"{S}.7": stage(stale_after=None)},
        "lifecycle.stages[7]",
        "for ever",
        "add stale_after",
    ),
    "no clock": (
        {f"{S}.3.kind": "sla"},
        "lifecycle.stages[3].kind",
        "'sql' is an SLA stage without a clock",
        "inventory",
    ),
    "marketing moves a stage of sales": (
        {f"{S}.3.enter.facts.1": {"kind": "engaged", "channel": "form"}},
        "lifecycle.stages[3].enter.facts[1]",
        "marketing's facts (engaged: form) move a lead into 'sql'",
        "sales' own facts",
    ),
    "the score moves a stage of sales": (
        {f"{S}.3.enter.score": {"bands": ["hot"]}},
        "lifecycle.stages[3].enter.score",
        "the score moves a lead into 'sql'",
        "accepting",
    ),
    "no success": (
        {f"{S}.4.outcome": "lost", f"{S}.4.side": "sales"},
        "lifecycle.success_path[4]",
        "does not mean success",
        "outcome: won",
    ),
    "a score that nobody has": (
        {f"{S}.3.enter.score": {"fit_at_least": 91}},
        "lifecycle.stages[3].enter.score",
        "no lead can have the score",
        "lower the thresholds",
    ),
}


@pytest.mark.parametrize("case", named(STAGES))
def test_a_stage_that_does_not_fit_is_a_warning(case: Case) -> None:
    expect_warning(case)


def test_a_stage_that_nothing_leads_out_of_is_a_dead_end() -> None:
    lead, customer = CLEAN["lifecycle"]["stages"][0], CLEAN["lifecycle"]["stages"][4]
    stages = [lead, {**customer, "outcome": None, "stale_after": "1 elapsed day"}]
    assert warned({S: stages, "lifecycle.success_path": ["lead", "customer"], "handoff": None}) == {
        "lifecycle.stages[1]": "nothing leads out of 'customer'",
        "lifecycle.success_path[1]": "the success path ends at 'customer', which does not mean success",
    }


def test_a_gate_that_every_lead_passes_needs_no_time_limit() -> None:
    gate: dict[str, Any] = {
        f"{S}.2.kind": "gate",
        f"{S}.2.stale_after": None,
        f"{S}.3.enter": {},
        "handoff.clocks.1.starts": "opened",
    }
    assert warned(gate) == {}
    assert warned(gate | {f"{S}.3.enter": {"facts": [WON]}}).keys() == {"lifecycle.stages[2]"}


def test_an_sla_stage_without_any_handoff_has_no_clock() -> None:
    assert set(warned({"handoff": None, f"{S}.2.enter": {"claim": True}})) == {
        "lifecycle.stages[1].kind",
        "lifecycle.stages[2].kind",
    }
