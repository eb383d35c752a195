"""Where facts lead, who may say them, and what is refused."""

from typing import get_args

import pytest

from schemas.facts import (
    Accepted,
    Engaged,
    LeadFact,
    Lost,
    Merged,
    OpportunityOpened,
    Recycled,
    Rejected,
    Reopened,
    StageClaimed,
    Subject,
    Touched,
    Won,
)
from schemas.lifecycle import MoveReason, MoveRefused, RefusalReason, StageChanged
from schemas.vocabulary import Actor, EngagementChannel, Side, TouchChannel
from services.lifecycle.stages import TABLE
from tests.services.lifecycle.leads import (
    ACCEPTED,
    ANA,
    BAD_FIT,
    CALL,
    CAPTURED,
    DEMO,
    MARKETING,
    SALES,
    Lead,
    accepted,
    captured,
    handed_over,
    handoff,
    journey,
    lead,
    path_of,
    standing,
)

WON = Won(by=SALES)
LOST = Lost(by=SALES)
OPPORTUNITY = OpportunityOpened(by=SALES)
HELD = {"facts": [{"kind": "touched", "channel": "meeting", "outcome": "held"}]}
MEETING = Touched(channel=TouchChannel.MEETING, outcome="held", by=SALES)


def refused(story: Lead, fact: LeadFact, why: RefusalReason, asked: str | None = None) -> None:
    """Expect that the fact is refused for this reason, and that nothing changes."""
    before = standing(story)
    story.forget().say(fact).expect(MoveRefused, reason=why, asked=asked or fact.kind, at_stage=before.stage)
    assert standing(story) == before
    assert len(story.fresh) == 1


def test_the_table_has_a_line_for_every_kind_of_fact() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(LeadFact)}
    assert set(TABLE) == kinds


# --- where facts lead


def test_a_lead_enters_the_first_stage_on_its_first_fact_of_any_kind() -> None:
    story = lead().say(CALL)
    story.expect(StageChanged, from_stage=None, to_stage="lead", detail="touched", seconds_in_from_stage=None)


def test_a_first_fact_that_is_refused_is_a_first_fact_all_the_same() -> None:
    story = lead().say(ACCEPTED).expect(MoveRefused, reason=RefusalReason.NO_HANDOFF, at_stage=None)
    assert journey(story) == ["lead"]


def test_a_first_fact_that_enters_another_stage_enters_that_one_at_once() -> None:
    story = lead().say(OPPORTUNITY)
    story.expect(StageChanged, from_stage=None, to_stage="sql", skipped=("lead", "mql", "sal"), cycle=1)


def test_a_fact_that_enters_two_stages_passes_through_both_in_order() -> None:
    demo = {"facts": [{"kind": "engaged", "name": "demo"}]}
    changes = path_of({"id": "new"}, {"id": "asked", "enter": demo}, {"id": "ready", "enter": demo})
    assert journey(lead(changes).say(CAPTURED).say(DEMO)) == ["new", "asked", "ready"]


def test_a_fact_that_enters_a_stage_behind_the_lead_moves_nothing() -> None:
    story = accepted().say(OPPORTUNITY).forget().say(CAPTURED).say(OPPORTUNITY)
    assert story.fresh == []


def test_a_pattern_may_lead_to_a_detour() -> None:
    hold = {"id": "hold", "side": "sales", "enter": {"facts": [{"kind": "touched", "outcome": "call_later"}]}}
    changes = path_of({"id": "new"}, {"id": "done"}, hold, path=("new", "done"))
    story = lead(changes).say(CAPTURED)
    later = Touched(channel=TouchChannel.CALL, outcome="call_later", by=SALES)
    assert journey(story.say(later).say(later)) == ["new", "hold"]


def test_a_win_before_anything_else_wins_and_a_later_capture_changes_nothing() -> None:
    story = lead().say(WON).expect(StageChanged, to_stage="customer", cycle=1)
    story.forget().until("2026-04-01 09:00").say(CAPTURED)
    assert (standing(story).stage, standing(story).cycle, story.fresh) == ("customer", 1, [])


def test_a_second_win_moves_nothing() -> None:
    assert captured().say(WON).forget().say(WON).fresh == []


def test_a_win_wins_a_lost_lead_as_a_new_cycle() -> None:
    captured().say(LOST).say(WON).expect(StageChanged, from_stage="lost", to_stage="customer", cycle=2)


def test_a_won_stage_may_lie_off_the_path() -> None:
    stages = [{"id": "new"}, {"id": "ready"}, {"id": "won", "outcome": "won"}]
    story = lead(path_of(*stages, path=("new", "ready"))).say(CAPTURED).say(Won())
    story.expect(StageChanged, to_stage="won", skipped=(), cycle=1)


