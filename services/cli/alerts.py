"""``relevo alerts``: what wants attention now."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Json, Limit, ShownBy, Store
from services.cli.terminal import NOTHING, instant_text, screen, table, tell, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.store.reading.notices import AlertRow
    from schemas.agreement import Agreement
    from services.cli.looking import Looking
    from services.cli.wall import Wall


def alerts(
    *,
    store: Store = "",
    agreement: ShownBy = None,
    resolved: Annotated[bool, typer.Option("--all", help="Show those that are over as well.")] = False,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND", help="Only sla_warning, sla_breach, escalation, stalled or out_of_bounds."
        ),
    ] = "",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Only this owner's.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Show the alerts that are open, the latest first.

    Example: relevo alerts --kind sla_breach
    """
    from infra.store.reading.notices import alerts_like, count_alerts
    from schemas.alerts import AlertKind
    from services.cli.known import check_among, check_known
    from services.cli.looking import looking_at

    if kind:
        check_among(f"--kind {kind}", kind, list(AlertKind))
    with looking_at(store, agreement) as looking:
        found = alerts_like(
            looking.connection, open_only=not resolved, kind=kind or None, owner=owner or None, limit=limit
        )
        if not found and owner:
            check_known(looking, {"owner": owner})
        if json:
            write_json(map(alert_json, found))
        elif found:
            names = {one.lead_id: _name(looking, one.lead_id) for one in found if one.lead_id}
            draw_alerts(looking.agreement, found, names=names)
            count = count_alerts(
                looking.connection, open_only=not resolved, kind=kind or None, owner=owner or None
            )
            tell(_counted(len(found), count, resolved=resolved))
        else:
            tell("No alert is open." if not resolved else "There has been no alert.")


def _counted(shown: int, count: int, *, resolved: bool) -> str:
    what = "alert" if resolved else "open alert"
    rest = "" if shown == count else f"; {shown:,} shown, --limit {count} shows all"
    return f"{count:,} {what}{'' if count == 1 else 's'}{rest}."


def _name(looking: "Looking", lead_id: str) -> str:
    from infra.store.reading.leads import lead_by_id
    from services.cli.leads import known_as

    lead = lead_by_id(looking.connection, lead_id)
    return known_as(lead) if lead else ""


def alert_json(alert: "AlertRow") -> dict[str, object]:
    """Return an alert as JSON shows it: the columns of the read model."""
    return {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in asdict(alert).items()
    }


def draw_alerts(
    agreement: "Agreement",
    found: "Sequence[AlertRow]",
    *,
    title: str = "Alerts",
    names: "Mapping[str, str] | None" = None,
) -> None:
    """Draw alerts, a line each.

    Args:
        agreement: In whose words.
        found: The alerts.
        title: Above them.
        names: What each lead is known as; None: all are one lead's, which need not be named.
    """
    from infra.time_source import system_time
    from services.cli.wording import instants, whose

    wall, now = instants(agreement), system_time()
    who = () if names is None else ("lead", "known as")
    heads = ("severity", "what", "since", "due", *who, "owner", "said")
    drawn = table(wall.over(title), *heads, whole=("since", "due", "lead"))
    for alert in found:
        named = () if names is None else (alert.lead_id or NOTHING, names.get(alert.lead_id or "", NOTHING))
        drawn.add_row(
            alert.severity or NOTHING,
            _what(agreement, alert),
            wall(alert.opened_at),
            _due(wall, alert, now),
            *named,
            whose(agreement, alert.owner, alert.team),
            f"{alert.said_count or 1}×",
        )
    screen().print(drawn)


def _what(agreement: "Agreement", alert: "AlertRow") -> str:
    from services.cli.alert_words import headline

    said = headline(agreement, alert.kind or "", alert.about or "", alert.summary or "")
    return f"{said} (over: {alert.resolved_reason})" if alert.resolved_at else said


def _due(wall: "Wall", alert: "AlertRow", now: datetime) -> str:
    from services.cli.wording import since

    if alert.due_at is None:
        return NOTHING
    if alert.resolved_at:
        return wall(alert.due_at)
    passed = alert.due_at <= now
    far = f"{since(alert.due_at, now)} ago" if passed else f"in {since(now, alert.due_at)}"
    return f"{wall(alert.due_at)} ({far})"
