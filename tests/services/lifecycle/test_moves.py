"""What a move comes to: skipped stages, time at a stage, stalls, gates, scores and cycles."""

from typing import Any

import pytest

from schemas.facts import Enriched, Lost, OpportunityOpened, Recycled, Reopened, StageClaimed, Won
from schemas.lifecycle import CycleOpened, LeadStalled, MoveReason, StageChanged, StallEnded
from tests.builders import instant
from tests.services.lifecycle.leads import (
    CAPTURED,
    DEMO,
    MARKETING,
    PAGE,
    SALES,
    Lead,
    accepted,
    captured,
    cold,
    handed_over,
    hot,
    journey,
    lead,
    path_of,
    standing,
)

WON = Won(by=SALES)
RECYCLED = Recycled(by=SALES)


def recycled(changes: dict[str, Any] | None = None) -> Lead:
    """Return a lead that sales sent back at noon while its score was hot, with 60 points of engagement."""
    return handed_over(changes).until("2026-03-02 12:00").say(RECYCLED).forget()


# --- forward


def test_skipped_stages_are_recorded_as_passed_through() -> None:
    captured().say(WON).expect(StageChanged, skipped=("mql", "sal", "sql"), skipped_as="passed_through")


def test_skipped_stages_are_recorded_as_skipped_when_the_agreement_says_so() -> None:
    captured({"lifecycle.skipped": "skipped"}).say(WON).expect(StageChanged, skipped_as="skipped")


def test_a_move_tells_how_long_the_lead_stood_where_it_came_from() -> None:
    captured().until("2026-03-09 09:30").say(WON).expect(StageChanged, seconds_in_from_stage=7 * 86400 + 1800)


def test_a_score_enters_each_stage_ahead_that_it_holds_for() -> None:
    changes = path_of(
        {"id": "new"},
        {"id": "engaged", "enter": {"score": {"engagement_at_least": 10}}},
        {"id": "known", "enter": {"score": {"fit_at_least": 90}}},
        {"id": "ready", "enter": {"score": {"bands": ["hot"]}}},
    )
    story = lead(changes).say(DEMO, said=(hot(),))
    assert journey(story) == ["new", "engaged", "ready"]
    story.expect(StageChanged, to_stage="ready", skipped=("known",), reason=MoveReason.SCORE, detail="hot")


@pytest.mark.parametrize(
    ("fit", "engagement", "stage"),
    [(7000, 6000, "ready"), (7000, 5999, "new"), (6999, 6000, "new"), (9000, 9000, "ready")],
)
def test_all_points_that_are_asked_for_must_be_reached(fit: int, engagement: int, stage: str) -> None:
    asked = {"fit_at_least": 70, "engagement_at_least": 60, "bands": ["cold"]}
    story = lead(path_of({"id": "new"}, {"id": "ready", "enter": {"score": asked}}))
    assert standing(story.say(PAGE, said=(hot(engagement, fit=fit),))).stage == stage


def test_a_band_will_do_where_points_are_asked_for_too() -> None:
    asked = {"fit_at_least": 70, "bands": ["cold"]}
    story = lead(path_of({"id": "new"}, {"id": "ready", "enter": {"score": asked}}))
    assert journey(story.say(PAGE, said=(cold(),))) == ["new", "ready"]


def test_a_falling_score_never_moves_a_lead_backward() -> None:
    story = handed_over().until("2026-03-03 10:00").say(said=(cold(reason="decay"),))
    story.expect_no(StageChanged)
    assert standing(story).stage == "mql"


def test_a_decay_moves_a_lead_that_newly_qualifies() -> None:
    story = captured().say(PAGE, said=(cold(),)).say(said=(hot(reason="decay"),))
    story.expect(StageChanged, to_stage="mql", reason=MoveReason.SCORE)


def test_a_decay_that_leaves_a_reopened_lead_hot_does_not_move_it() -> None:
    story = accepted().say(Lost(by=SALES)).say(Reopened(by=SALES)).forget()
    story.say(said=(hot(5900, reason="decay"),)).expect_no(StageChanged)
    story.say(PAGE, said=(hot(6100),)).expect(StageChanged, to_stage="mql", cycle=2)


@pytest.mark.parametrize("outcome", [WON, Lost(by=SALES)])
def test_a_score_does_not_move_a_closed_lead(outcome: Won) -> None:
    story = captured().say(outcome).forget().say(PAGE, said=(hot(),))
    story.expect_no(StageChanged)


def test_what_other_workers_conclude_moves_nothing() -> None:
    moved = StageChanged(
        from_stage=None,
        to_stage="mql",
        entered_at=instant("2026-03-02 09:00"),
        cycle=1,
        reason=MoveReason.FACT,
    )
    assert journey(captured().say(said=(moved,))) == ["lead"]