def test_a_stage_with_the_pattern_comes_before_the_first_of_the_same_outcome() -> None:
    second = {"id": "churned", "outcome": "lost", "enter": {"facts": [{"kind": "lost"}]}}
    first = {"id": "lost", "outcome": "lost"}
    story = (
        lead(path_of({"id": "new"}, {"id": "done"}, first, second, path=("new", "done")))
        .say(CAPTURED)
        .say(Lost())
    )
    assert standing(story).stage == "churned"


def test_a_tool_may_claim_a_stage_ahead() -> None:
    story = captured().say(StageClaimed(stage="mql", by=MARKETING))
    story.expect(StageChanged, to_stage="mql", reason=MoveReason.CLAIM, by=MARKETING)


def test_claiming_the_stage_where_the_lead_stands_changes_nothing() -> None:
    assert captured().say(StageClaimed(stage="lead")).fresh == []


def test_a_tool_may_claim_a_detour_with_a_reason() -> None:
    story = handed_over().say(StageClaimed(stage="lost", reason="price", by=SALES))
    story.expect(StageChanged, to_stage="lost", detail="price", skipped=())


def test_what_happens_to_identities_moves_nothing() -> None:
    story = captured({"lifecycle.stages.1.enter.facts": [{"kind": "merged"}]})
    assert story.say(Merged(other=Subject(email="ana@example.org"))).fresh == []


# --- who may say it


@pytest.mark.parametrize("fact", [WON, LOST, OPPORTUNITY])
def test_marketing_does_not_say_what_enters_a_stage_of_sales(fact: Won) -> None:
    refused(captured(), fact.model_copy(update={"by": MARKETING}), RefusalReason.NOT_YOUR_STAGE)


def test_a_fact_without_a_speaker_is_said_by_the_side_of_its_tool() -> None:
    story = captured().say(Won(), source="web").expect(MoveRefused, reason=RefusalReason.NOT_YOUR_STAGE)
    story.say(Won(), source="crm").expect(StageChanged, to_stage="customer")


def test_a_tool_that_the_agreement_does_not_name_speaks_for_the_system_and_may_do_anything() -> None:
    captured().say(Won(), source="elsewhere").expect(StageChanged, to_stage="customer")


def test_marketing_does_not_claim_a_stage_of_sales() -> None:
    refused(captured(), StageClaimed(stage="sql", by=MARKETING), RefusalReason.NOT_YOUR_STAGE, "sql")


def test_sales_does_not_take_a_lead_from_a_stage_of_marketing_by_a_claim() -> None:
    refused(captured(), StageClaimed(stage="sal", by=SALES), RefusalReason.NOT_YOUR_STAGE, "sal")


def test_sales_does_not_claim_a_stage_of_marketing() -> None:
    refused(accepted(), StageClaimed(stage="nurture", by=SALES), RefusalReason.NOT_YOUR_STAGE, "nurture")


def test_sales_may_take_a_lead_that_it_has_been_handed() -> None:
    handed_over().say(StageClaimed(stage="sal", by=SALES)).expect(StageChanged, to_stage="sal")


def test_marketing_does_not_recycle_a_lead_that_sales_has_taken_on() -> None:
    refused(accepted(), Recycled(by=MARKETING), RefusalReason.NOT_YOUR_STAGE)


def test_marketing_may_take_back_a_lead_that_stands_at_its_own_stage() -> None:
    handed_over().say(Recycled(by=MARKETING)).expect(StageChanged, to_stage="nurture")


def test_sales_does_not_recycle_a_lead_that_it_has_not_been_handed() -> None:
    refused(captured(), Recycled(by=SALES), RefusalReason.NOT_YOUR_STAGE)


def test_a_first_fact_may_be_anybodys() -> None:
    lead().say(Recycled(by=SALES)).expect(StageChanged, from_stage=None, to_stage="nurture", cycle=1)


@pytest.mark.parametrize("fact", [Accepted(by=MARKETING), Rejected(reason="bad_fit", by=MARKETING)])
def test_marketing_does_not_answer_a_hand_off(fact: Accepted) -> None:
    refused(handed_over(), fact, RefusalReason.NOT_YOUR_STAGE)


@pytest.mark.parametrize("story", [handed_over(), accepted(), captured().say(WON)])
def test_marketing_does_not_touch_a_lead_that_sales_has(story: Lead) -> None:
    refused(story, CALL.model_copy(update={"by": MARKETING}), RefusalReason.NOT_YOUR_STAGE)


