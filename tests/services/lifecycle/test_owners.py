"""Whose a lead is."""

import pytest

from schemas.facts import Assigned
from schemas.lifecycle import MoveRefused, OwnerChanged, RefusalReason
from tests.builders import agreement
from tests.services.lifecycle.leads import SALES, captured, handed_over, handoff, standing


def test_an_owner_brings_the_lead_to_the_owners_team() -> None:
    captured().say(Assigned(owner="ana")).expect(OwnerChanged, owner="ana", team="sales", reason="assigned")


def test_a_team_that_is_named_is_taken_at_its_word() -> None:
    captured().say(Assigned(owner="ana", team="marketing")).expect(
        OwnerChanged, owner="ana", team="marketing"
    )


def test_a_lead_may_go_to_a_teams_queue_and_out_of_anybodys_hands() -> None:
    story = captured().say(Assigned(team="sales")).expect(OwnerChanged, owner=None, team="sales").forget()
    story.say(Assigned(owner="bo")).forget().say(Assigned()).expect(OwnerChanged, owner=None, team="sales")


def test_giving_a_lead_to_who_has_it_changes_nothing() -> None:
    story = captured().say(Assigned(owner="ana"))
    before = standing(story)
    assert story.forget().say(Assigned(owner="ana")).fresh == []
    assert standing(story) is before


@pytest.mark.parametrize(
    "fact", [Assigned(owner="zoe"), Assigned(team="void"), Assigned(owner="ana", team="void")]
)
def test_an_owner_or_a_team_that_the_agreement_does_not_know_is_refused(fact: Assigned) -> None:
    story = captured().say(fact).expect(MoveRefused, asked="assigned", reason=RefusalReason.UNKNOWN_OWNER)
    assert standing(story).owner is None


def test_anybody_may_own_a_lead_where_the_agreement_lists_nobody() -> None:
    story = captured({"owners": [], "teams": []}).say(Assigned(owner="zoe", team="anywhere"))
    story.expect(OwnerChanged, owner="zoe", team="anywhere")


def test_an_assignment_may_name_the_hand_off_that_it_is_for() -> None:
    story = (
        handed_over()
        .say(Assigned(owner="ana", handoff_id="L1-h1", by=SALES))
        .expect(OwnerChanged, owner="ana")
    )
    assert handoff(story).owner == "ana"
    story.say(Assigned(owner="bo", handoff_id="L1-h0")).expect(
        MoveRefused, reason=RefusalReason.STALE_HANDOFF
    )
    assert handoff(story).owner == "ana"


def test_an_owner_who_leaves_the_agreement_leaves_the_lead() -> None:
    story = handed_over().say(Assigned(owner="bo")).forget()
    story.sign(
        agreement({"version": "test-2", "owners": [{"id": "ana", "team": "sales"}], "teams.1.manager": None})
    )
    story.expect(OwnerChanged, owner=None, team="sales", reason="agreement")
    assert handoff(story).owner is None


def test_a_team_that_leaves_the_agreement_leaves_the_lead() -> None:
    story = captured().say(Assigned(owner="ana")).forget()
    others = {"teams": [{"id": "other", "label": "Other", "side": "sales", "calendar": "office"}]}
    story.sign(agreement({"version": "test-2", "handoff.to_team": "other", "owners": [], **others}))
    story.expect(OwnerChanged, owner="ana", team=None, reason="agreement")


def test_a_lead_goes_with_its_owner_when_the_owners_team_is_called_otherwise() -> None:
    story = captured().say(Assigned(owner="ana")).forget()
    renamed = [
        {"id": "marketing", "label": "Marketing", "side": "marketing", "calendar": "office"},
        {"id": "ventas", "label": "Sales", "side": "sales", "calendar": "office"},
    ]
    changes = {"teams": renamed, "owners": [{"id": "ana", "team": "ventas"}], "handoff.to_team": "ventas"}
    story.sign(agreement({"version": "test-2", **changes}))
    story.expect(OwnerChanged, owner="ana", team="ventas", reason="agreement")


def test_a_lead_that_is_handed_over_goes_to_the_team_that_takes_the_others_place() -> None:
    others = {"teams": [{"id": "other", "label": "Other", "side": "sales", "calendar": "office"}]}
    story = handed_over()
    story.sign(agreement({"version": "test-2", "handoff.to_team": "other", "owners": [], **others}))
    story.expect(OwnerChanged, owner=None, team="other", reason="agreement")
    assert handoff(story).team == "other"