# --- gates


GATED = path_of(
    {"id": "new"},
    {"id": "gate", "kind": "gate"},
    {"id": "ready", "enter": {"score": {"bands": ["hot"]}}},
    {"id": "lost", "outcome": "lost"},
    path=("new", "gate", "ready"),
)


def test_a_gate_is_passed_at_once_when_nothing_is_asked_behind_it() -> None:
    queue = path_of({"id": "new"}, {"id": "gate", "kind": "gate"}, {"id": "queue"}, {"id": "done"})
    story = lead(queue).say(CAPTURED).say(StageClaimed(stage="gate"))
    assert journey(story) == ["new", "gate", "queue"]
    story.expect(StageChanged, to_stage="queue", reason=MoveReason.GATE, detail="gate", by=None)


def test_a_gate_is_passed_at_once_when_the_standing_score_opens_the_next_stage() -> None:
    story = lead(GATED).say(DEMO, said=(hot(),)).say(Lost()).say(Reopened())
    assert journey(story.say(StageClaimed(stage="gate"))) == ["new", "ready", "lost", "new", "gate", "ready"]


def test_a_gate_holds_a_lead_whose_score_does_not_open_the_next_stage() -> None:
    story = lead(GATED).say(CAPTURED).say(StageClaimed(stage="gate"))
    assert standing(story.say(PAGE, said=(cold(),))).stage == "gate"
    assert standing(story.say(PAGE, said=(hot(),))).stage == "ready"


def test_a_gate_holds_a_lead_until_the_fact_behind_it_is_said() -> None:
    story = accepted().say(OpportunityOpened(by=SALES))
    assert standing(story).stage == "sql"
    assert standing(story.say(WON)).stage == "customer"


def test_nobody_is_won_by_passing_a_gate() -> None:
    changes = path_of({"id": "new"}, {"id": "gate", "kind": "gate"}, {"id": "done", "outcome": "won"})
    assert journey(lead(changes).say(CAPTURED).say(StageClaimed(stage="gate"))) == ["new", "gate"]


# --- cycles


def test_a_recycled_lead_stays_in_its_cycle_until_it_comes_back() -> None:
    story = recycled().say(Recycled(by=MARKETING))
    assert (standing(story).stage, standing(story).cycle, story.fresh) == ("nurture", 1, [])


def test_a_lead_comes_back_from_nurture_as_a_new_cycle() -> None:
    story = recycled().say(PAGE, said=(cold(),)).forget().say(DEMO, said=(hot(),))
    story.expect(CycleOpened, cycle=2, reason=MoveReason.SCORE, detail="hot")
    story.expect(StageChanged, from_stage="nurture", to_stage="mql", cycle=2, skipped=("lead",))


def test_a_new_cycle_destroys_nothing_of_the_old_one() -> None:
    story = recycled()
    before = list(story.all)
    story.say(PAGE, said=(hot(7000),))
    assert story.all[: len(before)] == before
    assert [handoff.cycle for handoff in standing(story).handoffs] == [1, 2]


def test_a_recycled_lead_does_not_bounce_in_the_step_that_recycles_it() -> None:
    story = handed_over().say(RECYCLED, said=(hot(9000),))
    assert journey(story)[-1] == "nurture"


def test_a_recycled_lead_does_not_come_back_by_decay() -> None:
    story = recycled().say(said=(cold(reason="decay"),)).say(said=(hot(reason="decay"),))
    story.expect_no(StageChanged)


def test_a_recycled_lead_that_is_still_hot_does_not_come_back_by_what_others_say_of_it() -> None:
    story = recycled().say(Enriched(attributes={"employees": 500}), said=(hot(6000, fit=9000),))
    story.expect_no(StageChanged)


def test_a_recycled_lead_that_is_still_hot_comes_back_by_what_it_does() -> None:
    recycled().say(PAGE, said=(hot(6001),)).expect(StageChanged, to_stage="mql", cycle=2)


def test_a_recycled_lead_comes_back_once_it_has_gained_what_the_agreement_asks_for() -> None:
    story = recycled({"lifecycle.return_points": 20})
    story.say(said=(hot(5000, reason="decay"),)).say(PAGE, said=(hot(6900),)).expect_no(StageChanged)
    story.say(PAGE, said=(hot(7000),)).expect(StageChanged, to_stage="mql", cycle=2)


def test_a_recycled_lead_that_newly_qualifies_comes_back_whatever_it_gained() -> None:
    story = (
        recycled({"lifecycle.return_points": 90}).say(PAGE, said=(cold(5900),)).say(PAGE, said=(hot(6000),))
    )
    story.expect(StageChanged, to_stage="mql", cycle=2)


