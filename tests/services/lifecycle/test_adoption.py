"""A new agreement, and leads that are on their way."""

from typing import Any

import pytest

from schemas.agreement import Agreement
from schemas.facts import Assigned, Lost, OpportunityOpened, StageClaimed, Touched, Won
from schemas.handoffs import (
    ClockEnd,
    ClockEnded,
    ClockMoved,
    ClockStarted,
    CloseReason,
    HandoffClosed,
    HandoffOpened,
    SlaBreached,
    SlaWarned,
)
from schemas.lifecycle import CycleOpened, LeadStalled, MoveReason, StageChanged
from schemas.step import TimerDue
from schemas.vocabulary import TouchChannel
from services.lifecycle.rule import step
from tests.builders import SMALL_AGREEMENT, agreement, entry, instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    DEMO,
    MARKETING,
    PAGE,
    SALES,
    STATE,
    Lead,
    accepted,
    captured,
    clock,
    cold,
    handed_over,
    handoff,
    hot,
    journey,
    lead,
    path_of,
    standing,
)

STAGES = SMALL_AGREEMENT["lifecycle"]["stages"]
SHORTER = {"handoff.clocks.0.allowance": {"kind": "business", "minutes": 60}}
LONGER = {"handoff.clocks.0.allowance": {"kind": "business", "minutes": 360}}
NOON_OPEN = {"calendars.office.week": {"mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]]}}


def second(changes: dict[str, Any] | None = None) -> Agreement:
    """Return the second version of the small agreement."""
    return agreement({"version": "test-2", **(changes or {})})


def without(*names: str) -> dict[str, Any]:
    """Return changes that take stages out of the lifecycle."""
    return {
        "lifecycle.stages": [stage for stage in STAGES if stage["id"] not in names],
        "lifecycle.success_path": [
            name for name in SMALL_AGREEMENT["lifecycle"]["success_path"] if name not in names
        ],
    }


def test_a_version_that_changes_nothing_concludes_nothing_and_moves_no_timer() -> None:
    story = handed_over()
    timers = dict(story.folding.timers)
    assert story.sign(second()).fresh == []
    assert story.folding.timers == timers


def test_a_lead_that_nobody_has_heard_of_adopts_nothing() -> None:
    assert lead().sign(second()).all == []


# --- stages


def test_a_lead_whose_stage_is_gone_goes_back_to_the_last_one_that_is_left() -> None:
    story = accepted().sign(second({**without("sal"), "handoff.accepted_stage": None}))
    story.expect(
        StageChanged, from_stage="sal", to_stage="mql", reason=MoveReason.AGREEMENT, cycle=1, skipped=()
    )
    story.expect_no(CycleOpened).expect_no(HandoffOpened)
    assert handoff(story).closed_at is None


def test_a_lead_none_of_whose_stages_are_left_begins_at_the_first() -> None:
    changes = path_of({"id": "fresh"}, {"id": "done"})
    captured().sign(second(changes)).expect(StageChanged, to_stage="fresh", reason=MoveReason.AGREEMENT)


def test_a_lead_whose_closing_stage_is_gone_goes_to_the_one_that_means_the_same() -> None:
    renamed = [stage if stage["id"] != "lost" else {**stage, "id": "dead"} for stage in STAGES]
    story = captured().say(Lost(by=SALES)).sign(second({"lifecycle.stages": renamed}))
    story.expect(StageChanged, from_stage="lost", to_stage="dead", reason=MoveReason.AGREEMENT)


def test_a_lead_whose_stage_is_taken_off_the_path_goes_on_from_where_it_stood() -> None:
    story = accepted().sign(second({"lifecycle.success_path": ["lead", "mql", "sql", "customer"]})).forget()
    story.say(PAGE, said=(hot(7000),)).expect_no(StageChanged)
    story.say(Won(by=SALES)).expect(
        StageChanged, from_stage="sal", to_stage="customer", skipped=("sql",), cycle=1
    )
    story.expect_no(CycleOpened)


def test_a_lead_whose_whole_way_is_taken_off_the_path_begins_it_anew_in_the_same_cycle() -> None:
    story = captured().sign(second({"lifecycle.success_path": ["mql", "customer"]})).forget()
    story.say(Won(by=SALES)).expect(StageChanged, to_stage="customer", skipped=("mql",), cycle=1)


def test_a_score_that_reaches_the_new_thresholds_moves_the_lead() -> None:
    story = captured().say(PAGE, said=(cold(),)).forget()
    story.sign(second({"lifecycle.stages.1.enter.score": {"bands": ["cold"]}}))
    story.expect(StageChanged, to_stage="mql", reason=MoveReason.SCORE, detail="cold").expect(HandoffOpened)


@pytest.mark.parametrize("fact", [Won(by=SALES), Lost(by=SALES)])
def test_a_new_threshold_does_not_move_a_closed_lead(fact: Won) -> None:
    story = captured().say(PAGE, said=(cold(),)).say(fact).forget()
    assert story.sign(second({"lifecycle.stages.1.enter.score": {"bands": ["cold"]}})).fresh == []


def test_a_stage_that_now_hands_over_does_so_for_those_who_enter_it_from_now_on() -> None:
    captured().sign(second({"handoff.opens_at": "lead"})).expect_no(HandoffOpened)


def test_an_agreement_without_hand_offs_closes_the_open_one() -> None:
    story = handed_over().sign(second({"handoff": None}))
    story.expect(ClockEnded, end=ClockEnd.CANCELLED).expect(HandoffClosed, reason=CloseReason.AGREEMENT)
    assert standing(story).stage == "mql"


# --- stays


@pytest.mark.parametrize(
    ("days", "due_at"),
    [(90, "2026-05-31 09:00"), (30, "2026-04-01 09:00"), (10, "2026-03-22 12:00")],
)
def test_a_stay_is_counted_anew_and_stalls_no_earlier_than_the_change(days: int, due_at: str) -> None:
    story = captured().until("2026-03-22 12:00")
    story.sign(second({"lifecycle.stages.0.stale_after": {"kind": "elapsed", "minutes": days * 1440}}))
    story.expect_no(LeadStalled).until("2026-06-30 00:00").expect(LeadStalled, due_at=instant(due_at))


def test_a_stay_without_a_limit_no_longer_stalls() -> None:
    story = captured().sign(second({"lifecycle.stages.0.stale_after": None})).until("2027-01-01 00:00")
    story.expect_no(LeadStalled)


def test_a_stalled_lead_stays_stalled_until_it_moves() -> None:
    story = captured().until("2026-05-02 09:00").sign(second({"lifecycle.stages.0.stale_after": None}))
    assert standing(story).stalled
    assert standing(story).stale_at == instant("2026-05-01 09:00")


# --- clocks


def test_a_longer_allowance_puts_off_the_deadline() -> None:
    story = handed_over().until("2026-03-02 12:00").forget().sign(second(LONGER))
    story.expect(
        ClockMoved, clock="acceptance", due_at="2026-03-02 17:00", reason="policy", used_seconds=7200
    )


def test_an_allowance_that_is_used_up_already_runs_out_at_the_change() -> None:
    story = handed_over().until("2026-03-02 12:00").forget().sign(second(SHORTER))
    story.expect(ClockMoved, due_at="2026-03-02 12:00").until("2026-03-02 12:01")
    story.expect(SlaBreached, breached_at="2026-03-02 12:00").expect_no(SlaWarned)


@pytest.mark.parametrize(
    ("how", "due_at"),
    [("carry", "2026-03-02 17:00"), ("restart", "2026-03-03 10:00"), ("keep", "2026-03-02 15:00")],
)
def test_a_new_policy_carries_restarts_or_keeps_a_clock_as_agreed(how: str, due_at: str) -> None:
    story = (
        handed_over().until("2026-03-02 12:00").sign(second({**LONGER, "handoff.on_change": {"policy": how}}))
    )
    assert clock(story, "acceptance").due_at == instant(due_at)


def test_used_time_is_carried_from_one_kind_of_allowance_to_another() -> None:
    changed = {"handoff.clocks.0.allowance": {"kind": "elapsed", "minutes": 240}}
    story = handed_over().until("2026-03-02 13:30").sign(second(changed))
    assert clock(story, "acceptance").due_at == instant("2026-03-02 14:30")


@pytest.mark.parametrize(
    ("how", "due_at"),
    [("carry", "2026-03-02 14:00"), ("restart", "2026-03-02 16:00"), ("keep", "2026-03-02 15:00")],
)
def test_new_hours_carry_restart_or_keep_a_clock_as_agreed(how: str, due_at: str) -> None:
    changes = {**NOON_OPEN, "handoff.on_change": {"calendar": how}}
    story = handed_over().until("2026-03-02 12:00").sign(second(changes))
    assert clock(story, "acceptance").due_at == instant(due_at)


@pytest.mark.parametrize(
    ("policy", "calendar", "due_at"),
    [
        ("carry", "carry", "2026-03-02 16:00"),
        ("carry", "keep", "2026-03-02 17:00"),
        ("keep", "carry", "2026-03-02 14:00"),
        ("keep", "keep", "2026-03-02 15:00"),
        ("restart", "keep", "2026-03-03 10:00"),
        ("keep", "restart", "2026-03-02 16:00"),
        ("restart", "carry", "2026-03-03 09:00"),
        ("carry", "restart", "2026-03-03 09:00"),
    ],
)
def test_a_new_allowance_and_new_hours_follow_each_its_own_word(
    policy: str, calendar: str, due_at: str
) -> None:
    on_change = {"handoff.on_change": {"policy": policy, "calendar": calendar}}
    story = handed_over().until("2026-03-02 12:00").sign(second({**LONGER, **NOON_OPEN, **on_change}))
    assert clock(story, "acceptance").due_at == instant(due_at)


def test_a_restart_that_only_the_hours_ask_for_is_put_down_to_them() -> None:
    clause = {"handoff.on_change": {"policy": "carry", "calendar": "restart"}}
    story = handed_over().until("2026-03-02 12:00").forget()
    story.sign(second({**LONGER, **NOON_OPEN, **clause}))
    story.expect(ClockMoved, due_at="2026-03-03 09:00", reason="calendar", used_seconds=0)


def test_what_was_used_is_counted_in_the_hours_that_were_agreed_then() -> None:
    story = handed_over().until("2026-03-02 13:30").sign(second(NOON_OPEN))
    # Three hours were used until lunch; under the new hours, lunch itself would have counted.
    story.expect(ClockMoved, due_at="2026-03-02 14:30", reason="calendar", used_seconds=3 * 3600)
    assert STATE.validate_json(STATE.dump_json(standing(story))) == standing(story)


def test_a_clock_that_keeps_its_terms_keeps_its_hours_too() -> None:
    pauses = [
        {
            "id": "wait",
            "begins": {"kind": "touched", "outcome": "call_later"},
            "ends": [{"kind": "engaged"}],
        }
    ]
    changes = {"handoff.on_change": {"calendar": "keep"}, "handoff.pauses": pauses}
    story = handed_over(changes).until("2026-03-02 12:00").sign(second({**NOON_OPEN, **changes}))
    story.say(Touched(channel=TouchChannel.CALL, outcome="call_later", by=SALES)).until(
        "2026-03-02 12:30"
    ).say(PAGE)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:30")


MEXICAN: dict[str, Any] = {
    "calendars.mexico": {
        "time_zone": "America/Mexico_City",
        "week": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    },
    "owners": [
        {"id": "marta", "team": "sales"},
        {"id": "ana", "team": "sales"},
        {"id": "bo", "team": "sales", "calendar": "mexico"},
    ],
    "handoff.on_change": {"owner": "keep"},
}


def test_a_clock_that_kept_its_hours_when_the_lead_went_to_others_is_not_moved_by_the_next_signing() -> None:
    story = handed_over(MEXICAN).until("2026-03-02 12:00").say(Assigned(owner="bo")).forget()
    assert story.sign(second(MEXICAN)).fresh == []
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")


def test_new_hours_of_whom_a_clock_kept_move_it_and_those_of_who_has_the_lead_do_not() -> None:
    story = handed_over(MEXICAN).until("2026-03-02 12:00").say(Assigned(owner="bo")).forget()
    late = {**MEXICAN["calendars.mexico"], "week": {"tue": [["09:00", "18:00"]]}}
    story.sign(second({**MEXICAN, "calendars.mexico": late})).expect_no(ClockMoved)
    story.sign(second({**MEXICAN, **NOON_OPEN}))
    story.expect(ClockMoved, due_at="2026-03-02 14:00", reason="calendar", used_seconds=7200)


def test_an_absence_that_is_newly_agreed_puts_off_the_deadline_from_now_on() -> None:
    away = {"absences": [{"owner": "ana", "start": "2026-03-02T10:00:00Z", "end": "2026-03-03T08:00:00Z"}]}
    absent = {"handoff.pause_when_absent": True}
    story = (
        handed_over(absent)
        .say(Assigned(owner="ana"))
        .until("2026-03-02 12:00")
        .sign(second({**absent, **away}))
    )
    # Two hours were used before anybody had said that she was away.
    story.expect(ClockMoved, due_at="2026-03-03 10:00", reason="calendar", used_seconds=7200)


def test_the_same_version_signed_again_with_other_hours_is_told_apart() -> None:
    story = handed_over().until("2026-03-02 12:00").sign(agreement(NOON_OPEN))
    assert clock(story, "acceptance").due_at == instant("2026-03-02 14:00")
    assert set(handoff(story).calendars) == {"office@test-1", "office@test-1'"}


def test_calendars_that_no_clock_counts_in_are_dropped() -> None:
    story = handed_over()
    for version in range(2, 30):
        week = {"mon": [["09:00", f"{10 + version % 8}:00"]], "tue": [["09:00", "18:00"]]}
        story.sign(agreement({"version": f"test-{version}", "calendars.office.week": week}))
    assert len(handoff(story).calendars) <= 10


def test_a_rung_that_is_newly_agreed_and_passed_already_warns_at_the_change() -> None:
    story = handed_over({"handoff.clocks.0.warn_at": []}).until("2026-03-02 12:30")
    story.sign(second()).until("2026-03-02 12:31").expect_no(SlaBreached)
    story.expect(SlaWarned, used_rate=0.5, due_at="2026-03-02 15:00")


def test_a_clock_that_the_new_agreement_makes_late_ends_as_the_new_agreement_says() -> None:
    strict = {**SHORTER, "handoff.clocks.0.on_breach": "recycle"}
    story = handed_over().until("2026-03-02 12:00").sign(second(strict)).until("2026-03-02 12:01")
    story.expect(SlaBreached, breached_at="2026-03-02 12:00").expect(StageChanged, to_stage="nurture")


def test_an_answer_at_the_very_instant_of_a_signing_that_uses_up_the_allowance_is_in_time() -> None:
    story = handed_over().until("2026-03-02 12:00").sign(second(SHORTER)).forget()
    story.say(ACCEPTED).until("2026-03-02 12:01").expect_no(SlaBreached)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.MET, working_seconds=7200)


def test_a_clock_that_is_no_longer_agreed_ends() -> None:
    story = handed_over().sign(second({"handoff.clocks": []}))
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.CANCELLED).expect_no(HandoffClosed)


