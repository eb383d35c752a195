"""Watching the numbers: once a day of the log, those out of the agreed bounds become notices.

Metrics finds what is out of bounds, alerts decides what to say of it; here the two meet over the store. A
host calls ``numbers`` at every tick, within the transaction that lets the log's time come on; it looks when
a new day has begun in the agreement's zone.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from infra.store.database import Transaction
from infra.store.reading.notices import alerts_like
from infra.store.reading.sums import sums
from infra.watching import Noticed
from schemas.agreement import Agreement
from schemas.alerts import Alert, AlertKind, OutOfBounds, Severity
from services.alerts.bounds import Look, OpenBound, step_bounds
from services.alerts.view import notice_rows
from services.metrics.bounds import bound_cuts, limits, out_of_bounds
from services.metrics.report import report
from services.zones import zone_info


def numbers(
    transaction: Transaction, before: datetime | None, stamp: datetime, agreement: Agreement
) -> tuple[Noticed, ...]:
    """Return what to say of the numbers, now that the log's time comes from ``before`` to ``stamp``."""
    zone = zone_info(agreement.time_zone)
    today = stamp.astimezone(zone).date()
    if before is not None and before.astimezone(zone).date() == today:
        return ()
    found: list[OutOfBounds] = []
    for cuts, bounds in bound_cuts(agreement.bounds, today).items():
        rows = [row for cut in cuts for row in report(cut, sums(transaction, cut), agreement)]
        found += out_of_bounds(rows, bounds)
    look = Look(stamp, today, limits(agreement.bounds))
    said = step_bounds(_open(transaction, zone), found, look, agreement.policy_on_bounds)
    return tuple(Noticed(notice, row) for notice in said for row in notice_rows(notice, stamp))


def _open(transaction: Transaction, zone: ZoneInfo) -> list[OpenBound]:
    return [
        OpenBound(
            Alert(
                alert_id=row.alert_id,
                kind=AlertKind.OUT_OF_BOUNDS,
                about=row.about or "",
                severity=Severity(row.severity or Severity.INFO),
                opened_at=row.opened_at,
                summary=row.summary or "",
                recipients=row.recipients,
            ),
            row.said_count or 1,
            (row.last_said_at or row.opened_at).astimezone(zone).date(),
        )
        for row in alerts_like(transaction, kind=AlertKind.OUT_OF_BOUNDS)
        if row.opened_at is not None
    ]
