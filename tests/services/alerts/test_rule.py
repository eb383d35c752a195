"""When an alert opens, is said again, and ends: one lead under virtual time."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from schemas.alerts import Alert, AlertKind, NoticeOpened, NoticeRepeated, NoticeResolved, Severity
from schemas.facts import Captured, Engaged, Erased
from schemas.handoffs import ClockEnd, CloseReason
from schemas.vocabulary import EngagementChannel
from services.alerts.rule import AlertsState, matters
from tests.builders import agreement, entry, instant
from tests.services.alerts.said import (
    BREACH,
    ESCALATION,
    EVERY_4_HOURS,
    STALL,
    WARNING,
    alerting,
    breached,
    closed,
    ended,
    escalated,
    ids,
    line,
    moved,
    only_opened,
    owned_by,
    stage_changed,
    stall_ended,
    stalled,
    warned,
)

VIEW = Engaged(channel=EngagementChannel.PAGE, action="view")


# --- opening


def test_a_warning_opens_an_alert_that_names_what_is_used_up_when_it_is_due_and_whose_it_is() -> None:
    alert = only_opened(line().until("2026-03-02 11:00").say(said=(warned(),)))
    assert alert == Alert(
        alert_id=WARNING,
        kind=AlertKind.SLA_WARNING,
        about="L1-h1/acceptance/1",
        severity=Severity.INFO,
        opened_at=instant("2026-03-02 11:00"),
        summary="acceptance of L1-h1 used 50% of its time, due 2026-03-02 13:00Z; owner ana",
        lead_id="L1",
        owner="ana",
        team="sales",
        due_at=instant("2026-03-02 13:00"),
    )


def test_a_breach_opens_an_alert() -> None:
    alert = only_opened(line().until("2026-03-02 13:00").say(said=(breached(),)))
    assert alert.alert_id == BREACH
    assert alert.severity is Severity.CRITICAL
    assert alert.summary == "acceptance of L1-h1 breached at 2026-03-02 13:00Z; owner ana"


def test_an_escalation_takes_owner_and_deadline_from_what_is_known_of_the_clock() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),)).forget()
    alert = only_opened(day.until("2026-03-02 15:00").say(said=(escalated(),)))
    assert alert.alert_id == ESCALATION
    assert alert.summary == (
        "acceptance of L1-h1 escalated to marta (step 1) at 2026-03-02 15:00Z, "
        "was due 2026-03-02 13:00Z; owner ana"
    )


def test_an_escalation_of_which_no_breach_was_told_says_what_it_knows() -> None:
    day = line(alerting({"on": "escalation"})).until("2026-03-02 15:00")
    alert = only_opened(day.say(said=(breached(), escalated())))
    assert alert.summary == (
        "acceptance of L1-h1 escalated to marta (step 1) at 2026-03-02 15:00Z; team sales"
    )


def test_each_step_of_an_escalation_is_an_alert_of_its_own() -> None:
    day = line().say(said=(breached(), escalated(1), escalated(2, to="bo")))
    assert ids(day.fresh, NoticeOpened)[1:] == [ESCALATION, ESCALATION.removesuffix("1") + "2"]


def test_a_lead_that_stands_still_opens_an_alert() -> None:
    alert = only_opened(line().say(said=(stalled(),)))
    assert alert.alert_id == STALL
    assert alert.summary == (
        "L1 stalled at lead, there since 2026-01-01 09:00Z, due to move on by 2026-03-02 09:00Z; owner ana"
    )


def test_a_stalled_lead_that_nobody_owns_is_nobodys_in_the_notice() -> None:
    alert = only_opened(line().say(said=(stalled(owner=None),)))
    assert (alert.owner, alert.team) == (None, None)
    assert alert.summary.endswith("due to move on by 2026-03-02 09:00Z")


def test_a_clock_that_nobody_owns_is_the_receiving_teams() -> None:
    alert = only_opened(line().say(said=(breached(owner=None),)))
    assert (alert.owner, alert.team) == (None, "sales")
    assert alert.summary.endswith("; team sales")


def test_a_clock_of_an_agreement_that_hands_nothing_over_any_more_has_no_team() -> None:
    alert = only_opened(line(alerting(EVERY_4_HOURS, handoff=None)).say(said=(breached(owner=None),)))
    assert (alert.owner, alert.team) == (None, None)


def test_a_later_turn_of_a_clock_is_another_alert_and_says_so() -> None:
    day = line().say(said=(breached(),)).forget()
    alert = only_opened(day.say(said=(breached(turn=3),)))
    assert alert.alert_id == "L1/sla_breach/L1-h1/acceptance/3"
    assert alert.summary.startswith("acceptance (turn 3) of L1-h1 breached")


def test_a_kind_without_a_policy_opens_nothing() -> None:
    day = line(alerting()).say(said=(warned(), breached(), escalated(), stalled()))
    assert day.fresh == []
    assert day.folding.timers == {}


def test_the_first_policy_of_a_kind_counts() -> None:
    terms = alerting({"on": "stalled", "channels": ["chat"]}, {"on": "stalled", "channels": ["mail"]})
    assert only_opened(line(terms).say(said=(stalled(),))).recipients == ("chat",)


def test_names_as_long_as_names_may_be_still_make_an_alert() -> None:
    said = breached().model_copy(update={"handoff_id": "h" * 128, "clock": "c" * 128})
    assert len(only_opened(line().say(said=(said,))).alert_id) > 256


def test_what_is_open_is_not_opened_again() -> None:
    day = line().say(said=(breached(), stalled())).forget()
    assert day.say(said=(breached(), stalled())).fresh == []


# --- tests


def test_a_test_opens_nothing() -> None:
    day = line().say(Captured(), test=True, said=(breached(), stalled()))
    assert day.fresh == []


def test_what_a_timer_says_of_a_lead_known_from_tests_opens_nothing() -> None:
    day = line().say(Captured(), test=True).say(said=(breached(),)).say(Captured(), test=True)
    assert day.fresh == []


def test_a_lead_known_from_tests_is_taken_seriously_from_its_first_real_fact_on() -> None:
    day = line().say(Captured(), test=True).say(said=(owned_by("ana"),)).say(Captured())
    assert only_opened(day.say(said=(breached(),))).alert_id == BREACH


def test_a_test_among_real_facts_opens_nothing_but_ends_what_it_ends() -> None:
    day = line().say(Captured(), said=(breached(),)).forget().say(test=True, said=(ended(), stalled()))
    assert ids(day.fresh, NoticeResolved) == [BREACH]
    day.expect_no(NoticeOpened)


# --- the greater about the same clock


def test_a_breach_supersedes_the_warning_about_the_same_clock() -> None:
    day = line().say(said=(warned(),)).forget().until("2026-03-02 13:00").say(said=(breached(),))
    assert [one.kind for one in day.fresh] == ["notice_opened", "notice_resolved"]
    day.expect(NoticeResolved, reason="superseded", resolved_at="2026-03-02 13:00")
    assert ids(day.fresh, NoticeResolved) == [WARNING]


def test_a_breach_leaves_the_warning_about_another_turn_alone() -> None:
    day = line().say(said=(warned(turn=2),)).forget().say(said=(breached(turn=1),))
    day.expect_no(NoticeResolved)


def test_a_warning_is_over_with_the_breach_even_where_breaches_are_not_told() -> None:
    day = line(alerting({"on": "sla_warning"})).say(said=(warned(),)).forget().say(said=(breached(),))
    assert ids(day.fresh, NoticeResolved) == [WARNING]
    day.expect_no(NoticeOpened)


def test_a_breached_clock_is_not_warned_of() -> None:
    day = line().say(said=(breached(),)).forget().say(said=(warned(rate=0.8),))
    assert day.fresh == []


def test_a_higher_rung_is_said_under_the_warning_that_is_open() -> None:
    day = line().say(said=(warned(rate=0.5),)).forget().say(said=(warned(rate=0.8),))
    (again,) = day.fresh
    assert isinstance(again, NoticeRepeated)
    assert (again.alert.alert_id, again.count) == (WARNING, 2)
    assert again.alert.summary.startswith("acceptance of L1-h1 used 80% of its time")


def test_a_higher_rung_is_not_said_once_warnings_are_not_told_any_more() -> None:
    day = line().say(said=(warned(rate=0.5),)).sign(alerting()).forget()
    assert day.say(said=(warned(rate=0.8),)).fresh == []


def test_an_escalation_that_repeats_speaks_for_the_breach() -> None:
    terms = alerting(EVERY_4_HOURS, {"on": "escalation", "repeat_every_minutes": 300})
    day = line(terms).say(said=(breached(), escalated())).forget().until("2026-03-03 09:00")
    assert set(ids(day.fresh, NoticeRepeated)) == {ESCALATION}
    assert len(day.fresh) == 1


def test_an_escalation_that_is_said_once_does_not_end_the_reminders_of_the_breach() -> None:
    day = line().say(said=(breached(), escalated())).forget().until("2026-03-02 13:00")
    assert ids(day.fresh, NoticeRepeated) == [BREACH]


def test_an_escalation_to_other_channels_does_not_silence_the_breach() -> None:
    terms = alerting(
        {**EVERY_4_HOURS, "channels": ["team"]},
        {"on": "escalation", "repeat_every_minutes": 240, "channels": ["bosses"]},
    )
    day = line(terms).say(said=(breached(), escalated())).forget().until("2026-03-02 13:00")
    assert ids(day.fresh, NoticeRepeated) == [BREACH, ESCALATION]


def test_a_stalled_lead_and_a_breached_clock_repeat_side_by_side() -> None:
    terms = alerting(EVERY_4_HOURS, {"on": "stalled", "repeat_every_minutes": 240})
    day = line(terms).say(said=(stalled(), breached())).forget().until("2026-03-02 13:00")
    assert ids(day.fresh, NoticeRepeated) == [STALL, BREACH]


# --- ending


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (ClockEnd.MET, "answered"),
        (ClockEnd.BREACHED, "answered"),
        (ClockEnd.UNANSWERED, "moved"),
        (ClockEnd.CANCELLED, "moved"),
    ],
)
def test_an_alert_is_over_when_its_clock_ends(end: ClockEnd, reason: str) -> None:
    day = line().say(said=(breached(), escalated())).forget().say(said=(ended(end),))
    assert ids(day.fresh, NoticeResolved) == [BREACH, ESCALATION]
    day.expect(NoticeResolved, reason=reason)
    assert day.folding.timers == {}


@pytest.mark.parametrize("reason", CloseReason)
def test_an_alert_is_over_when_its_handoff_closes(reason: CloseReason) -> None:
    day = line().say(said=(breached(), stalled())).forget().say(said=(ended(), closed(reason)))
    answered = reason in {CloseReason.WORKED, CloseReason.REJECTED, CloseReason.WON, CloseReason.LOST}
    assert ids(day.fresh, NoticeResolved) == [BREACH]
    day.expect(NoticeResolved, reason="answered" if answered else "moved")


def test_a_breach_that_recycles_the_lead_at_once_is_said_all_the_same() -> None:
    day = line().say(said=(breached(), ended(), closed(CloseReason.EXPIRED)))
    assert [one.kind for one in day.fresh] == ["notice_opened", "notice_resolved"]
    day.expect(NoticeResolved, reason="moved")


def test_another_clock_that_ends_leaves_the_alert_open() -> None:
    other = ended().model_copy(update={"clock": "first_touch"})
    assert line().say(said=(breached(),)).forget().say(said=(other,)).fresh == []


def test_a_stall_is_over_when_the_lead_moves() -> None:
    for said in (stall_ended(), stage_changed()):
        day = line().say(said=(stalled(), breached())).forget().say(said=(said,))
        assert ids(day.fresh, NoticeResolved) == [STALL]
        day.expect(NoticeResolved, reason="moved")


def test_a_stall_is_over_once_though_two_conclusions_say_so() -> None:
    day = line().say(said=(stalled(),)).forget().say(said=(stall_ended(), stage_changed()))
    assert ids(day.fresh, NoticeResolved) == [STALL]


def test_erasure_ends_everything_and_opens_nothing() -> None:
    day = line().say(said=(breached(), escalated(), stalled())).forget()
    day.say(Erased(), said=(warned(turn=2), ended(ClockEnd.CANCELLED)))
    assert ids(day.fresh, NoticeResolved) == [BREACH, ESCALATION, STALL]
    day.expect(NoticeResolved, reason="withdrawn").expect_no(NoticeOpened)
    assert day.state == AlertsState()
    assert day.folding.timers == {}


def test_an_alert_that_ended_may_open_again() -> None:
    day = line().say(said=(stalled(),)).say(said=(stall_ended(),)).forget().say(said=(stalled(),))
    assert only_opened(day).alert_id == STALL


# --- the shape of a rule


def test_a_step_that_changes_nothing_returns_the_same_state() -> None:
    day = line().say(said=(breached(),))
    state = day.state
    assert day.say(VIEW).state is state
    assert day.say(said=(stall_ended(), moved("2026-03-02 08:00"))).state is state


def test_only_entries_that_open_or_end_something_matter() -> None:
    terms = agreement()
    assert not matters(entry(VIEW), terms)
    assert matters(entry(said=(breached(),)), terms)
    assert matters(entry(Erased()), terms)


def test_the_state_comes_back_from_json_as_it_was() -> None:
    day = line().say(said=(breached(), escalated(), stalled(), warned(turn=2)))
    day.say(said=(moved(None, "paused"),))
    adapter = TypeAdapter(AlertsState)
    assert day.state is not None
    assert day.state.open
    assert day.state.held
    assert adapter.validate_json(adapter.dump_json(day.state)) == day.state


def test_nothing_is_kept_of_alerts_that_are_over() -> None:
    day = line()
    for number in range(1, 6):
        day.until(instant("2026-03-02 09:00") + timedelta(days=number))
        day.say(said=(stalled(cycle=number),)).say(said=(stall_ended(),))
    assert day.state == AlertsState()