def test_a_clock_that_is_newly_agreed_starts_with_the_next_hand_off() -> None:
    added = {**SMALL_AGREEMENT["handoff"]["clocks"][0], "id": "extra"}
    handed_over().sign(second({"handoff.clocks.1": added})).expect_no(ClockStarted)


def test_a_pause_that_is_no_longer_agreed_is_over() -> None:
    pause = {"id": "wait", "begins": {"kind": "engaged"}, "ends": [{"kind": "touched"}]}
    story = (
        handed_over({"handoff.pauses": [pause]}).until("2026-03-02 11:00").say(PAGE).until("2026-03-02 12:00")
    )
    story.sign(second()).expect(ClockMoved, reason="resumed", due_at="2026-03-02 16:00", used_seconds=3600)


def test_a_breached_clock_stays_breached_under_a_longer_allowance() -> None:
    story = handed_over().until("2026-03-02 15:00").forget().sign(second(LONGER)).expect_no(ClockMoved)
    story.until("2026-03-02 17:00").expect_no(SlaBreached).say(ACCEPTED)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.BREACHED)


# --- an agreement that nobody told the lead of


def step_under(story: Lead, other: Agreement, event: Any) -> Any:
    """Return what an event comes to under another agreement than the lead stands under."""
    return step(standing(story), event, other)


