"""Clocks in step: turns, pauses, owners' hours, absences, and changes of owner."""

from typing import Any

import pytest

from schemas.facts import Assigned, ConsentChanged, Engaged, Touched
from schemas.handoffs import ClockEnd, ClockEnded, ClockMoved, ClockStarted, SlaBreached
from schemas.vocabulary import EngagementChannel, TouchChannel
from services.lifecycle.state import MOST_ENDED_CLOCKS, MOST_PAUSES, MOST_STRETCHES
from tests.builders import instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    BAD_FIT,
    BO,
    CALL,
    DEMO,
    NEXT_TOUCH,
    SALES,
    accepted,
    captured,
    clock,
    handed_over,
    handoff,
    hot,
    told,
)

WAIT = Touched(channel=TouchChannel.CALL, outcome="call_later", by=SALES)
BACK = Engaged(channel=EngagementChannel.EMAIL, action="reply")
ASKED_TO_WAIT = {
    "id": "asked_to_wait",
    "begins": {"kind": "touched", "outcome": "call_later"},
    "ends": [{"kind": "engaged", "action": "reply"}, {"kind": "touched", "outcome": "connected"}],
}
NO_CONSENT = {"id": "no_consent", "begins": {"kind": "consent_changed"}, "ends": [{"kind": "engaged"}]}
LISBON = {
    "time_zone": "Europe/Lisbon",
    "week": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
IN_LISBON: dict[str, Any] = {
    "calendars.lisbon": LISBON,
    "owners": [{"id": "ana", "team": "sales"}, {"id": "bo", "team": "sales", "calendar": "lisbon"}],
    "teams.1.manager": None,
}
TO_BO = Assigned(owner="bo")


def paused(**more: Any) -> dict[str, Any]:
    """Return changes with a pause that the lead asks for."""
    return {"handoff.pauses": [{**ASKED_TO_WAIT, **more}]}


# --- turns


def test_a_clock_that_starts_with_a_touch_begins_again_with_each() -> None:
    story = handed_over({"handoff.clocks": [NEXT_TOUCH]}).until("2026-03-02 11:00").say(CALL)
    story.expect(ClockStarted, clock="next_touch", turn=1, due_at="2026-03-02 12:00")
    story.until("2026-03-02 11:30").say(CALL)
    story.expect(ClockEnded, clock="next_touch", turn=1, end=ClockEnd.MET, elapsed_seconds=1800)
    story.expect(ClockStarted, clock="next_touch", turn=2, due_at="2026-03-02 12:30")


def test_a_touch_that_does_not_answer_the_clock_leaves_it_running() -> None:
    held = {**NEXT_TOUCH, "stops": [{"kind": "touched", "outcome": "held"}]}
    story = handed_over({"handoff.clocks": [held]}).say(CALL).say(CALL)
    assert told(story, "next_touch") == ["started"]


def test_all_clocks_of_a_hand_off_run_at_once() -> None:
    second = {
        **NEXT_TOUCH,
        "id": "feedback",
        "starts": "opened",
        "allowance": {"kind": "calendar", "days": 2},
    }
    story = captured({"handoff.clocks.1": second}).say(DEMO, said=(hot(),))
    assert [each.due_at for each in handoff(story).running] == [
        instant("2026-03-02 13:00"),
        instant("2026-03-04 09:00"),
    ]


def test_ended_clocks_are_kept_up_to_a_limit() -> None:
    story = handed_over({"handoff.clocks": [NEXT_TOUCH]})
    for _ in range(MOST_ENDED_CLOCKS + 5):
        story.say(CALL)
    assert len(handoff(story).ended) == MOST_ENDED_CLOCKS
    assert handoff(story).ended[-1].turn == MOST_ENDED_CLOCKS + 4


# --- pauses


def test_a_paused_clock_has_no_deadline_and_goes_on_with_what_was_left() -> None:
    story = handed_over(paused()).until("2026-03-02 11:00").say(WAIT)
    story.expect(ClockMoved, clock="acceptance", due_at=None, reason="paused", used_seconds=3600)
    story.until("2026-03-04 10:00").expect_no(SlaBreached).say(BACK)
    story.expect(
        ClockMoved, clock="acceptance", due_at="2026-03-04 13:00", reason="resumed", used_seconds=3600
    )
    story.until("2026-03-04 13:00").expect(SlaBreached, clock="acceptance", breached_at="2026-03-04 13:00")


def test_a_pause_that_is_on_is_not_begun_again_and_one_that_is_off_not_ended() -> None:
    story = (
        handed_over(paused())
        .say(BACK)
        .until("2026-03-02 11:00")
        .say(WAIT)
        .until("2026-03-02 12:00")
        .say(WAIT)
    )
    story.until("2026-03-02 12:30").say(BACK).say(BACK)
    assert told(story, "acceptance") == ["started", "paused", "resumed"]
    assert clock(story, "acceptance").due_at == instant("2026-03-02 16:30")


def test_a_clock_goes_on_when_the_last_of_the_pauses_over_it_has_ended() -> None:
    story = handed_over({"handoff.pauses": [ASKED_TO_WAIT, NO_CONSENT]}).until("2026-03-02 11:00").say(WAIT)
    story.until("2026-03-02 12:00").say(ConsentChanged(granted=False)).until("2026-03-02 12:30").say(CALL)
    assert clock(story, "acceptance").paused
    story.until("2026-03-02 12:45").say(BACK)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 16:45")
    assert told(story, "acceptance") == ["started", "paused", "resumed"]


def test_a_pause_stops_only_the_clocks_that_it_names() -> None:
    story = handed_over(paused(clocks=["first_touch"])).say(WAIT).expect_no(ClockMoved)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")


def test_a_clock_that_starts_during_a_pause_stands_from_the_start() -> None:
    story = handed_over(paused(clocks=["first_touch"], ends=[{"kind": "engaged"}]) | first_touch_by("held"))
    story.until("2026-03-02 10:30").say(WAIT).until("2026-03-02 11:00").say(ACCEPTED)
    story.expect(ClockStarted, clock="first_touch", due_at=None)
    story.until("2026-03-02 12:00").say(BACK)
    story.expect(ClockMoved, clock="first_touch", due_at="2026-03-02 15:00", used_seconds=0)


def first_touch_by(outcome: str) -> dict[str, Any]:
    """Return changes under which only such a touch is a first touch."""
    return {"handoff.clocks.1.stops": [{"kind": "touched", "outcome": outcome}]}


def test_a_paused_clock_may_be_answered() -> None:
    story = handed_over(paused()).until("2026-03-02 11:00").say(WAIT).until("2026-03-02 12:00").say(ACCEPTED)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.MET, elapsed_seconds=7200, working_seconds=3600)


