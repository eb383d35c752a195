"""Notices about numbers out of bounds: what metrics finds, less what is open, is what to say.

A bound has no state but the alert that is open about it, so this is a difference of two sets. Where one
number breaks several bounds, only the gravest are alerts: the milder are true because the graver are, and
come into their own when the number is half-way back. They are said once, and again only after they were
over.
"""

from collections.abc import Iterable
from datetime import datetime

from schemas.alerts import Alert, AlertKind, Notice, NoticeOpened, NoticeResolved, OutOfBounds, Severity

_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


def step_bounds(
    open_before: tuple[Alert, ...], breaches: Iterable[OutOfBounds], at: datetime
) -> tuple[Notice, ...]:
    """Return the notices that bring what is open to what is out of bounds.

    Args:
        open_before: The ``out_of_bounds`` alerts that are open.
        breaches: Every bound that is broken now.
        at: When the numbers were looked at.

    Returns:
        An opening for each bound newly broken; an end for each alert whose number came back, or that a
        graver one about the same number speaks for now.
    """
    broken = {_alert_id(breach): breach for breach in breaches}
    gravest: dict[str, int] = {}
    for breach in broken.values():
        gravest[breach.metric] = max(gravest.get(breach.metric, 0), _GRAVITY[breach.severity])
    alerting = {
        alert_id: breach
        for alert_id, breach in broken.items()
        if _GRAVITY[breach.severity] == gravest[breach.metric]
    }
    known = {alert.alert_id for alert in open_before}
    opening = [NoticeOpened(alert=_alert(breach, at)) for key, breach in alerting.items() if key not in known]
    ending = [
        NoticeResolved(
            alert=alert,
            resolved_at=at,
            reason="superseded" if alert.alert_id in broken else "back_in_bounds",
        )
        for alert in open_before
        if alert.alert_id not in alerting
    ]
    return (*opening, *ending)


def _alert_id(breach: OutOfBounds) -> str:
    return f"{AlertKind.OUT_OF_BOUNDS}/{breach.metric}/{breach.bound}"


def _alert(breach: OutOfBounds, at: datetime) -> Alert:
    return Alert(
        alert_id=_alert_id(breach),
        kind=AlertKind.OUT_OF_BOUNDS,
        about=breach.metric,
        severity=breach.severity,
        opened_at=at,
        summary=f"{breach.metric} is {breach.value:g}; agreed: {breach.bound}",
        recipients=breach.channels,
    )
