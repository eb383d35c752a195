"""What becomes of open alerts when a deadline moves or the lead gets another owner."""

import pytest

from schemas.alerts import NoticeRepeated, NoticeResolved
from schemas.facts import Captured
from schemas.handoffs import ClockEnd
from tests.builders import agreement, instant
from tests.services.alerts.said import (
    BREACH,
    ESCALATION,
    WARNING,
    alerting,
    breached,
    ended,
    escalated,
    ids,
    line,
    moved,
    only_opened,
    owned_by,
    warned,
)

# --- deadlines that move


def test_a_warning_is_over_while_its_clock_is_paused_and_comes_back_with_the_new_deadline() -> None:
    day = line().say(said=(warned(),)).forget().say(said=(moved(None, "paused"),))
    day.expect(NoticeResolved, reason="moved").forget()
    alert = only_opened(day.until("2026-03-09 09:00").say(said=(moved("2026-03-09 11:00", "resumed"),)))
    assert alert.alert_id == WARNING
    assert alert.opened_at == instant("2026-03-09 09:00")
    assert alert.summary == "acceptance of L1-h1 used 50% of its time, due 2026-03-09 11:00Z; owner ana"


def test_a_clock_that_ends_while_it_is_paused_is_not_heard_of_again() -> None:
    day = line().say(said=(warned(),)).say(said=(moved(None, "paused"),)).forget()
    day.say(said=(ended(ClockEnd.MET),)).say(said=(moved("2026-03-09 11:00", "resumed"),))
    assert day.fresh == []
    assert day.state is not None
    assert day.state.held == ()


def test_a_test_does_not_wake_what_a_pause_holds() -> None:
    day = line().say(Captured(), said=(warned(),)).say(said=(moved(None, "paused"),)).forget()
    day.say(test=True, said=(moved("2026-03-09 11:00", "resumed"),))
    assert day.fresh == []
    only_opened(day.say(said=(moved("2026-03-09 11:00", "resumed"),)))


def test_a_breach_holds_through_a_pause_of_its_clock() -> None:
    day = line().until("2026-03-02 14:00").say(said=(breached(),)).say(said=(moved(None, "paused"),))
    day.say(said=(moved(None, "owner"),)).forget()
    alert = only_opened(day.until("2026-03-09 09:00").say(said=(moved("2026-03-02 13:00", "resumed"),)))
    assert alert.alert_id == BREACH


def test_a_warning_goes_on_under_a_deadline_that_carries_what_was_used() -> None:
    day = line().say(said=(warned(),)).forget()
    day.say(said=(owned_by("bo"), moved("2026-03-03 10:00", "owner")))
    (again,) = day.fresh
    assert isinstance(again, NoticeRepeated)
    assert again.alert.summary.endswith("due 2026-03-03 10:00Z; owner bo")


def test_a_warning_says_nothing_when_its_deadline_stays() -> None:
    day = line().say(said=(warned(),)).forget()
    assert day.say(said=(moved("2026-03-02 13:00", "owner"),)).fresh == []


@pytest.mark.parametrize("reason", ["owner", "calendar", "policy"])
def test_a_warning_is_over_when_its_clock_begins_anew(reason: str) -> None:
    day = line(agreement({"handoff.on_change": {reason: "restart"}})).say(said=(warned(),)).forget()
    day.say(said=(moved("2026-03-04 10:00", reason),))
    day.expect(NoticeResolved, reason="moved").expect_no(NoticeRepeated)


def test_a_warning_goes_on_where_the_agreement_hands_nothing_over_any_more() -> None:
    day = line(alerting({"on": "sla_warning"}, handoff=None)).say(said=(warned(),)).forget()
    day.say(said=(moved("2026-03-04 10:00", "policy"),)).expect(NoticeRepeated, count=2)


def test_a_breach_and_its_escalation_are_over_when_the_deadline_moves_ahead() -> None:
    day = line().until("2026-03-02 14:00").say(said=(breached(), escalated())).forget()
    day.say(said=(moved("2026-03-03 10:00", "policy"),))
    assert ids(day.fresh, NoticeResolved) == [BREACH, ESCALATION]
    day.expect(NoticeResolved, reason="moved")


def test_a_breach_stays_when_the_deadline_moves_within_the_past() -> None:
    day = line().until("2026-03-02 14:00").say(said=(breached(),)).forget()
    assert day.say(said=(moved("2026-03-02 13:30", "policy"),)).fresh == []


# --- owners


def test_a_new_owner_is_named_from_the_next_saying_on() -> None:
    day = line().say(said=(breached(),)).forget().say(said=(owned_by("bo"),))
    assert day.fresh == []
    day.until("2026-03-02 13:00").say(said=(ended(),))
    owners = [one.alert.owner for one in day.fresh if isinstance(one, NoticeRepeated | NoticeResolved)]
    assert owners == ["bo", "bo"]


def test_the_owner_that_an_escalation_brings_is_named_by_all_that_the_entry_says() -> None:
    day = line().say(said=(breached(),)).forget().say(said=(escalated(), owned_by("marta")))
    assert only_opened(day).owner == "marta"


def test_a_lead_that_returns_to_a_queue_is_the_teams() -> None:
    day = line().say(said=(warned(), moved(None, "paused"))).say(said=(owned_by(None, "sales"),)).forget()
    alert = only_opened(day.say(said=(moved("2026-03-09 11:00", "resumed"),)))
    assert (alert.owner, alert.team) == (None, "sales")
