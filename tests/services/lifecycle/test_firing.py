"""What clocks say when their instant has come: warnings, the breach, escalations."""

from typing import Any

from schemas.facts import Touched
from schemas.handoffs import ClockEnd, ClockEnded, Escalated, SlaBreached, SlaWarned
from schemas.lifecycle import OwnerChanged
from schemas.step import Step, TimerDue
from schemas.vocabulary import TouchChannel
from services.lifecycle.rule import step
from tests.builders import agreement, instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    CALL,
    SALES,
    accepted,
    captured,
    clock,
    handed_over,
    standing,
)

WAIT = Touched(channel=TouchChannel.CALL, outcome="call_later", by=SALES)
PAUSED = {
    "handoff.pauses": [
        {
            "id": "asked_to_wait",
            "begins": {"kind": "touched", "outcome": "call_later"},
            "ends": [{"kind": "touched", "outcome": "connected"}],
        }
    ]
}


def steps(*escalation: dict[str, Any]) -> dict[str, Any]:
    """Return changes that give the acceptance these escalation steps."""
    return {"handoff.clocks.0.escalate": list(escalation)}


def after(hours: int, **fields: Any) -> dict[str, Any]:
    """Return an escalation step so many business hours after the breach."""
    return {"after": {"kind": "business", "minutes": hours * 60}, "to": "manager", **fields}


def test_a_clock_warns_breaches_and_escalates_at_its_instants() -> None:
    story = handed_over()
    story.until("2026-03-02 11:59:59").expect_no(SlaWarned)
    story.until("2026-03-02 12:00").expect(SlaWarned, used_rate=0.5, due_at="2026-03-02 15:00", owner=None)
    story.forget().until("2026-03-02 14:11:59").expect_no(SlaWarned)
    story.until("2026-03-02 14:12").expect(SlaWarned, clock="acceptance", used_rate=0.8)
    story.until("2026-03-02 14:59:59").expect_no(SlaBreached)
    story.until("2026-03-02 15:00").expect(SlaBreached, clock="acceptance", breached_at="2026-03-02 15:00")
    story.until("2026-03-02 15:59:59").expect_no(Escalated)
    story.until("2026-03-02 16:00").expect(Escalated, clock="acceptance", step=1, to="marta")
    assert "clocks" not in story.folding.timers


def test_an_answer_before_the_deadline_is_in_time() -> None:
    story = handed_over().until("2026-03-02 14:59:59").say(ACCEPTED)
    story.expect(ClockEnded, end=ClockEnd.MET, working_seconds=4 * 3600 - 1)


def test_an_answer_at_the_deadline_itself_is_too_late() -> None:
    story = handed_over().until("2026-03-02 15:00").say(ACCEPTED)
    story.expect(SlaBreached).expect(ClockEnded, clock="acceptance", end=ClockEnd.BREACHED)


def test_a_clock_in_breach_goes_on_counting_work_until_it_is_answered() -> None:
    story = handed_over().until("2026-03-03 09:00").say(ACCEPTED)
    story.expect(
        ClockEnded,
        clock="acceptance",
        end=ClockEnd.BREACHED,
        elapsed_seconds=23 * 3600,
        working_seconds=7 * 3600,
    )


def test_an_answered_clock_says_nothing_more() -> None:
    story = handed_over().say(ACCEPTED).say(CALL).until("2026-04-01 09:00")
    story.expect_no(SlaWarned).expect_no(SlaBreached).expect_no(Escalated)


def test_what_is_noticed_late_is_dated_when_it_fell_due() -> None:
    state, terms = standing(handed_over()), agreement()
    due = TimerDue("L1", "clocks", instant("2026-03-02 12:00"), noticed_at=instant("2026-03-04 12:00"))
    said = step(state, due, terms).conclusions
    assert [one.due_at for one in said if isinstance(one, SlaWarned)] == [instant("2026-03-02 15:00")]


def test_a_timer_that_is_not_due_says_nothing_and_is_armed_again() -> None:
    state, terms = standing(handed_over()), agreement()
    early = instant("2026-03-02 11:00")
    again = step(state, TimerDue("L1", "clocks", early, early), terms)
    assert (again.conclusions, [timer.due_at for timer in again.timers]) == (
        (),
        [instant("2026-03-02 12:00")],
    )


