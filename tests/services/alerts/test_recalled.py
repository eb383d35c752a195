"""What people were told of open alerts, recalled from the notices on record."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from schemas.alerts import NoticeOpened, NoticeRepeated
from services.alerts.recalled import recalled, scheduled
from services.alerts.state import EMPTY, alert_of, next_repeat_at
from tests.builders import instant
from tests.services.alerts.said import alerting, breached, escalated, line
from tests.services.alerts.test_properties import Happening, histories, play

NOW = instant("2026-03-04 09:30")
HOURLY = {"on": "sla_breach", "severity": "critical", "repeat_every_minutes": 60, "channels": ["chat"]}


@given(histories)
def test_what_is_recalled_is_what_was_never_forgotten(history: list[Happening]) -> None:
    lead, said = play(history)
    state, now = lead.state or EMPTY, lead.frontier[0] if lead.frontier else NOW
    notices = [(one.body, one.at) for one in said]
    assert recalled(state, "L1", notices, now) == scheduled(state)
    assert next_repeat_at(scheduled(state).open) == next_repeat_at(state.open)


def test_an_alert_that_was_said_late_is_said_again_from_then_on() -> None:
    story = line(alerting(HOURLY)).until("2026-03-02 13:00").say(said=(breached(),))
    assert story.state is not None
    (one,) = story.state.open
    late = instant("2026-03-04 09:10")
    (known,) = recalled(story.state, "L1", [(NoticeOpened(alert=alert_of(one, "L1")), late)], NOW).open
    assert (known.said_count, known.said_at) == (1, late)
    assert known.next_repeat_at == late + timedelta(hours=1)


def test_who_heard_of_an_alert_is_everybody_who_was_ever_told() -> None:
    story = line(alerting(HOURLY)).until("2026-03-02 13:00").say(said=(breached(),))
    assert story.state is not None
    alert = alert_of(story.state.open[0], "L1")
    again = NoticeRepeated(alert=alert.model_copy(update={"recipients": ("mail",)}), count=2)
    (known,) = recalled(story.state, "L1", [(NoticeOpened(alert=alert), NOW), (again, NOW)], NOW).open
    assert (known.recipients, known.told, known.said_count) == (("mail",), ("chat", "mail"), 2)


def test_an_alert_that_nobody_was_told_of_stands_as_the_fold_has_it() -> None:
    story = line(alerting(HOURLY)).until("2026-03-02 13:00").say(said=(breached(),))
    assert story.state is not None
    assert recalled(story.state, "L1", [], NOW) == story.state


def test_a_repeat_that_a_greater_alert_speaks_for_is_not_awaited() -> None:
    policies = (HOURLY, {**HOURLY, "on": "escalation"})
    story = line(alerting(*policies)).until("2026-03-02 13:00").say(said=(breached(), escalated()))
    assert story.state is not None
    breach, escalation = scheduled(story.state).open
    assert (breach.next_repeat_at, escalation.next_repeat_at) == (None, instant("2026-03-02 14:00"))
    assert replace(breach, next_repeat_at=story.state.open[0].next_repeat_at) == story.state.open[0]