def test_marketing_may_touch_a_lead_of_its_own() -> None:
    assert captured().say(CALL.model_copy(update={"by": MARKETING})).fresh == []


def test_marketing_does_not_touch_a_lead_into_a_stage_of_sales() -> None:
    story = captured({"lifecycle.stages.3.enter": HELD})
    refused(story, MEETING.model_copy(update={"by": MARKETING}), RefusalReason.NOT_YOUR_STAGE)
    story.say(MEETING).expect(StageChanged, to_stage="sql")


def test_a_team_of_marketing_answers_the_hand_offs_that_it_gets() -> None:
    story = handed_over({"handoff.to_team": "marketing"})
    refused(story, Accepted(by=SALES), RefusalReason.NOT_YOUR_STAGE)
    story.say(Accepted(by=MARKETING)).expect(StageChanged, to_stage="sal")


# --- what is refused


def test_an_unknown_stage_is_refused() -> None:
    refused(captured(), StageClaimed(stage="nirvana"), RefusalReason.UNKNOWN_STAGE, "nirvana")


def test_a_stage_that_no_tool_may_claim_is_refused() -> None:
    story = captured({"lifecycle.stages.1.enter.claim": False})
    refused(story, StageClaimed(stage="mql"), RefusalReason.NOT_CLAIMABLE, "mql")


def test_a_claim_of_a_stage_behind_is_refused() -> None:
    refused(handed_over(), StageClaimed(stage="lead"), RefusalReason.BACKWARD, "lead")


@pytest.mark.parametrize("outcome", [WON, LOST])
def test_a_closed_lead_is_claimed_only_after_it_is_reopened(outcome: Won) -> None:
    story = captured().say(outcome)
    refused(story, StageClaimed(stage="sal", by=SALES), RefusalReason.CLOSED, "sal")
    story.say(Reopened(by=SALES)).say(StageClaimed(stage="mql", by=MARKETING))
    assert standing(story).stage == "mql"


def test_an_opportunity_of_a_lost_lead_is_refused_until_it_is_reopened() -> None:
    refused(captured().say(LOST), OPPORTUNITY, RefusalReason.CLOSED)


def test_an_opportunity_of_a_customer_changes_nothing_and_is_no_error() -> None:
    assert captured().say(WON).forget().say(OPPORTUNITY).fresh == []


def test_a_touch_of_a_lost_lead_is_nothing_to_refuse() -> None:
    assert captured().say(LOST).forget().say(CALL).fresh == []


def test_what_a_closed_lead_does_moves_nothing() -> None:
    enter = {"facts": [{"kind": "captured"}]}
    story = captured({"lifecycle.stages.1.enter": enter}).say(LOST).forget().say(CAPTURED)
    assert story.fresh == []


@pytest.mark.parametrize("fact", [LOST, Recycled(by=SALES)])
def test_a_customer_is_neither_lost_nor_recycled_before_it_is_reopened(fact: Lost) -> None:
    refused(captured().say(WON), fact, RefusalReason.CLOSED)


def test_losing_a_lost_lead_changes_nothing() -> None:
    assert captured().say(LOST).forget().say(LOST).fresh == []


def test_a_lost_lead_may_be_recycled() -> None:
    captured().say(LOST).say(Recycled(by=SALES)).expect(StageChanged, to_stage="nurture", cycle=1)


def test_a_lost_lead_may_be_recycled_by_a_claim() -> None:
    story = captured().say(LOST).say(StageClaimed(stage="nurture", by=Actor(side=Side.SYSTEM)))
    story.expect(StageChanged, from_stage="lost", to_stage="nurture", reason=MoveReason.CLAIM, cycle=1)


def test_a_customer_is_not_recycled_by_a_claim() -> None:
    claimed = StageClaimed(stage="nurture", by=Actor(side=Side.SYSTEM))
    refused(captured().say(WON), claimed, RefusalReason.CLOSED, "nurture")


def test_reopening_a_lead_that_is_being_worked_is_refused() -> None:
    refused(accepted(), Reopened(by=SALES), RefusalReason.NOT_CLOSED)


@pytest.mark.parametrize("fact", [WON, LOST, Recycled()])
def test_what_the_agreement_has_no_stage_for_is_refused(fact: Won) -> None:
    story = lead(path_of({"id": "new"}, {"id": "done"})).say(CAPTURED)
    refused(story, fact, RefusalReason.UNKNOWN_STAGE)