def test_a_pause_ends_with_the_hand_off() -> None:
    story = handed_over(paused()).say(WAIT).until("2026-03-02 11:00").say(BAD_FIT)
    assert handoff(story).pauses == ()
    story.until("2026-03-02 12:00").say(DEMO, said=(hot(9000),))
    assert not clock(story, "acceptance").paused


def test_a_breached_clock_keeps_its_deadline_through_a_pause() -> None:
    story = (
        handed_over(paused()).until("2026-03-02 15:30").forget().say(WAIT).until("2026-03-02 16:00").say(BACK)
    )
    story.expect_no(ClockMoved)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")


def test_a_clock_that_is_paused_often_keeps_exact_time_in_bounded_room() -> None:
    story = handed_over(paused())
    for minute in range(0, 240, 2):
        story.until(f"2026-03-{2 + minute // 120:02} {10 + minute % 120 // 60}:{minute % 60:02}").say(WAIT)
        story.until(f"2026-03-{2 + minute // 120:02} {10 + minute % 120 // 60}:{minute % 60 + 1:02}").say(
            BACK
        )
    story.until("2026-03-03 12:00").say(ACCEPTED)
    kept = clock(story, "acceptance")
    assert len(kept.earlier) <= MOST_STRETCHES
    assert len(kept.stood) <= MOST_PAUSES
    # Open 10:00 to 13:00, 14:00 to 17:00 and, next day, 08:00 to 12:00; 120 pauses of a minute.
    assert kept.working is not None
    assert kept.working.total_seconds() == (10 * 60 - 120) * 60


# --- owners


def test_a_clock_counts_in_its_owners_hours_and_in_the_teams_while_there_is_none() -> None:
    story = handed_over(IN_LISBON)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")
    story.until("2026-03-02 12:00").say(TO_BO)
    # Two hours are used, 13:00 to 14:00 is open in Lisbon, and there is nobody at lunch.
    story.expect(ClockMoved, clock="acceptance", due_at="2026-03-02 14:00", reason="owner", used_seconds=7200)


def test_a_clock_of_the_teams_takes_no_notice_of_the_owner() -> None:
    story = handed_over({**IN_LISBON, "handoff.clocks.0.calendar": "team"}).say(TO_BO).expect_no(ClockMoved)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")


def test_a_team_has_its_own_hours() -> None:
    story = handed_over({**IN_LISBON, "teams.1.calendar": "lisbon", "handoff.clocks.0.calendar": "team"})
    assert clock(story, "acceptance").due_at == instant("2026-03-02 14:00")


def test_a_clock_may_count_in_a_calendar_of_its_own() -> None:
    story = handed_over({**IN_LISBON, "handoff.clocks.0.calendar": "lisbon"})
    assert clock(story, "acceptance").due_at == instant("2026-03-02 14:00")


def test_a_calendar_that_nobody_has_is_the_house_calendar() -> None:
    story = handed_over({"handoff.clocks.0.calendar": "nowhere", "handoff.to_team": "nobody"})
    assert clock(story, "acceptance").due_at == instant("2026-03-02 15:00")