def test_a_stale_timer_that_is_not_due_says_nothing_and_is_armed_again() -> None:
    state, terms = standing(captured()), agreement()
    early = instant("2026-03-02 11:00")
    again = step(state, TimerDue("L1", "stale", early, early), terms)
    assert (again.conclusions, [timer.due_at for timer in again.timers]) == ((), [state.stale_at])


def test_a_stale_timer_of_a_lead_that_never_stalls_says_nothing() -> None:
    state = standing(handed_over())
    at = instant("2026-03-02 11:00")
    assert step(state, TimerDue("L1", "stale", at, at), agreement()) == Step(state)


def test_escalation_goes_up_step_by_step() -> None:
    story = handed_over(steps(after(1), after(3, to="bo"))).until("2026-03-03 08:59:59")
    story.expect(Escalated, step=1, to="marta").forget().until("2026-03-03 09:00")
    story.expect(Escalated, step=2, to="bo").expect_no(OwnerChanged)


def test_escalation_may_be_counted_on_the_wall_or_in_days() -> None:
    elapsed = {"after": {"kind": "elapsed", "minutes": 600}, "to": "bo"}
    days = {"after": {"kind": "calendar", "days": 2}, "to": "bo"}
    story = handed_over(steps(elapsed, days)).until("2026-03-03 01:00").expect(Escalated, step=1)
    story.until("2026-03-04 14:59").forget().until("2026-03-04 15:00").expect(Escalated, step=2)


def test_escalation_may_give_the_lead_to_somebody_else() -> None:
    story = handed_over(steps(after(1, reassign=True))).until("2026-03-02 16:00")
    story.expect(OwnerChanged, owner="marta", team="sales", reason="escalated")
    assert clock(story, "acceptance").owner == "marta"


def test_a_team_without_a_manager_hears_of_it_itself() -> None:
    story = handed_over({**steps(after(1, reassign=True)), "teams.1.manager": None}).until("2026-03-02 16:00")
    story.expect(Escalated, to="sales").expect_no(OwnerChanged)


def test_escalation_stands_still_while_the_clock_does() -> None:
    story = (
        handed_over(PAUSED).until("2026-03-02 15:30").say(WAIT).until("2026-03-03 09:00").expect_no(Escalated)
    )
    story.say(CALL).until("2026-03-03 09:29:59").expect_no(Escalated).until("2026-03-03 09:30")
    story.expect(Escalated, step=1)


def test_pauses_before_the_breach_do_not_put_off_the_escalation() -> None:
    story = handed_over(PAUSED).until("2026-03-02 11:00").say(WAIT).until("2026-03-02 12:00").say(CALL)
    story.until("2026-03-02 16:00").expect(SlaBreached).until("2026-03-02 17:00").expect(Escalated)


def test_escalation_in_an_office_that_never_opens_waits_for_ever() -> None:
    changes = {
        "handoff.clocks.0.allowance": {"kind": "elapsed", "minutes": 60},
        "calendars.office.week": {},
    }
    story = handed_over(changes).until("2027-01-01 00:00").expect(SlaBreached).expect_no(Escalated)
    assert "clocks" not in story.folding.timers


def test_a_clock_in_an_office_that_never_opens_has_no_deadline() -> None:
    story = handed_over({"calendars.office.week": {}})
    assert clock(story, "acceptance").due_at is None
    story.until("2027-01-01 00:00").expect_no(SlaBreached).say(ACCEPTED)
    story.expect(ClockEnded, clock="acceptance", end=ClockEnd.MET, working_seconds=0)


def test_a_clock_without_allowance_is_due_at_once_and_warns_of_nothing() -> None:
    story = handed_over({"handoff.clocks.0.allowance": {"kind": "elapsed", "minutes": 0}})
    story.until("2026-03-02 10:00").expect(SlaBreached, breached_at="2026-03-02 10:00").expect_no(SlaWarned)


def test_the_stale_timer_and_the_clocks_timer_are_apart() -> None:
    story = accepted({"lifecycle.stages.2.stale_after": {"kind": "elapsed", "minutes": 60}})
    assert story.folding.timers == {
        "stale": instant("2026-03-02 12:00"),
        "clocks": instant("2026-03-02 13:00"),
    }
