"""Hand-offs: opened, accepted, rejected, closed; what implies what."""

from typing import Any

import pytest

from schemas.facts import (
    Accepted,
    Engaged,
    Erased,
    Lost,
    OpportunityOpened,
    Recycled,
    StageClaimed,
    Touched,
    Won,
)
from schemas.handoffs import (
    ClockEnd,
    ClockEnded,
    ClockStarted,
    CloseReason,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    HandoffRejected,
    SlaBreached,
)
from schemas.lifecycle import CycleOpened, MoveReason, OwnerChanged, StageChanged, StallEnded
from schemas.vocabulary import Actor, EngagementChannel, Side, TouchChannel
from services.lifecycle.state import MOST_HANDOFFS
from tests.builders import SMALL_AGREEMENT
from tests.services.lifecycle.leads import (
    ACCEPTED,
    ANA,
    BAD_FIT,
    CALL,
    CAPTURED,
    DEMO,
    MARKETING,
    NEXT_TOUCH,
    PAGE,
    SALES,
    accepted,
    captured,
    handed_over,
    handoff,
    hot,
    journey,
    lead,
    standing,
    told,
)

OPPORTUNITY = OpportunityOpened(by=SALES)


def test_a_hand_off_opens_when_the_lead_enters_the_agreed_stage() -> None:
    story = captured().until("2026-03-02 10:00").say(DEMO, said=(hot(),))
    story.expect(
        HandoffOpened, handoff_id="L1-h1", cycle=1, opened_at="2026-03-02 10:00", team="sales", owner=None
    )
    story.expect(OwnerChanged, owner=None, team="sales", reason="handed_over")


def test_a_hand_off_opens_whatever_brings_the_lead_to_the_stage() -> None:
    captured().say(StageClaimed(stage="mql", by=MARKETING)).expect(HandoffOpened)


def test_a_lead_that_jumps_over_the_stage_is_not_handed_over() -> None:
    captured().say(Won(by=SALES)).expect(StageChanged, skipped=("mql", "sal", "sql")).expect_no(HandoffOpened)


def test_a_gate_that_is_passed_at_once_hands_the_lead_over_all_the_same() -> None:
    story = captured(
        {
            "lifecycle.stages.1.kind": "gate",
            "lifecycle.stages.2.enter": {},
            "handoff.accepted_stage": None,
        }
    ).say(DEMO, said=(hot(),))
    assert journey(story) == ["lead", "mql", "sal"]
    story.expect(HandoffOpened).expect_no(HandoffClosed)


def test_an_owner_of_the_team_keeps_the_lead_at_the_hand_off_and_another_does_not() -> None:
    assert handoff(accepted().say(Recycled(by=SALES)).say(PAGE, said=(hot(7000),))).owner == "ana"
    other = {"owners": [{"id": "ana", "team": "marketing"}], "teams.1.manager": None}
    assert handoff(accepted(other).say(Recycled(by=SALES)).say(PAGE, said=(hot(7000),))).owner is None


def test_where_no_owners_are_listed_the_owner_of_the_same_team_keeps_the_lead() -> None:
    story = accepted({"owners": []}).say(Recycled(by=SALES)).say(PAGE, said=(hot(7000),))
    assert (handoff(story).owner, handoff(story).team) == ("ana", "sales")


# --- accepted


def test_accepting_a_hand_off_moves_the_lead_and_gives_it_to_who_accepted() -> None:
    story = handed_over().until("2026-03-02 11:00").say(ACCEPTED)
    story.expect(HandoffAccepted, handoff_id="L1-h1", accepted_at="2026-03-02 11:00", by=ANA)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.MET, elapsed_seconds=3600, working_seconds=3600)
    story.expect(OwnerChanged, owner="ana", team="sales", reason="accepted")
    story.expect(StageChanged, to_stage="sal", reason=MoveReason.ACCEPTED, by=ANA)
    story.expect(ClockStarted, clock="first_touch", started_at="2026-03-02 11:00", due_at="2026-03-02 13:00")
    story.expect_no(HandoffClosed)


def test_accepting_may_leave_the_lead_where_it_stands() -> None:
    story = handed_over({"handoff.accepted_stage": None, "lifecycle.stages.2.enter": {}}).say(ACCEPTED)
    story.expect(HandoffAccepted).expect_no(StageChanged)


def test_somebody_whom_the_agreement_does_not_know_may_accept_and_owns_nothing() -> None:
    story = handed_over().say(Accepted(by=Actor(side=Side.SALES, owner="zoe")))
    story.expect(HandoffAccepted).expect_no(OwnerChanged)


def test_accepting_for_nobody_in_particular_leaves_the_lead_in_the_queue() -> None:
    handed_over().say(Accepted(by=SALES)).expect(HandoffAccepted).expect_no(OwnerChanged)


def test_claiming_the_stage_of_acceptance_accepts_the_hand_off() -> None:
    story = handed_over().say(StageClaimed(stage="sal", by=ANA)).expect(HandoffAccepted, by=ANA)
    assert told(story, "acceptance") == ["started", "met"]
    assert told(story, "first_touch") == ["started"]


