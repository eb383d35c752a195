"""Tests of the ways into a stage and out of it."""

from typing import Any

from schemas.agreement import Agreement
from schemas.agreement.conditions import FactPattern
from schemas.agreement.lifecycle import ScoreEntry, Stage
from services.agreement.moves import How, entrances, exits, is_attainable, passes_on, pattern_text, score_text
from tests.services.agreement.documents import spoiled

S = "lifecycle.stages"


def agreement(changes: dict[str, Any] | None = None) -> Agreement:
    return Agreement.model_validate(spoiled(changes or {}))


def at(document: Agreement, name: str) -> Stage:
    stage = document.lifecycle.stage(name)
    assert stage is not None
    return stage


def ways(document: Agreement, name: str) -> list[How]:
    return [entrance.how for entrance in entrances(document, at(document, name))]


def test_stages_are_entered_by_facts_scores_outcomes_and_the_handoff() -> None:
    small = agreement()
    assert ways(small, "lead") == [How.FACT]
    assert ways(small, "mql") == [How.SCORE]
    assert ways(small, "sal") == [How.FACT, How.ACCEPTED]
    assert ways(small, "customer") == [How.FACT, How.OUTCOME]
    assert ways(small, "nurture") == [How.FACT, How.OUTCOME, How.REJECTED]


def test_a_claim_is_a_way_in_only_where_the_stage_says_so() -> None:
    assert ways(agreement({f"{S}.0.enter.claim": True}), "lead") == [How.FACT, How.CLAIM]
    assert ways(agreement({f"{S}.0.enter.claim": False}), "lead") == [How.FACT]


def test_a_score_that_nobody_has_is_no_way_in() -> None:
    assert ways(agreement({f"{S}.1.enter.score": {"engagement_at_least": 101}}), "mql") == []


def test_only_the_first_stage_of_an_outcome_is_entered_by_it() -> None:
    twice = agreement({f"{S}.3.outcome": "won", f"{S}.4.enter": {}})
    assert ways(twice, "sql") == [How.FACT, How.OUTCOME]
    assert ways(twice, "customer") == []


def test_a_stage_without_conditions_is_entered_by_passing_the_gate_before_it() -> None:
    gate = agreement({f"{S}.2.kind": "gate", f"{S}.3.enter": {}})
    assert ways(gate, "sql") == [How.GATE]
    assert passes_on(gate, at(gate, "sal"))
    assert not passes_on(gate, at(gate, "sql"))


def test_no_gate_leads_on_into_an_outcome_or_a_condition() -> None:
    assert How.GATE not in ways(agreement({f"{S}.3.kind": "gate", f"{S}.4.enter": {}}), "customer")
    assert How.GATE not in ways(agreement({f"{S}.2.kind": "gate"}), "sql")


def test_a_lead_goes_on_along_the_path_and_into_detours() -> None:
    small = agreement()
    assert [stage.id for stage in exits(small, at(small, "sal"))] == ["sql", "customer", "lost", "nurture"]


def test_from_a_detour_any_stage_may_follow_but_none_by_capture_alone() -> None:
    small = agreement()
    assert [stage.id for stage in exits(small, at(small, "lost"))] == [
        "mql",
        "sal",
        "sql",
        "customer",
        "nurture",
    ]


def test_points_are_attainable_when_both_are() -> None:
    small = agreement()
    assert is_attainable(small, ScoreEntry(fit_at_least=80, engagement_at_least=80))
    assert not is_attainable(small, ScoreEntry(fit_at_least=81, engagement_at_least=1))
    assert not is_attainable(small, ScoreEntry(engagement_at_least=81))
    assert not is_attainable(small, ScoreEntry(bands=("unheard of",)))


def test_patterns_and_scores_read_as_a_few_words() -> None:
    assert pattern_text(FactPattern(kind="won")) == "won"
    assert pattern_text(
        FactPattern.model_validate({"kind": "engaged", "channel": "form", "name": "demo*"})
    ) == ("engaged: form demo*")
    assert score_text(ScoreEntry(bands=("hot", "warm"))) == "score: hot or warm"
    assert score_text(ScoreEntry(bands=("hot",), fit_at_least=50, engagement_at_least=2.5)) == (
        "score: hot, or fit ≥ 50 and engagement ≥ 2.5"
    )
