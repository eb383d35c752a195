"""Notices about numbers out of bounds: what metrics finds, beside what is open, is what to say.

A bound has no state but the alert that is open about it, so what opens and ends is a difference of two sets.
Where one number breaks several bounds, only the gravest are alerts: the milder are true because the graver
are, and come into their own when the number is half-way back. What a bound leaves open (its severity, its
channels) and how often it is said again is for the agreement's policy on ``out_of_bounds`` to say. Numbers
are looked at once a day, so they are said again in whole days.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.agreement.numbers import AlertPolicy
from schemas.alerts import (
    Alert,
    AlertKind,
    Notice,
    NoticeOpened,
    NoticeRepeated,
    NoticeResolved,
    OutOfBounds,
    ResolveReason,
    Severity,
)

_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenBound:
    """An ``out_of_bounds`` alert that is open, how often it was said, and on which day it was last."""

    alert: Alert
    said_count: int
    said_on: date


@dataclass(frozen=True, slots=True)
class Look:
    """When the numbers were looked at, and by which bounds.

    Attributes:
        at: The instant.
        today: The day of it in the agreement's zone.
        agreed: The metric and the words of each limit that the agreement sets.
    """

    at: datetime
    today: date
    agreed: frozenset[tuple[str, str]]


def step_bounds(
    open_before: Sequence[OpenBound], breaches: Iterable[OutOfBounds], look: Look, policy: AlertPolicy
) -> tuple[Notice, ...]:
    """Return the notices that bring what is open to what is out of bounds.

    Args:
        open_before: What is open.
        breaches: Every bound that is broken now.
        look: When the numbers were looked at, and by which bounds.
        policy: The agreement's (``Agreement.policy_on_bounds``).

    Returns:
        An opening for each bound newly broken; a repeat, with the number as it is now, for each that is to be
        said again; an end for each alert whose number came back, that a graver one about the same number
        speaks for now, or whose bound is agreed no more.
    """
    broken = {_alert_id(breach.metric, breach.bound): breach for breach in breaches}
    alerting = _gravest(broken, policy)
    agreed = {_alert_id(metric, bound) for metric, bound in look.agreed}
    known = {one.alert.alert_id for one in open_before}
    said: list[Notice] = [
        NoticeOpened(alert=_alert(breach, policy, look.at))
        for alert_id, breach in alerting.items()
        if alert_id not in known
    ]
    for one in open_before:
        alert = one.alert
        if alert.alert_id not in alerting:
            reason = _why_over(alert.alert_id, broken, agreed)
            said.append(NoticeResolved(alert=alert, resolved_at=look.at, reason=reason))
        elif _is_due(one, look.today, policy):
            now = _alert(alerting[alert.alert_id], policy, alert.opened_at)
            said.append(NoticeRepeated(alert=now, count=one.said_count + 1))
    return tuple(said)


def _why_over(alert_id: str, broken: Container[str], agreed: Container[str]) -> ResolveReason:
    if alert_id in broken:
        return "superseded"
    return "back_in_bounds" if alert_id in agreed else "no_longer_agreed"


def _gravest(broken: Mapping[str, OutOfBounds], policy: AlertPolicy) -> dict[str, OutOfBounds]:
    """Return those that no graver one about the same number speaks for."""
    gravest: dict[str, int] = {}
    for breach in broken.values():
        gravest[breach.metric] = max(gravest.get(breach.metric, 0), _gravity(breach, policy))
    return {
        alert_id: breach
        for alert_id, breach in broken.items()
        if _gravity(breach, policy) == gravest[breach.metric]
    }


def _is_due(one: OpenBound, today: date, policy: AlertPolicy) -> bool:
    if policy.repeat_every_minutes is None:
        return False
    days = -(-policy.repeat_every_minutes // _MINUTES_A_DAY)
    return (today - one.said_on).days >= days


def _gravity(breach: OutOfBounds, policy: AlertPolicy) -> int:
    return _GRAVITY[breach.severity or policy.severity]


def _alert_id(metric: str, bound: str) -> str:
    return f"{AlertKind.OUT_OF_BOUNDS}/{metric}/{bound}"


def _alert(breach: OutOfBounds, policy: AlertPolicy, opened_at: datetime) -> Alert:
    return Alert(
        alert_id=_alert_id(breach.metric, breach.bound),
        kind=AlertKind.OUT_OF_BOUNDS,
        about=breach.metric,
        severity=breach.severity or policy.severity,
        opened_at=opened_at,
        summary=f"{breach.metric} is {breach.value:g}; agreed: {breach.bound}",
        recipients=breach.channels or policy.channels,
    )
