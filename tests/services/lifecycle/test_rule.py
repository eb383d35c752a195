"""The rule as a whole: one lead's way, what a late fact means, and what costs nothing."""

import pytest

from schemas.entries import Entry
from schemas.facts import (
    Accepted,
    Assigned,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    Erased,
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
from schemas.handoffs import (
    ClockEnded,
    ClockStarted,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    SlaBreached,
)
from schemas.lifecycle import MoveReason, StageChanged
from schemas.vocabulary import EngagementChannel, Flag, TouchChannel
from services.lifecycle.rule import matters, step
from services.lifecycle.state import LifecycleState
from tests.builders import agreement, entry
from tests.services.lifecycle.leads import (
    ACCEPTED,
    CALL,
    CAPTURED,
    DEMO,
    PAGE,
    SALES,
    STATE,
    captured,
    cold,
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
    story.until("2026-03-05 12:00").say(Won(by=SALES))
    story.expect(StageChanged, to_stage="customer", skipped=("sql",), skipped_as="passed_through")
    story.expect(HandoffClosed).expect_no(SlaBreached)
    assert journey(story) == ["lead", "mql", "sal", "customer"]
    assert story.folding.timers == {}


def test_the_state_goes_through_json_and_comes_back_equal() -> None:
    story = handed_over().until("2026-03-02 13:00").say(ACCEPTED).until("2026-03-03 09:00")
    assert STATE.validate_json(STATE.dump_json(standing(story))) == standing(story)


def test_a_step_that_changes_nothing_returns_the_state_that_it_was_given() -> None:
    state = standing(handed_over({"handoff.brief": {"activity_count": 0}}))
    for event in (entry(PAGE, seq=9), entry(ConsentChanged(granted=True), seq=9), entry(seq=9)):
        done = step(state, event, agreement({"handoff.brief": {"activity_count": 0}}))
        assert done.state is state
        assert (done.conclusions, done.timers) == ((), ())


def test_an_entry_without_fact_or_score_makes_no_lead() -> None:
    assert step(None, entry(), agreement()).state == LifecycleState("L1")


def test_a_score_of_a_lead_that_nobody_has_heard_of_waits_for_its_first_fact() -> None:
    story = lead().say(said=(cold(),)).expect_no(StageChanged)
    assert journey(story.say(PAGE, said=(hot(),))) == ["lead", "mql"]


def test_the_last_score_of_an_entry_counts() -> None:
    assert journey(captured().say(DEMO, said=(hot(), cold()))) == ["lead"]


# --- what a late fact means


@pytest.mark.parametrize(
    "fact",
    [
        CAPTURED,
        CALL,
        Accepted(),
        Rejected(reason="bad_fit"),
        Assigned(),
        StageClaimed(stage="mql"),
        OpportunityOpened(),
        Won(),
        Lost(),
        Recycled(),
        Reopened(),
        Erased(),
    ],
)
def test_the_place_of_what_moves_a_lead_matters(fact: LeadFact) -> None:
    assert matters(entry(fact), agreement())


@pytest.mark.parametrize(
    "fact",
    [PAGE, Enriched(attributes={"size": 3}), ConsentChanged(granted=True), Merged(other=Subject())],
)
def test_the_place_of_what_is_only_noted_does_not_matter(fact: LeadFact) -> None:
    assert not matters(entry(fact), agreement())


def test_the_place_of_an_entry_without_a_fact_does_not_matter() -> None:
    assert not matters(entry(), agreement())


def test_the_place_of_a_score_matters() -> None:
    assert matters(entry(PAGE, said=(hot(),)), agreement())
    assert matters(entry(said=(hot(),)), agreement())


def test_the_place_of_the_earliest_sign_of_life_matters() -> None:
    assert matters(entry(PAGE, flags=(Flag.BEFORE_CAPTURE,)), agreement())


@pytest.mark.parametrize(
    "changes",
    [
        {"lifecycle.stages.1.enter.facts": [{"kind": "engaged", "name": "/pricing"}]},
        {"handoff.clocks.0.stops": [{"kind": "engaged", "name": "/pric*"}]},
        {"handoff.pauses": [{"id": "p", "begins": {"kind": "engaged"}, "ends": [{"kind": "touched"}]}]},
        {"handoff.pauses": [{"id": "p", "begins": {"kind": "touched"}, "ends": [{"kind": "engaged"}]}]},
    ],
)
def test_the_place_of_a_page_view_that_the_agreement_reads_matters(changes: dict[str, object]) -> None:
    assert matters(entry(PAGE), agreement(changes))
    other = Engaged(channel=EngagementChannel.EMAIL, action="open", name="news")
    assert matters(entry(other), agreement(changes)) == ("handoff.pauses" in changes)


def test_the_place_of_what_a_brief_holds_matters() -> None:
    terms = agreement({"handoff.brief": {"attributes": ["country", "free_mail"]}})
    assert matters(entry(Enriched(attributes={"country": "ES"})), terms)
    assert matters(entry(PAGE, traits={"free_mail": True}), terms)
    assert not matters(entry(Enriched(attributes={"size": 3}), traits={"seniority": "c"}), terms)


def test_nothing_is_read_where_nothing_is_handed_over() -> None:
    terms = agreement({"handoff": None})
    assert not matters(entry(PAGE), terms)
    assert matters(Entry("L1", 1, entry().at, entry().at, 1, Touched(channel=TouchChannel.CALL)), terms)
    assert matters(entry(Captured(attributes={})), terms)