def test_an_owner_with_the_same_hours_changes_no_deadline() -> None:
    story = handed_over().until("2026-03-02 12:00").say(Assigned(owner="ana")).expect_no(ClockMoved)
    assert clock(story, "acceptance").owner == "ana"


@pytest.mark.parametrize(
    ("how", "due_at"),
    [("carry", "2026-03-02 14:00"), ("restart", "2026-03-02 16:00"), ("keep", "2026-03-02 15:00")],
)
def test_a_new_owner_carries_restarts_or_keeps_a_clock_as_agreed(how: str, due_at: str) -> None:
    story = (
        handed_over({**IN_LISBON, "handoff.on_change": {"owner": how}}).until("2026-03-02 12:00").say(TO_BO)
    )
    assert clock(story, "acceptance").due_at == instant(due_at)


def test_a_restart_forgives_what_was_used_and_the_work_counts_all_the_same() -> None:
    story = handed_over({**IN_LISBON, "handoff.on_change": {"owner": "restart"}})
    story.until("2026-03-02 12:00").say(TO_BO).until("2026-03-02 13:00").say(ACCEPTED)
    story.expect(ClockEnded, clock="acceptance", working_seconds=3 * 3600, elapsed_seconds=3 * 3600)


def test_a_breach_stays_a_breach_when_the_owner_changes() -> None:
    story = handed_over({**IN_LISBON, "handoff.on_change": {"owner": "restart"}}).until("2026-03-02 15:30")
    story.forget().say(TO_BO).expect_no(ClockMoved).until("2026-03-02 16:00").say(ACCEPTED)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.BREACHED)


def test_a_paused_clock_that_changes_hands_stays_paused() -> None:
    story = handed_over({**IN_LISBON, **paused()}).until("2026-03-02 11:00").say(WAIT)
    story.until("2026-03-02 12:00").say(TO_BO)
    assert clock(story, "acceptance").paused
    story.until("2026-03-02 13:00").say(BACK)
    assert clock(story, "acceptance").due_at == instant("2026-03-02 16:00")


def test_one_fact_that_both_resumes_a_clock_and_changes_its_owner_moves_it_once() -> None:
    pause = {**ASKED_TO_WAIT, "ends": [{"kind": "assigned"}]}
    story = handed_over({**IN_LISBON, "handoff.pauses": [pause]}).until("2026-03-02 11:00").say(WAIT).forget()
    story.until("2026-03-02 12:00").say(TO_BO)
    moved = [said for said in story.fresh if isinstance(said, ClockMoved)]
    assert [(said.due_at, said.reason) for said in moved] == [(instant("2026-03-02 15:00"), "resumed")]


# --- absences


AWAY = {
    "absences": [
        {"owner": "ana", "start": "2026-03-02T12:00:00Z", "end": "2026-03-03T12:00:00Z"},
        {"owner": "ana", "start": "2026-02-02T12:00:00Z", "end": "2026-02-03T12:00:00Z"},
        {"owner": "bo", "start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"},
    ],
    "handoff.pause_when_absent": True,
}


def test_an_absence_puts_off_the_owners_deadlines() -> None:
    story = accepted(AWAY)
    assert clock(story, "first_touch").due_at == instant("2026-03-03 13:00")


def test_an_absence_stops_nothing_unless_the_agreement_says_so() -> None:
    story = accepted({**AWAY, "handoff.pause_when_absent": False})
    assert clock(story, "first_touch").due_at == instant("2026-03-02 13:00")


def test_an_absence_does_not_stop_a_clock_of_the_teams() -> None:
    story = accepted({**AWAY, "handoff.clocks.1.calendar": "team"})
    assert clock(story, "first_touch").due_at == instant("2026-03-02 13:00")


def test_an_absence_that_is_over_is_no_change_of_terms() -> None:
    story = accepted({**AWAY, "handoff.on_change": {"owner": "carry"}, **first_touch_by("held")})
    story.until("2026-03-03 12:30").say(Assigned(owner="ana", team="marketing"))
    assert clock(story, "first_touch").earlier == ()


def test_a_clock_goes_on_at_once_for_who_steps_in() -> None:
    story = (
        accepted({**AWAY, **first_touch_by("held")}).until("2026-03-02 12:30").say(Assigned(owner="marta"))
    )
    # An hour was used until the absence began; half an hour of it has gone by unused.
    story.expect(
        ClockMoved, clock="first_touch", due_at="2026-03-02 14:30", reason="owner", used_seconds=3600
    )


def test_the_next_clock_counts_for_whoever_has_the_lead_by_then() -> None:
    story = handed_over(IN_LISBON).until("2026-03-02 12:30").say(ACCEPTED.model_copy(update={"by": BO}))
    assert clock(story, "first_touch").due_at == instant("2026-03-02 14:30")
