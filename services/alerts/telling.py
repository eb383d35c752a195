"""The memory of what was said: how a finding becomes an open alert, is said again, is put off, and ends.

Each function takes an open alert as it is and returns it as it is then; nothing is decided here. A repeat
is due at a multiple of the policy's interval after the alert was last said, and always at the first one
that is still to come: a worker that was down for a week says one repeat, not hundreds.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from schemas.agreement.numbers import AlertPolicy
from schemas.alerts import NoticeOpened, NoticeRepeated, NoticeResolved, ResolveReason
from schemas.records import replace
from schemas.vocabulary import LeadId
from services.alerts.state import Finding, OpenAlert, alert_of


def interval(policy: AlertPolicy | None) -> timedelta | None:
    """Return how often an alert is repeated; None: never."""
    if policy is None or policy.repeat_every_minutes is None:
        return None
    return timedelta(minutes=policy.repeat_every_minutes)


def begun(found: Finding, policy: AlertPolicy, *, at: datetime, said_at: datetime) -> OpenAlert:
    """Return a finding as people are first told of it.

    Args:
        found: What is the case.
        policy: Who hears of it, and how often.
        at: Since when it is the case.
        said_at: When it is said: the log's time, where that is further, so that what is long past is not
            said twice at once.
    """
    every = interval(policy)
    due = first_after(said_at, every, said_at) if every else None
    return OpenAlert(found, at, policy.severity, policy.channels, policy.channels, 1, said_at, every, due)


def again(one: OpenAlert, policy: AlertPolicy, *, said_at: datetime, noticed_at: datetime) -> OpenAlert:
    """Return an open alert as it is said again, by the policy in force now.

    Args:
        one: The alert, with what is now the case.
        policy: Who hears of it from now on, and how often.
        said_at: When the saying was due; the interval counts from it.
        noticed_at: The log's time in hand; the next repeat lies after it.
    """
    every = interval(policy)
    return replace(
        one,
        severity=policy.severity,
        recipients=policy.channels,
        told=tuple(dict.fromkeys((*one.told, *policy.channels))),
        said_count=one.said_count + 1,
        said_at=said_at,
        every=every,
        next_repeat_at=first_after(said_at, every, noticed_at) if every else None,
    )


def rescheduled(one: OpenAlert, every: timedelta | None, at: datetime) -> OpenAlert:
    """Return an open alert with another interval between repeats, the next of them after ``at``."""
    return replace(one, every=every, next_repeat_at=first_after(one.said_at, every, at) if every else None)


def passed_over(open_alerts: Iterable[OpenAlert], at: datetime) -> tuple[OpenAlert, ...]:
    """Return open alerts without the repeats due by ``at``: a greater alert spoke for those not said."""
    return tuple(
        rescheduled(one, one.every, at) if one.next_repeat_at and one.next_repeat_at <= at else one
        for one in open_alerts
    )


def first_after(anchor: datetime, every: timedelta, instant: datetime) -> datetime:
    """Return the first of ``anchor + every``, ``anchor + 2 · every`` … that lies after ``instant``."""
    return anchor + every * max((instant - anchor) // every + 1, 1)


def opened(one: OpenAlert, lead_id: LeadId) -> NoticeOpened:
    """Return the message that begins an alert."""
    return NoticeOpened(alert=alert_of(one, lead_id))


def repeated(one: OpenAlert, lead_id: LeadId) -> NoticeRepeated:
    """Return the message that an alert is still open, or reads differently now."""
    return NoticeRepeated(alert=alert_of(one, lead_id), count=one.said_count)


def resolved(one: OpenAlert, lead_id: LeadId, at: datetime, reason: ResolveReason) -> NoticeResolved:
    """Return the message that ends an alert, addressed to everybody who ever heard of it."""
    alert = alert_of(replace(one, recipients=one.told), lead_id)
    return NoticeResolved(alert=alert, resolved_at=at, reason=reason)
