"""How often an alert is said again, to whom, and what a new agreement changes about it."""

from dataclasses import replace

from schemas.alerts import NoticeRepeated, NoticeResolved, Severity
from schemas.step import TimerDue
from services.alerts.rule import AlertsState, step
from tests.builders import agreement, entry, instant
from tests.services.alerts.said import (
    BREACH,
    ESCALATION,
    EVERY_4_HOURS,
    alerting,
    breached,
    ended,
    escalated,
    ids,
    line,
    moved,
    stalled,
    warned,
)

# --- repeats


def test_an_open_alert_repeats_at_its_interval() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),)).forget()
    day.until("2026-03-02 16:59").expect_no(NoticeRepeated)
    day.until("2026-03-02 17:00").expect(NoticeRepeated, count=2).forget()
    day.until("2026-03-02 21:00").expect(NoticeRepeated, count=3)


def test_an_alert_without_an_interval_is_said_once() -> None:
    day = line().say(said=(warned(),))
    assert day.folding.timers == {}


def test_a_worker_that_was_down_for_a_week_says_one_repeat() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),)).forget().until("2026-03-09 14:00")
    assert len(day.fresh) == 1
    day.expect(NoticeRepeated, count=2)
    assert day.folding.timers == {"repeat": instant("2026-03-09 17:00")}


def test_what_is_long_past_when_it_is_said_is_not_said_twice_at_once() -> None:
    late = entry(at="2026-03-02 13:00", said=(breached(),))
    told = step(None, replace(late, stamp=instant("2026-03-05 10:00")), agreement())
    assert [timer.due_at for timer in told.timers] == [instant("2026-03-05 14:00")]


def test_one_timer_serves_all_open_alerts() -> None:
    terms = alerting(EVERY_4_HOURS, {"on": "stalled", "repeat_every_minutes": 300})
    day = line(terms).say(said=(breached(), stalled())).forget()
    assert day.folding.timers == {"repeat": instant("2026-03-02 13:00")}
    day.until("2026-03-02 13:00")
    assert ids(day.fresh, NoticeRepeated) == [BREACH]
    assert day.folding.timers == {"repeat": instant("2026-03-02 14:00")}


def test_a_timer_for_a_lead_with_nothing_open_does_nothing() -> None:
    now = instant("2026-03-02 13:00")
    told = step(None, TimerDue("L1", "repeat", now, now), agreement())
    assert (told.state, told.conclusions, told.timers) == (AlertsState(), (), ())


# --- agreements


def test_a_new_interval_counts_from_when_the_alert_was_last_said() -> None:
    day = line().say(said=(breached(),)).forget().until("2026-03-02 10:30")
    day.sign(alerting({"on": "sla_breach", "repeat_every_minutes": 60}))
    assert day.fresh == []
    assert day.folding.timers == {"repeat": instant("2026-03-02 11:00")}


def test_the_same_intervals_change_nothing() -> None:
    day = line().say(said=(breached(),))
    state = day.state
    assert day.sign(agreement()).state is state


def test_a_lead_with_nothing_open_does_not_mind_an_agreement() -> None:
    assert line().sign(agreement()).state == AlertsState()


def test_severity_and_channels_change_with_the_next_repeat() -> None:
    day = line(alerting({**EVERY_4_HOURS, "channels": ["chat"]})).say(said=(breached(),)).forget()
    day.sign(alerting({**EVERY_4_HOURS, "severity": "info", "channels": ["mail"]})).until("2026-03-02 13:00")
    (again,) = day.fresh
    assert isinstance(again, NoticeRepeated)
    assert (again.alert.severity, again.alert.recipients) == (Severity.INFO, ("mail",))


def test_the_end_of_an_alert_reaches_everybody_who_heard_of_it_and_nobody_else() -> None:
    day = line(alerting({**EVERY_4_HOURS, "channels": ["chat"]})).say(said=(breached(),))
    day.sign(alerting({**EVERY_4_HOURS, "channels": ["mail", "chat"]})).until("2026-03-02 13:00")
    day.sign(alerting({**EVERY_4_HOURS, "channels": ["pager"]})).forget().say(said=(ended(),))
    (end,) = day.fresh
    assert isinstance(end, NoticeResolved)
    assert end.alert.recipients == ("chat", "mail")


def test_an_alert_whose_policy_is_gone_falls_silent_and_still_ends() -> None:
    day = line().say(said=(breached(),)).sign(alerting()).forget().until("2026-03-05 09:00")
    assert day.fresh == []
    assert day.folding.timers == {}
    assert ids(day.say(said=(ended(),)).fresh, NoticeResolved) == [BREACH]


def test_a_repeat_that_fires_before_the_lead_hears_of_the_new_agreement_keeps_to_it() -> None:
    day = line().say(said=(breached(),)).forget()
    due = TimerDue("L1", "repeat", instant("2026-03-02 13:00"), instant("2026-03-02 13:00"))
    told = step(day.state, due, alerting())
    assert (told.conclusions, told.timers) == ((), ())


def test_a_breach_that_an_escalation_spoke_for_is_heard_again_when_escalations_are_not() -> None:
    both = alerting(EVERY_4_HOURS, {"on": "escalation", "repeat_every_minutes": 300})
    day = line(both).say(said=(breached(), escalated())).until("2026-03-02 18:00").forget()
    day.sign(alerting(EVERY_4_HOURS, {"on": "escalation"})).until("2026-03-02 21:00")
    assert ids(day.fresh, NoticeRepeated) == [BREACH]


def test_what_an_escalation_spoke_for_waits_for_its_next_repeat_once_it_may_speak_again() -> None:
    both = alerting(
        {"on": "sla_warning", "repeat_every_minutes": 60}, {"on": "escalation", "repeat_every_minutes": 90}
    )
    day = line(both).say(said=(warned("2026-03-09 12:00"), escalated())).until("2026-03-02 11:10").forget()
    day.say(said=(moved("2026-03-09 12:00", "resumed"),))
    assert ids(day.fresh, NoticeResolved) == [ESCALATION]
    assert day.folding.timers == {"repeat": instant("2026-03-02 12:00")}
