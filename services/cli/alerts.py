"""``relevo alerts``: what wants attention now."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Json, Limit, ShownBy, Store
from services.cli.terminal import instant_text, screen, table, tell, write_json

if TYPE_CHECKING:
    from infra.store.reading.notices import AlertRow
    from schemas.agreement import Agreement


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
    from infra.store.reading.notices import alerts_like
    from schemas.alerts import AlertKind
    from services.cli.looking import looking_at

    if kind and kind not in list(AlertKind):
        raise typer.BadParameter(f"{kind!r} is no kind of alert; choose from {', '.join(AlertKind)}")
    with looking_at(store, agreement) as looking:
        found = alerts_like(
            looking.connection,
            open_only=not resolved,
            kind=kind or None,
            owner=owner or None,
            limit=limit,
        )
        if json:
            write_json(map(alert_json, found))
        elif found:
            draw_alerts(looking.agreement, found)
        else:
            tell("No alert is open." if not resolved else "There has been no alert.")


def alert_json(alert: "AlertRow") -> dict[str, object]:
    """Return an alert as JSON shows it: the columns of the read model."""
    return {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in asdict(alert).items()
    }


def draw_alerts(agreement: "Agreement", found: "list[AlertRow]") -> None:
    """Draw alerts, a line each."""
    from services.cli.wording import NOTHING, instants

    written = instants(agreement)
    drawn = table(None, "since", "severity", "what", "lead", "owner", "said", whole=("since", "lead"))
    for alert in found:
        ended = f" (over: {alert.resolved_reason})" if alert.resolved_at else ""
        drawn.add_row(
            written(alert.opened_at),
            alert.severity or NOTHING,
            (alert.summary or alert.about or NOTHING) + ended,
            alert.lead_id or NOTHING,
            alert.owner or alert.team or NOTHING,
            f"{alert.said_count or 1}×",
        )
    screen().print(drawn)
