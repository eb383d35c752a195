"""``relevo due``: the SLA clocks that run, the next due first: what to answer now."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Json, Limit, ShownBy, Store
from services.cli.terminal import NOTHING, counted, instant_text, screen, table, tell, write_json

if TYPE_CHECKING:
    from infra.store.reading.handoffs import ClockRow
    from services.cli.looking import Looking


def due(
    *,
    store: Store = "",
    agreement: ShownBy = None,
    clock: Annotated[
        str, typer.Option(metavar="NAME", help="Only this clock of the agreement: acceptance, first_touch …")
    ] = "",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Only this owner's.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose deadline has passed.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List the SLA clocks that run, the next due first; overdue ones stand at the top.

    Example: relevo due --owner lucia
    """
    from infra.store.reading.handoffs import running_clocks
    from infra.time_source import system_time
    from services.cli.known import check_among, check_known
    from services.cli.looking import looking_at

    now = system_time()
    with looking_at(store, agreement) as looking:
        every = running_clocks(
            looking.connection,
            clock=clock or None,
            owner=owner or None,
            due_before=now if overdue else None,
        )
        if not every and clock:
            check_among(f"--clock {clock}", clock, _clocks_of(looking))
        if not every:
            check_known(looking, {"owner": owner})
        if json:
            write_json(map(_json, every[:limit]))
            return
        _draw(looking, every[:limit], now)
    tell(_counted(every, limit, now))


def _clocks_of(looking: "Looking") -> list[str]:
    handoff = looking.agreement.handoff
    return [clock.id for clock in handoff.clocks] if handoff else []


def _json(clock: "ClockRow") -> dict[str, object]:
    return {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in asdict(clock).items()
        if not name.startswith(("ended_", "elapsed_", "working_"))
    }


def _draw(looking: "Looking", found: "list[ClockRow]", now: datetime) -> None:
    from infra.store.reading.leads import lead_by_id
    from services.cli.leads import known_as
    from services.cli.wording import clock_label, stage_label, whose

    if not found:
        return
    heads = ("due", "clock", "is", "lead", "known as", "stage", "owner")
    drawn = table(looking.wall.over("Running clocks"), *heads, whole=("due", "is", "lead", "stage", "owner"))
    for one in found:
        lead = lead_by_id(looking.connection, one.lead_id)
        drawn.add_row(
            looking.wall(one.due_at),
            clock_label(looking.agreement, one.clock, one.turn),
            how_it_runs(one, now),
            one.lead_id,
            known_as(lead) if lead else NOTHING,
            stage_label(looking.agreement, lead.stage if lead else None),
            whose(looking.agreement, one.owner, lead.team if lead else None),
        )
    screen().print(drawn)


def how_it_runs(clock: "ClockRow", now: datetime) -> str:
    """Say how a clock that runs is doing; how far off its deadline is, is said on the wall."""
    from services.cli.wording import since

    if clock.paused or clock.due_at is None:
        return "paused"
    if clock.breached_at or clock.due_at < now:
        return f"overdue for {since(clock.due_at, now)}"
    return f"running, {since(now, clock.due_at)} left"


def _counted(every: "list[ClockRow]", limit: int, now: datetime) -> str:
    if not every:
        return "No clock runs."
    late = sum(one.due_at is not None and one.due_at < now for one in every)
    rest = f"; {limit:,} shown, --limit {len(every)} shows all" if len(every) > limit else ""
    return f"{counted(len(every), 'clock')} {'runs' if len(every) == 1 else 'run'}, {late:,} overdue{rest}."
