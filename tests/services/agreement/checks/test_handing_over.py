"""Hand-offs that lead the wrong way, and ladders out of order."""

import pytest

from tests.services.agreement.documents import GONE, Case, S, expect_warning, named, stage, warned

CLOCK = "handoff.clocks.0"

HANDOFFS: dict[str, Case] = {
    "acceptance off the path": (
        {"handoff.accepted_stage": "lost", f"{S}.2.kind": "inventory"},
        "handoff.accepted_stage",
        "not on the success path",
        "choose from lead, mql",
    ),
    "rejection that does not recycle": (
        {f"{S}.7": stage(), "handoff.rejected_stage": "on_hold"},
        "handoff.rejected_stage",
        "which does not recycle them",
        "outcome: recycled",
    ),
    "the wrong side of a stage": (
        {f"{S}.6.side": "sales"},
        "handoff.rejected_stage",
        "'nurture' is a stage of sales",
        "marketing",
    ),
    "the wrong side of a team": (
        {"teams.1.side": "marketing"},
        "handoff.to_team",
        "'sales' is a team of marketing",
        "a team of sales",
    ),
    "warnings in the wrong order": (
        {f"{CLOCK}.warn_at": [0.8, 0.5]},
        "handoff.clocks[0].warn_at",
        "not in order",
        "write [0.5, 0.8]",
    ),
    "no time at all": (
        {f"{CLOCK}.allowance": "0 calendar days"},
        "handoff.clocks[0].allowance",
        "due as it starts",
        "some time",
    ),
    "nobody to escalate to": (
        {"teams.1.manager": GONE},
        "handoff.clocks[0].escalate[0].to",
        "the team 'sales' has no manager",
        "give the team a manager",
    ),
    "steps in the wrong order": (
        {f"{CLOCK}.escalate.1": {"after": "2 calendar days", "to": "bo"}}
        | {f"{CLOCK}.escalate.2": {"after": "1 calendar day", "to": "ana"}},
        "handoff.clocks[0].escalate[2].after",
        "comes before the one above it",
        "in order",
    ),
}


@pytest.mark.parametrize("case", named(HANDOFFS))
def test_a_handoff_that_does_not_fit_is_a_warning(case: Case) -> None:
    expect_warning(case)


def test_a_handoff_without_clocks_is_told() -> None:
    idle = {"handoff.clocks": [], f"{S}.1.kind": "inventory", f"{S}.2.kind": "inventory"}
    assert warned(idle) == {"handoff": "the hand-off has no clock: sales may take for ever"}


def test_a_handoff_that_goes_backwards_is_told() -> None:
    sides = {f"{S}.1.side": "sales", f"{S}.2.side": "marketing", f"{S}.2.kind": "inventory"}
    back = {"handoff.opens_at": "sal", "handoff.accepted_stage": "mql", f"{S}.1.enter": {"claim": True}}
    assert warned(sides | back | {f"{S}.2.enter.claim": True, "handoff.clocks.0.starts": "accepted"}) == {
        "handoff.accepted_stage": "'mql' lies before 'sal', where the hand-off opens"
    }


def test_a_lead_may_stay_where_it_was_handed_over() -> None:
    stays = {"handoff.accepted_stage": None, f"{S}.2.kind": "inventory"}
    assert warned(stays) == {}