def test_working_the_lead_past_the_hand_off_accepts_it() -> None:
    story = (
        handed_over()
        .say(OPPORTUNITY)
        .expect(HandoffAccepted)
        .expect(HandoffClosed, reason=CloseReason.WORKED)
    )
    assert told(story, "acceptance") == ["started", "met"]
    assert told(story, "first_touch") == []


def test_winning_the_lead_accepts_the_hand_off() -> None:
    handed_over().say(Won(by=SALES)).expect(HandoffAccepted).expect(HandoffClosed, reason=CloseReason.WON)


def test_losing_the_lead_does_not_accept_the_hand_off() -> None:
    story = handed_over().say(Lost(by=SALES)).expect_no(HandoffAccepted)
    story.expect(HandoffClosed, reason=CloseReason.LOST).expect(ClockEnded, end=ClockEnd.CANCELLED)


def test_touching_the_lead_does_not_accept_the_hand_off() -> None:
    handed_over().say(CALL).expect_no(HandoffAccepted)


def test_what_the_lead_does_accepts_nothing_and_leaves_the_clocks_running() -> None:
    changes = {"lifecycle.stages.3.enter": {"facts": [{"kind": "engaged", "action": "book"}]}}
    booked = Engaged(channel=EngagementChannel.FORM, action="book")
    story = handed_over(changes).say(booked)
    story.expect(StageChanged, to_stage="sql").expect_no(HandoffAccepted).expect_no(HandoffClosed)
    story.say(ACCEPTED).expect(HandoffAccepted)
    assert standing(story).stage == "sql"


def test_what_an_accepted_lead_does_leaves_its_clocks_running_too() -> None:
    story = accepted({"lifecycle.stages.3.enter": {"facts": [{"kind": "engaged", "name": "/pricing"}]}}).say(
        PAGE
    )
    story.expect(StageChanged, to_stage="sql").expect_no(HandoffClosed)


def test_a_score_that_moves_an_accepted_lead_on_leaves_its_clocks_running() -> None:
    changes = {"lifecycle.stages.3.enter": {"score": {"fit_at_least": 90}}, "lifecycle.stages.3.kind": "sla"}
    story = accepted(changes).say(PAGE, said=(hot(fit=9500),)).expect(StageChanged, to_stage="sql")
    story.expect_no(HandoffClosed)


def test_a_gate_behind_the_acceptance_is_passed_without_ending_the_hand_off() -> None:
    changes = {
        "lifecycle.stages.2.kind": "gate",
        "lifecycle.stages.3.enter": {},
        "lifecycle.stages.3.kind": "sla",
    }
    story = accepted(changes)
    assert journey(story)[-2:] == ["sal", "sql"]
    assert handoff(story).closed_at is None


# --- answered early


def test_a_touch_before_the_acceptance_is_the_first_touch() -> None:
    story = handed_over().until("2026-03-02 10:30").say(CALL).until("2026-03-02 11:00").say(ACCEPTED)
    story.expect(ClockEnded, clock="first_touch", end=ClockEnd.MET, elapsed_seconds=0, working_seconds=0)


def test_a_clock_that_runs_is_answered_by_a_touch_before_the_acceptance() -> None:
    story = handed_over({"handoff.clocks.1.starts": "opened"}).until("2026-03-02 10:30").say(CALL)
    story.expect(ClockEnded, clock="first_touch", end=ClockEnd.MET, elapsed_seconds=1800)
    assert told(story.say(ACCEPTED), "first_touch") == ["started", "met"]


# --- closed


def test_rejecting_a_hand_off_sends_the_lead_back_with_the_reason() -> None:
    story = handed_over().until("2026-03-02 11:00").say(BAD_FIT)
    story.expect(
        HandoffRejected, handoff_id="L1-h1", rejected_at="2026-03-02 11:00", reason="bad_fit", by=SALES
    )
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.MET)
    story.expect(StageChanged, to_stage="nurture", reason=MoveReason.REJECTED, detail="bad_fit", cycle=1)
    story.expect(HandoffClosed, reason=CloseReason.REJECTED)
    story.say(PAGE, said=(hot(6500),)).expect(CycleOpened, cycle=2).expect(HandoffOpened, handoff_id="L1-h2")


def test_a_lead_that_is_rejected_where_it_stands_stays_there_and_the_hand_off_closes() -> None:
    story = handed_over({"handoff.rejected_stage": "mql"}).say(BAD_FIT).expect_no(StageChanged)
    story.expect(HandoffClosed, reason=CloseReason.REJECTED)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (Won(by=SALES), CloseReason.WON),
        (Lost(by=SALES), CloseReason.LOST),
        (Recycled(by=SALES), CloseReason.RECYCLED),
        (OPPORTUNITY, CloseReason.WORKED),
        (StageClaimed(stage="sql", by=SALES), CloseReason.WORKED),
        (StageClaimed(stage="hold", by=SALES), CloseReason.DETOUR),
    ],
)
def test_a_hand_off_closes_with_what_becomes_of_the_lead(fact: Won, reason: CloseReason) -> None:
    story = accepted({"lifecycle.stages": [*stages(), hold()]}).until("2026-03-02 11:30").say(fact)
    story.expect(HandoffClosed, handoff_id="L1-h1", closed_at="2026-03-02 11:30", reason=reason)
    assert handoff(story).running == ()
    assert not [timer for timer in story.folding.timers if timer == "clocks"]


