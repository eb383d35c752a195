"""``relevo demo``: a believable year through the line, and what the two teams would look at afterwards."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import Refused
from services.cli.options import AgreementFile, Store, day, whole
from services.cli.terminal import counted, screen, tell

if TYPE_CHECKING:
    from schemas.agreement import Agreement
    from services.cli.importing import Imported
    from services.cli.looking import Looking
    from services.line import OpenLine

MOST_STALLED = 8


def demo(
    *,
    leads: Annotated[
        int, typer.Option(parser=whole(most=1_000_000), metavar="COUNT", help="How many leads the year has.")
    ] = 2000,
    seed: Annotated[
        int, typer.Option(parser=whole(0, 9999), metavar="NUMBER", help="Equal seeds make equal years.")
    ] = 7,
    until: Annotated[
        date | None,
        typer.Option(parser=day, metavar="DAY", show_default=False, help="When the year ends; default: now."),
    ] = None,
    store: Store = "",
    agreement: AgreementFile = None,
) -> None:
    """Make a year of leads, run it through the line, and show what came of it.

    The year is imported: everything is decided in its own time. A second run adds nothing.

    Example: relevo demo --leads 500 --store sqlite:///demo.db
    """
    from infra.agreements import AgreementBook
    from services.cli.looking import looking_at
    from services.cli.signing import put_in_force
    from services.line import open_line

    with open_line(store, durability="normal", told=tell) as line:
        put_in_force(line, agreement)
        newest = line.newest()
        if newest is None:
            raise Refused("another process runs the line and has not signed the agreement yet; try again")
        imported = _import_year(line, AgreementBook([newest]).newest, leads, seed, until)
    tell(_in_words(imported))
    with looking_at(store) as looking:
        _show(looking, seed)


def _import_year(
    line: "OpenLine", agreement: "Agreement", leads: int, seed: int, until: date | None
) -> "Imported":
    from services.cli.importing import import_items
    from services.demo.year import demo_year

    name = f"demo-{leads}-{seed}-"
    line.decide()  # a run that was killed may have said its import's beginning and left it undecided
    end = _end(until) if until else _known_end(line, name) or _now()
    import_id = name + end.strftime("%Y-%m-%dT%H:%MZ")
    items = demo_year(agreement, seed=seed, until=end, lead_count=leads, import_id=import_id)
    return import_items(line, items, import_id, None)


def _end(until: date) -> datetime:
    end = datetime.combine(until, time(), UTC)
    if end > _now():
        raise Refused(f"--until {until}: the year ends in the past, today at the latest")
    return end


def _known_end(line: "OpenLine", name: str) -> datetime | None:
    """Return when the year of an earlier run ended, so that the same command is the same year."""
    from infra.store.reading.standing import imports_of

    with line.database.reading() as connection:
        known = [one.import_id for one in imports_of(connection) if one.import_id.startswith(name)]
    if not known:
        return None
    return datetime.strptime(known[-1].removeprefix(name), "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def _now() -> datetime:
    from infra.time_source import system_time

    now = system_time()
    return now - timedelta(seconds=now.second, microseconds=now.microsecond)


def _in_words(done: "Imported") -> str:
    from services.cli.heads import everybody
    from services.cli.imports import dead_in_words

    leads = f"In the store now: {everybody(done.leads)}"
    if not done.read or not done.admitted_count:
        return f"Nothing was added: the store has this year already. {leads}."
    dead = f"; {dead_in_words(done)} (relevo dead)" if done.dead_count else ""
    return (
        f"{counted(done.fact_count, 'fact')} said: {done.admitted_count:,} new, "
        f"{done.known_count:,} known already (tools repeat themselves){dead}. {leads}."
    )


def _show(looking: "Looking", seed: int) -> None:
    from infra.store.reading.leads import stalled
    from services.cli.leads import draw_stalled
    from services.cli.scoreboard import draw_scoreboard

    draw_scoreboard(looking.connection, looking.agreement)
    screen().print("")
    draw_stalled(looking, stalled(looking.connection), MOST_STALLED, "Stalled right now")
    _tell_story(looking, seed)


def _tell_story(looking: "Looking", seed: int) -> None:
    from services.cli.lead import find_lead
    from services.cli.lead_drawing import draw_lead
    from services.cli.lead_page import lead_page
    from services.demo.story import story_lead_external_id

    known_as = f"crm:{story_lead_external_id(seed)}"
    try:
        lead = find_lead(looking.connection, looking.agreement, known_as)
    except Refused:
        return  # another seed's year: its story is not in this store
    screen().print("\nOne lead's story\n", style="bold")
    page = lead_page(looking.connection, looking.agreement, lead, history=True)
    draw_lead(page, looking.agreement)
    tell(f"More of it: relevo lead {known_as} --why --clocks")
