"""Tests of the document's shape as a whole: what it refuses, and what it answers."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.agreement import Agreement, document_digest
from schemas.agreement.lifecycle import Outcome, ScoreEntry
from schemas.agreement.numbers import Bound
from schemas.agreement.people import Absence
from schemas.alerts import Severity
from schemas.vocabulary import Side
from tests.builders import SMALL_AGREEMENT, agreement


def refused(changes: dict[str, Any]) -> str:
    """Return what the document's refusal says."""
    with pytest.raises(ValidationError) as caught:
        agreement(changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lifecycle.success_path": ["lead", "mql", "lead"]}, "'lead' stands twice; keep one"),
        ({"lifecycle.stages.1.id": "lead", "lifecycle.success_path": ["lead", "sal"]}, "'lead' stands twice"),
        ({"lifecycle.success_path": ["lead", "won"]}, "no stage is called 'won'; the stages are lead, mql"),
        ({"lifecycle.reopen_to": "start"}, "no stage is called 'start'"),
        ({"scoring.bands": {"all": ["A1"]}}, "each of A1 to C3 once; look at A2, A3, B1"),
        ({"scoring.bands.warm": ["A3", "B2", "C1", "A1"]}, "look at A1"),
        ({"scoring.bands.warm": ["A3", "B2", "C1", "D1"]}, "look at D1"),
        ({"time_zone": "Europe/Madird"}, "did you mean 'Europe/Madrid'?"),
        ({"titel": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_sections_that_do_not_hold_together_are_refused(changes: dict[str, Any], message: str) -> None:
    assert message in refused(changes)


def test_a_stage_may_be_named_to_reopen_to() -> None:
    assert agreement({"lifecycle.reopen_to": "nurture"}).lifecycle.reopen_to == "nurture"


def test_a_score_entry_asks_for_something() -> None:
    with pytest.raises(ValidationError, match="give bands, fit_at_least or engagement_at_least"):
        ScoreEntry()
    assert ScoreEntry(engagement_at_least=0).engagement_at_least == 0


def test_a_bound_has_a_side() -> None:
    with pytest.raises(ValidationError, match="give at_least, at_most or both"):
        Bound(metric="won_count")
    assert Bound(metric="won_count", at_most=3).at_most == 3


def test_an_absence_ends_after_it_begins() -> None:
    day = {"owner": "ana", "start": "2026-08-03T00:00Z", "end": "2026-08-03T00:00Z"}
    with pytest.raises(ValidationError, match="swap start and end"):
        Absence.model_validate(day)
    assert Absence.model_validate({**day, "end": "2026-08-04T00:00Z"}).owner == "ana"


def test_members_are_found_by_name() -> None:
    small = agreement()
    team, owner = small.team("sales"), small.owner("ana")
    assert team is not None
    assert owner is not None
    assert (team.manager, owner.team) == ("marta", "sales")
    assert (small.team("nobody"), small.owner(None)) == (None, None)


def test_stages_are_found_by_name_and_by_outcome() -> None:
    lifecycle = agreement().lifecycle
    won = lifecycle.outcome_stage(Outcome.WON)
    assert won is not None
    assert won == lifecycle.stage("customer")
    assert lifecycle.stage("nowhere") is None
    assert agreement({"lifecycle.stages.4.outcome": None}).lifecycle.outcome_stage(Outcome.WON) is None


def test_tools_speak_for_the_side_that_the_agreement_says() -> None:
    small = agreement()
    assert [small.side_of(tool) for tool in ("crm", "web", "unheard of")] == [
        Side.SALES,
        Side.MARKETING,
        Side.SYSTEM,
    ]


def test_whatever_the_document_reads_may_travel() -> None:
    reading = agreement(
        {
            "attributes": ["origin_page"],
            "handoff.brief": {"attributes": ["industry"]},
            "personas": [
                {"id": "p", "label": {"en": "P"}, "when": {"attribute": "seniority", "known": True}}
            ],
        }
    )
    assert reading.attributes_read == {
        "origin_page",
        "industry",
        "seniority",
        "employees",
        "country",
        "free_mail",
    }
    assert agreement({"handoff": None}).attributes_read == {"employees", "country", "free_mail"}


def test_a_document_has_one_digest_and_another_has_another() -> None:
    assert document_digest("a: 1") == document_digest("a: 1") != document_digest("a: 2")
    assert len(document_digest("")) == 16


def test_an_agreement_goes_through_json_and_comes_back_equal() -> None:
    small = agreement()
    assert Agreement.model_validate_json(small.model_dump_json(by_alias=True)) == small
    assert Agreement.model_validate(SMALL_AGREEMENT) == small


def test_of_bounds_without_a_policy_a_warning_is_said_once_and_to_no_channel() -> None:
    said = agreement({"alerts": []}).policy_on_bounds
    assert (said.severity, said.channels, said.repeat_every_minutes) == (Severity.WARNING, (), None)
