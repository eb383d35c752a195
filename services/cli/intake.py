"""``relevo intake``: the front door, what it has taken, and reading it again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import AgreementFile, Json, Since, Store, whole
from services.cli.replay_told import replay_told, write_replay
from services.cli.terminal import counted, tell, write_json, write_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.line import OpenLine
    from services.trial import Effect

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

ConfigFile = Annotated[
    Path,
    typer.Option("--config", metavar="FILE", show_default=False, help="Which tools may send: sources.yaml."),
]


@app.callback()
def intake(
    context: typer.Context,
    *,
    config: ConfigFile = Path("sources.yaml"),
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="NUMBER", parser=whole(0, 65535), help="The port; 0: a free one.")
    ] = 8080,
    store: Store = "",
    agreement: AgreementFile = None,
) -> None:
    """Take what tools send: each request is authenticated, kept as it came, and acknowledged once it is safe.

    Run relevo up beside it, so that what comes in is decided; on a store that workers on Kafka fill, facts go
    to leads.facts. Stop it with Ctrl-C or SIGTERM.

    Example: relevo intake --config sources.yaml --port 8080
    """
    if context.invoked_subcommand is not None:
        return
    import os

    from services.cli.signing import put_in_force
    from services.intake.edge.server import build, serve
    from services.intake.onward import prefix_in
    from services.intake.registry import kinds, vendors
    from services.intake.sources import load_sources
    from services.line import open_line

    sources = load_sources(config, kinds(), os.environ).calling
    with open_line(store, told=tell) as line:
        prefix = prefix_in(line.database)
        if prefix is None:
            put_in_force(line, agreement)  # on Kafka it is the sequencer's to sign
    house = build(store, sources, vendors(), prefix=prefix)
    names = ", ".join(sources.by_name) or "no source yet; keys open /v1/facts"

    def ready(url: str) -> None:
        tell(f"The front door is open at {url} ({names}). Stop it with Ctrl-C.")

    serve(house, host, port, ready)
    counts = house.desk.counts
    done = f"{counted(counts.kept_count, 'request')}, {counted(counts.made_count, 'fact')}"
    tell(f"Stopped after {done}.")


@app.command()
def count(*, store: Store = "", json: Json = False) -> None:
    """Count what has come in: distinct facts by source and id, and dead letters.

    What has been taken and not been read yet, because the gateway was killed, is read first.

    Example: relevo intake count --json
    """
    from infra.store.opening import open_store
    from infra.store.originals import count_taken
    from services.intake.settling import settle

    with open_store(store, create=False) as database:
        settle(database)
        with database.reading() as connection:
            facts, dead = count_taken(connection)
    if json:
        write_json({"facts": facts, "dead": dead})
    else:
        write_line(f"{facts:,} facts, {dead:,} dead letters.")


@app.command()
def replay(
    *,
    source: Annotated[str, typer.Option("--source", metavar="NAME", help="Whose requests.")],
    since: Since = None,
    config: ConfigFile = Path("sources.yaml"),
    apply: Annotated[bool, typer.Option("--apply", help="Say what is new, after showing it.")] = False,
    store: Store = "",
    json: Json = False,
) -> None:
    """Read requests again with the mapping of today, and show what would change before it is changed.

    Facts that come out for the first time are tried on a copy of the store, if it is a file of SQLite. A fact
    that was said before keeps its place; what it tells otherwise of its person now is said again, as of then.
    With --apply the new ones are said.

    Example: relevo intake replay --source crm --since 2026-03-01
    """
    import os
    from datetime import UTC, datetime

    from services.cli.failures import Refused
    from services.intake.registry import kinds
    from services.intake.replaying import apply as say_it
    from services.intake.replaying import replay as read_again
    from services.intake.settling import settle
    from services.intake.sources import load_sources
    from services.line import open_line

    found = load_sources(config, kinds(), os.environ).by_name.get(source)
    if found is None:
        raise Refused(f"--source {source}: {config} has no source of this name")
    begin = (
        datetime(since.year, since.month, since.day, tzinfo=UTC)
        if since
        else datetime.min.replace(tzinfo=UTC)
    )
    with open_line(store, told=tell) as line:
        settle(line.database)
        outcome = read_again(line.database, found, begin)
        effect = _effect(line, outcome.values)
        said = say_it(line.database, outcome, found) if apply else None
        if said:
            line.host.forward()
            line.decide(patience_seconds=3.0)
    told = replay_told(outcome, effect, said)
    if json:
        write_json(told)
    else:
        write_replay(told)


def _effect(line: "OpenLine", values: "Sequence[bytes]") -> "Effect | None":
    """Return what facts would change; None where that cannot be tried."""
    from infra.store.copying import can_be_copied
    from services.trial import effect_of

    if not can_be_copied(line.database):
        return None
    return effect_of(line.database, lambda copy: copy.host.append(values))