def test_a_lead_whose_stage_the_agreement_lacks_adopts_it_with_its_next_fact() -> None:
    other = second({**without("sal"), "handoff.accepted_stage": None})
    fact = entry(OpportunityOpened(by=SALES), at="2026-03-02 12:00", seq=9)
    said = step_under(accepted(), other, fact).conclusions
    assert [one.to_stage for one in said if isinstance(one, StageChanged)] == ["mql", "sql"]


def test_a_clock_that_the_agreement_lacks_ends_with_the_next_timer() -> None:
    at = instant("2026-03-02 12:00")
    said = step_under(
        handed_over(), second({"handoff.clocks": []}), TimerDue("L1", "clocks", at, at)
    ).conclusions
    assert [type(one) for one in said] == [ClockEnded]


def test_a_late_page_view_from_before_the_agreement_changes_nothing() -> None:
    story = captured(
        {"lifecycle.stages.1.id": "mqi", "lifecycle.success_path.1": "mqi", "handoff.opens_at": "mqi"}
    )
    story.say(StageClaimed(stage="mqi", by=MARKETING))
    late = entry(PAGE, at="2026-03-01 12:00", seq=9)
    assert step_under(story, agreement(), late).state is standing(story)


def test_journeys_survive_a_new_agreement() -> None:
    story = handed_over().sign(second()).say(ACCEPTED).say(Won(by=SALES))
    assert journey(story) == ["lead", "mql", "sal", "customer"]
    assert journey(captured().sign(second()).say(DEMO, said=(hot(),))) == ["lead", "mql"]
