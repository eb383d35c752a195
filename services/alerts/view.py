"""What alerts shows people: one row an alert, from its first notice to its last.

Rows are made from what was said, because the state forgets an alert once it is over. While one is open, the
state says what it is now: a new owner is not told of it before it is next said, but finds it in the list, and
a deadline that a late fact moves into the past is shown, although nobody is told again.
"""

import json
from datetime import datetime

from schemas.alerts import Alert, NoticeOpened, NoticeRepeated, NoticeResolved
from schemas.entries import Concluded, Conclusion
from schemas.read_model import Row, Value
from schemas.vocabulary import LeadId
from services.alerts.state import AlertsState, alert_of

Values = tuple[tuple[str, Value], ...]


def rows(lead_id: LeadId, state: AlertsState) -> tuple[Row, ...]:
    """Return what each open alert is now, as columns of its row; how often it was said, notices say."""
    alerts = (alert_of(one, lead_id) for one in state.open)
    return tuple(Row("alerts", (alert.alert_id,), _shown(alert)) for alert in alerts)


def said_rows(concluded: Concluded) -> tuple[Row, ...]:
    """Return the row of the table ``alerts`` that a notice writes; nothing for anything else."""
    return notice_rows(concluded.body, concluded.at)


def notice_rows(notice: Conclusion, at: datetime) -> tuple[Row, ...]:
    """Return the row that a notice said at an instant writes.

    An alert that opens anew takes its row over; one that ends keeps how often and when it was said.
    """
    match notice:
        case NoticeOpened(alert=alert):
            said: Values = (("said_count", 1), ("last_said_at", at), *_resolved(None))
        case NoticeRepeated(alert=alert, count=count):
            said = (("said_count", count), ("last_said_at", at), *_resolved(None))
        case NoticeResolved(alert=alert) as end:
            said = _resolved(end)
        case _:
            return ()
    return (Row("alerts", (alert.alert_id,), (*_shown(alert), *said)),)


def _resolved(end: NoticeResolved | None) -> Values:
    return (
        ("resolved_at", end.resolved_at if end else None),
        ("resolved_reason", end.reason if end else None),
    )


def _shown(alert: Alert) -> Values:
    return (
        ("lead_id", alert.lead_id),
        ("kind", alert.kind.value),
        ("about", alert.about),
        ("severity", alert.severity.value),
        ("opened_at", alert.opened_at),
        ("summary", alert.summary),
        ("owner", alert.owner),
        ("team", alert.team),
        ("recipients", json.dumps(alert.recipients)),
        ("due_at", alert.due_at),
    )
