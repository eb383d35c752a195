"""``relevo leads`` and ``relevo stalled``: lists of leads."""

from dataclasses import asdict
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Json, Limit, ShownBy, Since, Store, Until, whole
from services.cli.terminal import NOTHING, instant_text, screen, table, tell, write_json

if TYPE_CHECKING:
    from infra.store.reading.leads import Lead
    from schemas.agreement import Agreement
    from services.cli.looking import Looking


def leads(
    *,
    store: Store = "",
    agreement: ShownBy = None,
    named: Annotated[
        str, typer.Option(metavar="TEXT", help="Only whose name, company or e-mail address has this in it.")
    ] = "",
    stage: Annotated[str, typer.Option(metavar="STAGE", help="Only at this stage.")] = "",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Only this owner's.")] = "",
    team: Annotated[str, typer.Option(metavar="NAME", help="Only this team's.")] = "",
    band: Annotated[str, typer.Option(metavar="NAME", help="Only in this band.")] = "",
    origin: Annotated[str, typer.Option(metavar="NAME", help="Only from this origin.")] = "",
    campaign: Annotated[str, typer.Option(metavar="NAME", help="Only from this campaign.")] = "",
    segment: Annotated[str, typer.Option(metavar="NAME", help="Only in this segment.")] = "",
    outcome: Annotated[str, typer.Option(metavar="NAME", help="Only won, lost or recycled ones.")] = "",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List leads, the latest captured first; --since and --until are about when they were captured.

    Example: relevo leads --stage mql --owner lucia
    """
    from infra.store.reading.leads import NAMED, LeadFilter, count_leads, leads_like
    from services.cli.known import check_known
    from services.cli.looking import looking_at

    with looking_at(store, agreement) as looking:
        wanted = LeadFilter(
            named=named or None,
            stage=stage or None,
            owner=owner or None,
            team=team or None,
            band=band or None,
            origin=origin or None,
            campaign=campaign or None,
            segment=segment or None,
            outcome=outcome or None,
            captured_from=_midnight(looking.agreement, since),
            captured_before=_midnight(looking.agreement, until),
        )
        found = leads_like(looking.connection, wanted, limit=limit)
        if not found:
            check_known(looking, {name: getattr(wanted, name) for name in NAMED})
        if json:
            write_json(map(lead_json, found))
            return
        _draw(looking, found, count_leads(looking.connection, wanted))


def stalled(
    *,
    store: Store = "",
    agreement: ShownBy = None,
    limit: Annotated[
        int | None,
        typer.Option(
            parser=whole(),
            metavar="COUNT",
            show_default=False,
            help="Show at most so many; default: 50 on the screen, all of them with --json.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List the leads that have stayed at their stage longer than agreed, the longest stalled first.

    Example: relevo stalled --json
    """
    from infra.store.reading.leads import stalled as stalled_leads
    from services.cli.looking import looking_at

    with looking_at(store, agreement) as looking:
        found = stalled_leads(looking.connection)
        if json:
            write_json(map(stalled_json, found[:limit]))
        else:
            draw_stalled(looking, found, limit or 50)


def stalled_json(lead: "Lead") -> dict[str, object]:
    """Return a stalled lead as ``relevo stalled --json`` prints it."""
    return {
        "lead_id": lead.lead_id,
        "external_ids": lead.external_ids,
        "stage": lead.stage,
        "since": lead.stage_since and instant_text(lead.stage_since),
        "due_at": lead.stalled_since and instant_text(lead.stalled_since),
        "owner": lead.owner,
    }


def lead_json(lead: "Lead") -> dict[str, object]:
    """Return a lead as ``relevo leads --json`` prints it: the columns of the read model."""
    return {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in asdict(lead).items()
    }


def draw_stalled(looking: "Looking", found: "list[Lead]", most: int, title: str = "Stalled leads") -> None:
    """Draw the leads that are stalled; at most so many, with a word about the rest."""
    from infra.store.reading.history import last_heard
    from infra.time_source import system_time
    from services.cli.wording import instants, since, stage_label

    if not found:
        tell("No lead is stalled.")
        return
    written, now = instants(looking.agreement), system_time()
    heard = last_heard(looking.connection, [lead.lead_id for lead in found[:most]])
    heads = ("lead", "known as", "stage", "there since", "overdue", "last heard of", "owner")
    drawn = table(written.over(title), *heads, right=["overdue"], whole=_WHOLE)
    for lead in found[:most]:
        overdue = since(lead.stalled_since, now) if lead.stalled_since else NOTHING
        drawn.add_row(
            lead.lead_id,
            known_as(lead),
            stage_label(looking.agreement, lead.stage),
            written(lead.stage_since),
            overdue,
            written(heard.get(lead.lead_id)),
            lead.owner or NOTHING,
        )
    screen().print(drawn)
    rest = "" if len(found) <= most else f"; {most} shown, relevo stalled --limit {len(found)} shows all"
    tell(f"{len(found):,} stalled lead{'' if len(found) == 1 else 's'}{rest}.")


def known_as(lead: "Lead") -> str:
    """Return what people know a lead by: its name, company, address, or an id of some tool."""
    named = lead.name or lead.email
    if named and lead.company:
        return f"{named}, {lead.company}"
    external = next((f"{system}:{key}" for system, key in lead.external_ids.items()), None)
    return named or lead.company or external or lead.phone or "anonymous"


_SCORES = "Scores are those last concluded; they fade since: relevo lead ID has them as of now."

_WHOLE = ("lead", "stage", "there since", "overdue", "last heard of", "owner", "captured")
"""Columns that are not broken into lines."""


def _midnight(agreement: "Agreement", on: date | None) -> datetime | None:
    from services.zones import zone_info

    return None if on is None else datetime.combine(on, time(), zone_info(agreement.time_zone))


def _draw(looking: "Looking", found: "list[Lead]", count: int) -> None:
    from services.cli.wording import instants, points, stage_label

    written = instants(looking.agreement)
    heads = ("lead", "known as", "stage", "band", "fit", "eng.", "owner", "captured")
    drawn = table(written.over("Leads"), *heads, right=("fit", "eng."), whole=_WHOLE)
    for lead in found:
        drawn.add_row(
            lead.lead_id,
            known_as(lead),
            stage_label(looking.agreement, lead.stage),
            lead.band or NOTHING,
            points(lead.fit),
            points(lead.engagement),
            lead.owner or NOTHING,
            written(lead.captured_at),
        )
    drawn.caption, drawn.caption_justify = _SCORES, "left"
    if found:
        screen().print(drawn)
    rest = "" if count == len(found) else f"; {len(found):,} shown, --limit {count} shows all"
    tell(f"{count:,} lead{'' if count == 1 else 's'}{rest}.")
