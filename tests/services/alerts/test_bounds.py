"""Notices about numbers out of bounds: the difference between what is open and what is broken."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.agreement.numbers import AlertPolicy
from schemas.alerts import (
    AlertKind,
    Notice,
    NoticeOpened,
    NoticeRepeated,
    NoticeResolved,
    OutOfBounds,
    Severity,
)
from services.alerts.bounds import Look, OpenBound, step_bounds
from tests.builders import instant

LOW = OutOfBounds("acceptance_rate", 0.412345, "at least 0.6 over 28 days", Severity.WARNING, ("chat",))
VERY_LOW = OutOfBounds("acceptance_rate", 0.3, "at least 0.5 over 28 days", Severity.CRITICAL, ("pager",))
SLOW = OutOfBounds("speed_to_lead", 95.0, "at most 60 over 7 days", Severity.WARNING)
AGREED = frozenset((one.metric, one.bound) for one in (LOW, VERY_LOW, SLOW))
NOW = Look(instant("2026-03-02 06:00"), instant("2026-03-02 06:00").date(), AGREED)


Open = tuple[OpenBound, ...]


def after(days: int) -> Look:
    """Return the look so many days on, a little earlier in the day."""
    return Look(NOW.at + timedelta(days=days, minutes=-7), NOW.today + timedelta(days=days), AGREED)


LATER = after(1)
ONCE = AlertPolicy(on=AlertKind.OUT_OF_BOUNDS)
DAILY = AlertPolicy(on=AlertKind.OUT_OF_BOUNDS, repeat_every_minutes=1440)


def step(
    before: Open, broken: list[OutOfBounds], look: Look = LATER, policy: AlertPolicy = ONCE
) -> tuple[Notice, ...]:
    """Return what a look comes to."""
    return step_bounds(before, broken, look, policy)


def open_after(*breaches: OutOfBounds, policy: AlertPolicy = ONCE) -> Open:
    """Return the alerts that these breaches open."""
    return still_open((), step((), [*breaches], NOW, policy), NOW)


def still_open(before: Open, said: tuple[Notice, ...], look: Look) -> Open:
    """Return what is open after notices, as the store would show it."""
    alerts = {one.alert.alert_id: one for one in before}
    for one in said:
        alert_id = one.alert.alert_id
        match one:
            case NoticeOpened():
                assert alert_id not in alerts
                alerts[alert_id] = OpenBound(one.alert, 1, look.today)
            case NoticeRepeated():
                assert one.count == alerts[alert_id].said_count + 1
                alerts[alert_id] = OpenBound(one.alert, one.count, look.today)
            case NoticeResolved():
                del alerts[alert_id]
    return tuple(alerts.values())


def test_a_number_out_of_bounds_opens_an_alert() -> None:
    (alert,) = [one.alert for one in open_after(LOW)]
    assert alert.alert_id == "out_of_bounds/acceptance_rate/at least 0.6 over 28 days"
    assert (alert.about, alert.severity, alert.recipients) == ("acceptance_rate", Severity.WARNING, ("chat",))
    assert alert.summary == "acceptance_rate is 0.412345; agreed: at least 0.6 over 28 days"
    assert alert.lead_id is None


def test_a_number_that_stays_out_of_bounds_is_said_once() -> None:
    assert step(open_after(LOW), [LOW]) == ()


def test_it_is_said_again_as_it_is_by_then_where_the_policy_repeats() -> None:
    before = open_after(LOW, policy=DAILY)
    (again,) = step(before, [replace(LOW, value=0.2)], policy=DAILY)
    assert isinstance(again, NoticeRepeated)
    assert again.count == 2
    assert again.alert.summary == "acceptance_rate is 0.2; agreed: at least 0.6 over 28 days"
    assert (again.alert.alert_id, again.alert.opened_at) == (before[0].alert.alert_id, NOW.at)


@pytest.mark.parametrize(("minutes", "days"), [(5, 1), (1440, 1), (1441, 2), (10_080, 7)])
def test_an_interval_is_rounded_up_to_whole_days(minutes: int, days: int) -> None:
    policy = AlertPolicy(on=AlertKind.OUT_OF_BOUNDS, repeat_every_minutes=minutes)
    before = open_after(LOW, policy=policy)
    assert [bool(step(before, [LOW], after(day), policy)) for day in (days - 1, days, days + 30)] == [
        False,
        True,
        True,
    ]


def test_what_a_bound_leaves_open_the_policy_says() -> None:
    bare = OutOfBounds("acceptance_rate", 0.4, "at least 0.6 over 28 days")
    policy = AlertPolicy(on=AlertKind.OUT_OF_BOUNDS, severity=Severity.CRITICAL, channels=("desk",))
    ((alert,), (own,)) = ([one.alert for one in open_after(each, policy=policy)] for each in (bare, LOW))
    assert (alert.severity, alert.recipients) == (Severity.CRITICAL, ("desk",))
    assert (own.severity, own.recipients) == (Severity.WARNING, ("chat",))


def test_a_number_that_comes_back_ends_its_alert() -> None:
    (end,) = step(open_after(LOW, SLOW), [SLOW])
    assert isinstance(end, NoticeResolved)
    assert (end.alert.about, end.reason, end.resolved_at) == ("acceptance_rate", "back_in_bounds", LATER.at)


def test_an_alert_whose_bound_is_agreed_no_more_does_not_say_that_its_number_came_back() -> None:
    lower = replace(LOW, bound="at least 0.5 over 28 days")
    look = replace(LATER, agreed=frozenset({(lower.metric, lower.bound)}))
    opening, ending = step(open_after(LOW), [lower], look)
    assert isinstance(opening, NoticeOpened)
    assert isinstance(ending, NoticeResolved)
    assert ending.reason == "no_longer_agreed"


def test_of_two_bounds_that_one_number_breaks_the_graver_is_said() -> None:
    assert [one.alert.severity for one in open_after(LOW, VERY_LOW, SLOW)] == [
        Severity.CRITICAL,
        Severity.WARNING,
    ]


def test_two_bounds_of_one_gravity_are_two_alerts() -> None:
    week = OutOfBounds("speed_to_lead", 80.0, "at most 60 over 28 days", Severity.WARNING)
    assert len(open_after(SLOW, week)) == 2


def test_a_number_that_gets_worse_trades_the_milder_alert_for_the_graver() -> None:
    opening, ending = step(open_after(LOW), [LOW, VERY_LOW])
    assert isinstance(opening, NoticeOpened)
    assert isinstance(ending, NoticeResolved)
    assert opening.alert.severity is Severity.CRITICAL
    assert ending.reason == "superseded"


def test_a_number_that_comes_half_way_back_trades_the_graver_alert_for_the_milder() -> None:
    opening, ending = step(open_after(LOW, VERY_LOW), [LOW])
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
        severity=st.none() | st.sampled_from(Severity),
    ),
    max_size=6,
)


@given(st.lists(breaches, max_size=5), st.sampled_from([ONCE, DAILY]))
def test_what_is_open_never_depends_on_what_was_open_before(
    rounds: list[list[OutOfBounds]], policy: AlertPolicy
) -> None:
    alerts: Open = ()
    for day, broken in enumerate(rounds):
        look = after(day)
        alerts = still_open(alerts, step(alerts, broken, look, policy), look)
        fresh = still_open((), step((), broken, look, policy), look)
        assert {one.alert.alert_id for one in alerts} == {one.alert.alert_id for one in fresh}
        assert {one.alert.about for one in alerts} == {breach.metric for breach in broken}
        assert step(alerts, broken, look, policy) == ()