def stages() -> list[dict[str, Any]]:
    """Return the stages of the small agreement."""
    return list(SMALL_AGREEMENT["lifecycle"]["stages"])


def hold() -> dict[str, Any]:
    """Return a detour without an outcome."""
    return {"id": "hold", "kind": "inventory", "side": "sales", "label": {"en": "On hold"}}


def test_clocks_that_nobody_answered_are_cancelled_when_the_hand_off_closes() -> None:
    story = accepted().until("2026-03-02 11:30").say(Lost(by=SALES))
    story.expect(ClockEnded, clock="first_touch", end=ClockEnd.CANCELLED, working_seconds=1800)


def test_a_clock_past_its_deadline_does_not_end_as_if_it_had_not_been_called_for() -> None:
    story = accepted().until("2026-03-02 15:00").expect(SlaBreached, clock="first_touch").say(Lost(by=SALES))
    story.expect(ClockEnded, clock="first_touch", end=ClockEnd.UNANSWERED)


def test_a_hand_off_that_nobody_answers_expires_where_the_agreement_recycles_it() -> None:
    story = handed_over({"handoff.clocks.0.on_breach": "recycle"}).until("2026-03-05 09:00")
    story.expect(SlaBreached, clock="acceptance", breached_at="2026-03-02 15:00")
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.UNANSWERED, ended_at="2026-03-02 15:00")
    story.expect(
        StageChanged,
        to_stage="nurture",
        reason=MoveReason.EXPIRED,
        detail="acceptance",
        by=None,
        entered_at="2026-03-02 15:00",
    )
    story.expect(HandoffClosed, reason=CloseReason.EXPIRED, closed_at="2026-03-02 15:00")
    assert story.folding.timers == {}


def test_clocks_that_run_out_at_the_same_instant_all_breach_before_the_lead_goes_back() -> None:
    twin = {
        "id": "twin",
        "label": {"en": "Twin"},
        "starts": "opened",
        "stops": [{"kind": "accepted"}],
        "allowance": {"kind": "business", "minutes": 240},
    }
    acceptance = {**SMALL_AGREEMENT["handoff"]["clocks"][0], "on_breach": "recycle"}
    story = handed_over({"handoff.clocks": [acceptance, twin]}).until("2026-03-02 15:00")
    story.expect(SlaBreached, clock="acceptance").expect(SlaBreached, clock="twin")
    story.expect(HandoffClosed, reason=CloseReason.EXPIRED)


def test_only_the_newest_hand_offs_are_kept() -> None:
    story = captured()
    for day in range(1, 26):
        story.until(f"2026-04-{day:02} 09:00").say(PAGE, said=(hot(6000 + day),)).say(BAD_FIT)
    kept = standing(story).handoffs
    assert [each.number for each in kept] == list(range(26 - MOST_HANDOFFS, 26))
    assert kept[-2].calendars == {}
    assert standing(story).cycle == 25


# --- forgotten


def test_a_lead_that_is_forgotten_ends_everything_and_is_never_moved_again() -> None:
    story = handed_over({"lifecycle.stages.1.stale_after": {"kind": "elapsed", "minutes": 60}})
    story.until("2026-03-02 12:00").say(Erased())
    story.expect(StallEnded, stalled_seconds=3600).expect(ClockEnded, end=ClockEnd.CANCELLED)
    story.expect(HandoffClosed, reason=CloseReason.ERASED)
    state = standing(story)
    assert (state.activities, state.attributes, story.folding.timers) == ((), {}, {})
    story.forget().say(Won(by=SALES)).say(DEMO, said=(hot(),)).until("2027-01-01 00:00")
    assert (story.fresh, standing(story)) == ([], state)


def test_a_lead_may_be_forgotten_before_anything_is_known_of_it() -> None:
    story = lead().say(Erased()).say(CAPTURED)
    assert story.all == []
    assert standing(story).erased


def test_a_score_that_comes_with_being_forgotten_moves_nothing() -> None:
    captured().say(Erased(), said=(hot(),)).expect_no(StageChanged)


def test_the_touch_that_opens_a_hand_off_comes_before_it_and_starts_none_of_its_clocks() -> None:
    changes = {"handoff.clocks": [NEXT_TOUCH], "lifecycle.stages.1.enter": {"facts": [{"kind": "touched"}]}}
    story = captured(changes).say(Touched(channel=TouchChannel.CALL, by=MARKETING))
    story.expect(HandoffOpened).expect_no(ClockStarted)
    story.say(CALL).expect(ClockStarted, clock="next_touch", due_at="2026-03-02 10:00")