REASONS = {
    "handoff.recycle_reasons": [{"id": "timing", "label": {"en": "Later"}}],
    "handoff.lost_reasons": [{"id": "price", "label": {"en": "Price"}}],
}


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (Rejected(reason="mood", by=SALES), "rejected"),
        (Lost(reason="mood", by=SALES), "lost"),
        (Recycled(reason="mood", by=SALES), "recycled"),
        (StageClaimed(stage="lost", reason="mood", by=SALES), "lost"),
        (StageClaimed(stage="nurture", reason="mood", by=MARKETING), "nurture"),
    ],
)
def test_a_reason_that_the_agreement_does_not_list_is_refused(fact: Lost, asked: str) -> None:
    refused(handed_over(REASONS), fact, RefusalReason.UNKNOWN_REASON, asked)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [(Lost(reason="price", by=SALES), "price"), (Recycled(reason="timing", by=SALES), "timing")],
)
def test_a_reason_that_the_agreement_lists_is_told_with_the_move(fact: Lost, reason: str) -> None:
    handed_over(REASONS).say(fact).expect(StageChanged, detail=reason)


def test_no_reason_is_no_wrong_reason() -> None:
    handed_over(REASONS).say(LOST).expect(StageChanged, to_stage="lost", detail=None)


def test_any_reason_will_do_where_the_agreement_lists_none() -> None:
    handed_over().say(Lost(reason="mood", by=SALES)).expect(StageChanged, detail="mood")


def test_a_reason_may_be_anything_where_nothing_is_handed_over() -> None:
    stages = [{"id": "new"}, {"id": "done"}, {"id": "lost", "outcome": "lost"}]
    story = lead(path_of(*stages, path=("new", "done"))).say(CAPTURED).say(Lost(reason="mood"))
    story.expect(StageChanged, detail="mood")


def test_an_answer_without_a_hand_off_is_refused() -> None:
    refused(captured(), ACCEPTED, RefusalReason.NO_HANDOFF)
    refused(captured(), BAD_FIT, RefusalReason.NO_HANDOFF)


def test_a_hand_off_is_accepted_once_and_not_rejected_after() -> None:
    refused(accepted(), ACCEPTED, RefusalReason.ALREADY_ANSWERED)
    refused(accepted(), BAD_FIT, RefusalReason.ALREADY_ANSWERED)


def test_an_answer_to_a_hand_off_that_is_over_is_refused() -> None:
    story = handed_over().say(BAD_FIT)
    refused(story, Accepted(by=ANA, handoff_id="L1-h1"), RefusalReason.STALE_HANDOFF)
    refused(story, CALL.model_copy(update={"handoff_id": "L1-h1"}), RefusalReason.STALE_HANDOFF)


def test_an_answer_to_another_hand_off_than_the_open_one_is_refused() -> None:
    refused(handed_over(), Accepted(by=ANA, handoff_id="L1-h7"), RefusalReason.STALE_HANDOFF)


def test_an_answer_may_name_a_hand_off_of_a_lead_that_was_merged_into_this_one() -> None:
    story = handed_over().say(Accepted(by=ANA, handoff_id="L7-h1"))
    assert handoff(story).accepted_at is not None


def test_a_refused_fact_answers_no_clock() -> None:
    story = handed_over().say(Accepted(by=MARKETING))
    assert [clock.clock for clock in handoff(story).running] == ["acceptance"]


def test_without_hand_offs_an_acceptance_is_a_fact_like_any_other() -> None:
    changes = path_of(
        {"id": "new"}, {"id": "taken", "side": "sales", "enter": {"facts": [{"kind": "accepted"}]}}
    )
    story = lead(changes).say(CAPTURED)
    refused(story, Accepted(by=MARKETING), RefusalReason.NOT_YOUR_STAGE)
    assert journey(story.say(ACCEPTED)) == ["new", "taken"]


def test_without_hand_offs_a_rejection_leads_where_a_pattern_says() -> None:
    changes = path_of(
        {"id": "new"}, {"id": "out", "side": "sales", "enter": {"facts": [{"kind": "rejected"}]}}
    )
    assert journey(lead(changes).say(CAPTURED).say(BAD_FIT)) == ["new", "out"]


def test_what_a_lead_does_is_nobodys_request_and_never_refused() -> None:
    booked = Engaged(channel=EngagementChannel.FORM, action="book", name="meeting")
    enter = {"facts": [{"kind": "engaged", "action": "book"}]}
    story = handed_over({"lifecycle.stages.3.enter": enter}).say(booked, source="web")
    story.expect(StageChanged, to_stage="sql", by=Actor(side=Side.MARKETING))
