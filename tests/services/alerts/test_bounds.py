"""Notices about numbers out of bounds: the difference between what is open and what is broken."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.alerts import Alert, NoticeOpened, NoticeResolved, OutOfBounds, Severity
from schemas.entries import Conclusion
from services.alerts.bounds import step_bounds
from tests.builders import instant

NOW = instant("2026-03-02 06:00")
LATER = instant("2026-03-03 06:00")
LOW = OutOfBounds("acceptance_rate", 0.412345, "at least 0.6 over 28 days", Severity.WARNING, ("chat",))
VERY_LOW = OutOfBounds("acceptance_rate", 0.3, "at least 0.5 over 28 days", Severity.CRITICAL, ("pager",))
SLOW = OutOfBounds("speed_to_lead", 95.0, "at most 60 over 7 days", Severity.WARNING)


def open_after(*breaches: OutOfBounds) -> tuple[Alert, ...]:
    """Return the alerts that these breaches open."""
    return still_open((), step_bounds((), breaches, NOW))


def still_open(before: tuple[Alert, ...], said: tuple[Conclusion, ...]) -> tuple[Alert, ...]:
    """Return what is open after notices."""
    alerts = {alert.alert_id: alert for alert in before}
    for one in said:
        if isinstance(one, NoticeOpened):
            assert one.alert.alert_id not in alerts
            alerts[one.alert.alert_id] = one.alert
        elif isinstance(one, NoticeResolved):
            del alerts[one.alert.alert_id]
    return tuple(alerts.values())


def test_a_number_out_of_bounds_opens_an_alert() -> None:
    (alert,) = open_after(LOW)
    assert alert.alert_id == "out_of_bounds/acceptance_rate/at least 0.6 over 28 days"
    assert (alert.about, alert.severity, alert.recipients) == ("acceptance_rate", Severity.WARNING, ("chat",))
    assert alert.summary == "acceptance_rate is 0.412345; agreed: at least 0.6 over 28 days"
    assert alert.lead_id is None


def test_a_number_that_stays_out_of_bounds_is_said_once() -> None:
    assert step_bounds(open_after(LOW), [LOW], LATER) == ()


def test_a_number_that_comes_back_ends_its_alert() -> None:
    (end,) = step_bounds(open_after(LOW, SLOW), [SLOW], LATER)
    assert isinstance(end, NoticeResolved)
    assert (end.alert.about, end.reason, end.resolved_at) == ("acceptance_rate", "back_in_bounds", LATER)


def test_of_two_bounds_that_one_number_breaks_the_graver_is_said() -> None:
    assert [alert.severity for alert in open_after(LOW, VERY_LOW, SLOW)] == [
        Severity.CRITICAL,
        Severity.WARNING,
    ]


def test_two_bounds_of_one_gravity_are_two_alerts() -> None:
    week = OutOfBounds("speed_to_lead", 80.0, "at most 60 over 28 days", Severity.WARNING)
    assert len(open_after(SLOW, week)) == 2


def test_a_number_that_gets_worse_trades_the_milder_alert_for_the_graver() -> None:
    opening, ending = step_bounds(open_after(LOW), [LOW, VERY_LOW], LATER)
    assert isinstance(opening, NoticeOpened)
    assert isinstance(ending, NoticeResolved)
    assert opening.alert.severity is Severity.CRITICAL
    assert ending.reason == "superseded"


def test_a_number_that_comes_half_way_back_trades_the_graver_alert_for_the_milder() -> None:
    opening, ending = step_bounds(open_after(LOW, VERY_LOW), [LOW], LATER)
    assert isinstance(opening, NoticeOpened)
    assert isinstance(ending, NoticeResolved)
    assert opening.alert.severity is Severity.WARNING
    assert ending.reason == "back_in_bounds"


breaches = st.lists(
    st.builds(
        OutOfBounds,
        metric=st.sampled_from(["acceptance_rate", "speed_to_lead"]),
        value=st.floats(0, 1),
        bound=st.sampled_from(["at least 0.6", "at least 0.5", "at most 60"]),
        severity=st.sampled_from(Severity),
    ),
    max_size=6,
)


@given(st.lists(breaches, max_size=5))
def test_what_is_open_never_depends_on_what_was_open_before(rounds: list[list[OutOfBounds]]) -> None:
    alerts: tuple[Alert, ...] = ()
    for broken in rounds:
        alerts = still_open(alerts, step_bounds(alerts, broken, NOW))
        fresh = still_open((), step_bounds((), broken, NOW))
        assert {alert.alert_id for alert in alerts} == {alert.alert_id for alert in fresh}
        assert {alert.about for alert in alerts} == {breach.metric for breach in broken}
        assert step_bounds(alerts, broken, LATER) == ()