def test_a_lead_that_was_recycled_before_it_had_a_score_comes_back_by_its_first() -> None:
    captured().say(Recycled(by=MARKETING)).say(DEMO, said=(hot(),)).expect(
        StageChanged, to_stage="mql", cycle=2
    )


def test_a_fact_that_enters_a_stage_brings_a_recycled_lead_back() -> None:
    recycled().say(OpportunityOpened(by=SALES)).expect(StageChanged, to_stage="sql", cycle=2)
    recycled().say(CAPTURED).expect(StageChanged, to_stage="lead", cycle=2, skipped=())


def test_a_reopened_lead_begins_a_new_cycle_at_the_first_stage() -> None:
    story = captured().say(WON).forget().say(Reopened(reason="again", by=SALES))
    story.expect(CycleOpened, cycle=2, reason=MoveReason.REOPENED, detail="again")
    story.expect(StageChanged, from_stage="customer", to_stage="lead", cycle=2, skipped=())


def test_a_reopened_lead_begins_where_the_agreement_says() -> None:
    story = captured({"lifecycle.reopen_to": "sal"}).say(Lost(by=SALES)).say(Reopened(by=SALES))
    story.expect(StageChanged, to_stage="sal", cycle=2, skipped=("lead", "mql"))


def test_a_lead_on_hold_is_left_alone_by_its_score_and_comes_back_by_a_claim() -> None:
    hold = {"id": "hold"}
    hot_stage = {"id": "ready", "enter": {"score": {"bands": ["hot"]}}}
    story = lead(path_of({"id": "new"}, hot_stage, hold, path=("new", "ready"))).say(CAPTURED)
    story.say(StageClaimed(stage="hold")).say(DEMO, said=(hot(),))
    assert standing(story).stage == "hold"
    story.say(StageClaimed(stage="ready")).expect(StageChanged, to_stage="ready", cycle=2, skipped=("new",))


# --- stalls


def test_a_lead_stalls_when_its_time_at_a_stage_is_up_and_once_only() -> None:
    story = captured().until("2026-05-01 08:59:59").expect_no(LeadStalled).until("2026-06-01 00:00")
    due = instant("2026-05-01 09:00")
    story.expect(LeadStalled, stage="lead", cycle=1, since=instant("2026-03-02 09:00"), due_at=due)
    assert sum(isinstance(said, LeadStalled) for said in story.all) == 1
    assert standing(story).stale_at == due


def test_a_stall_ends_when_the_lead_moves() -> None:
    story = captured().until("2026-05-02 09:00").say(WON)
    story.expect(StallEnded, stage="lead", cycle=1, stalled_seconds=86400)
    assert not standing(story).stalled


def test_a_win_at_the_very_deadline_comes_after_the_stall() -> None:
    story = captured().until("2026-05-01 09:00").say(WON)
    story.expect(LeadStalled).expect(StallEnded, stalled_seconds=0).expect(StageChanged, to_stage="customer")


def test_a_lead_that_moves_in_time_does_not_stall() -> None:
    story = captured().until("2026-05-01 08:59:59").say(WON).until("2027-01-01 00:00")
    story.expect_no(LeadStalled)


def test_a_stay_may_be_allowed_in_business_time() -> None:
    allowance = {"kind": "business", "minutes": 60}
    story = lead({"lifecycle.stages.0.stale_after": allowance}).until("2026-03-06 16:30").say(CAPTURED)
    story.until("2026-03-09 12:00").expect(LeadStalled, due_at=instant("2026-03-09 08:30"))


def test_a_stay_may_be_allowed_in_calendar_days_across_a_change_of_the_clocks() -> None:
    allowance = {"kind": "calendar", "days": 7}
    story = lead({"lifecycle.stages.0.stale_after": allowance}).until("2026-03-25 09:00").say(CAPTURED)
    story.until("2026-04-03 09:00").expect(LeadStalled, due_at=instant("2026-04-01 08:00"))


def test_a_stay_in_an_office_that_never_opens_does_not_stall() -> None:
    changes = {
        "lifecycle.stages.0.stale_after": {"kind": "business", "minutes": 60},
        "lifecycle.calendar": "closed",
        "calendars.closed": {"time_zone": "UTC", "week": {}},
    }
    assert captured(changes).folding.timers == {}


def test_a_lead_may_stall_anew_in_a_new_cycle() -> None:
    story = captured().until("2026-05-02 09:00").say(Lost(by=SALES)).say(Reopened(by=SALES)).forget()
    story.until("2026-07-02 09:00").expect(LeadStalled, stage="lead", cycle=2)
