"""The rule as a whole: one lead's way, what a late fact means, and what a step costs nothing for."""

from schemas.facts import (
    Won,
)
from schemas.handoffs import (
    ClockEnded,
    ClockStarted,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    SlaBreached,
)
from schemas.lifecycle import MoveReason, StageChanged
from tests.services.lifecycle.leads import (
    ACCEPTED,
    CALL,
    CAPTURED,
    DEMO,
    SALES,
    STATE,
    handed_over,
    hot,
    journey,
    lead,
    standing,
)


def test_a_lead_goes_from_its_capture_to_a_customer() -> None:
    story = lead().say(CAPTURED).expect(StageChanged, from_stage=None, to_stage="lead", cycle=1)
    story.until("2026-03-02 10:00").say(DEMO, said=(hot(),))
    story.expect(
        StageChanged, to_stage="mql", reason=MoveReason.SCORE, detail="hot", seconds_in_from_stage=3600
    )
    story.expect(HandoffOpened, handoff_id="L1-h1", team="sales", owner=None, opened_at="2026-03-02 10:00")
    story.expect(ClockStarted, clock="acceptance", due_at="2026-03-02 15:00")
    story.until("2026-03-02 11:00").say(ACCEPTED)
    story.expect(HandoffAccepted, handoff_id="L1-h1").expect(ClockEnded, clock="acceptance")
    story.expect(StageChanged, to_stage="sal", reason=MoveReason.ACCEPTED)
    story.until("2026-03-02 12:00").say(CALL).expect(ClockEnded, clock="first_touch")
    story.until("2026-03-05 12:00").say(Won(by=SALES)).expect(
        StageChanged, to_stage="customer", skipped=("sql",)
    )
    story.expect(HandoffClosed).expect_no(SlaBreached)
    assert journey(story) == ["lead", "mql", "sal", "customer"]
    assert story.folding.timers == {}


def test_the_state_goes_through_json_and_comes_back_equal() -> None:
    story = handed_over().until("2026-03-02 13:00").say(ACCEPTED).until("2026-03-03 09:00")
    assert STATE.validate_json(STATE.dump_json(standing(story))) == standing(story)
