"""``relevo pull``: fetch what tools do not send."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import FoundWrong, Refused
from services.cli.options import AgreementFile, Json, Store
from services.cli.terminal import counted, tell, write_json, write_line

if TYPE_CHECKING:
    from services.intake.pulling.puller import Look
    from services.intake.sources import Source
    from services.line import OpenLine


def pull(
    *,
    config: Annotated[
        Path,
        typer.Option("--config", metavar="FILE", show_default=False, help="What to fetch: sources.yaml."),
    ] = Path("sources.yaml"),
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look at each source once, and end.")] = False,
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Fetch tables and files that sources.yaml names with a pull, each as often as it says.

    What was read is never read into the line twice: run it as often as you like, stop it when you like. Run
    relevo up beside it, so that what comes in is decided.

    Example: relevo pull --config sources.yaml --once
    """
    from services.cli.options import settings
    from services.cli.signing import put_in_force
    from services.intake.letting_go import letting_go
    from services.intake.onward import onward, prefix_in
    from services.intake.pulling.opening import open_origin
    from services.intake.pulling.puller import Puller, run_all
    from services.intake.pulling.puller import once as look_once
    from services.line import open_line

    stop = _stop()
    fetched = _fetched(config, source or [])
    with open_line(store) as line:
        prefix = prefix_in(line.database)
        if prefix is None:
            put_in_force(line, agreement)  # on Kafka it is the sequencer's to sign
        pullers = {one.name: Puller(one, line.database, open_origin, tell=tell) for one in fetched}
        if once:
            looked = look_once(pullers, stop)
            line.host.forward()
            if prefix is None:
                _tell_waiting(line)
            _show(*looked, json=json)
            return
        names = ", ".join(pullers)
        tell(f"Fetching {names}. Stop it with Ctrl-C.")
        with onward(store, prefix), letting_go(store, settings().keep_requests):
            run_all(list(pullers.values()), stop)
        tell("Stopped.")


def _tell_waiting(line: "OpenLine") -> None:
    """Say that what was fetched is not decided by that: a list of leads would lack it without a word."""
    from infra.store.journal_memory import undecided

    with line.database.reading() as connection:
        waiting = undecided(connection)
    if waiting:
        wait = "waits" if waiting == 1 else "wait"
        tell(f"{counted(waiting, 'fact')} {wait} to be decided; relevo up does that.")


def _stop() -> threading.Event:
    stop = threading.Event()

    def wind_up(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, wind_up)
    return stop


def _fetched(config: Path, names: list[str]) -> "list[Source]":
    import os

    from services.intake.registry import kinds
    from services.intake.sources import load_sources

    fetched = {one.name: one for one in load_sources(config, kinds(), os.environ).fetched}
    for name in names:
        if name not in fetched:
            raise Refused(f"--source {name}: {config} has no source of this name with a pull")
    if not fetched:
        raise Refused(f"{config} names nothing to fetch; docs/integrations/sql.md has an example")
    return [one for name, one in fetched.items() if not names or name in names]


def _show(looks: "dict[str, Look]", wrong: dict[str, str], *, json: bool) -> None:
    from services.intake.pulling.puller import told

    if json:
        write_json(
            {"source": name, "new": one.new_count, "read": one.read_count, "files": one.file_count}
            for name, one in looks.items()
        )
    else:
        for name, one in looks.items():
            write_line(f"{name}: {told(one)}")
    for name, sentence in wrong.items():
        tell(f"{name}: {sentence}")
    if wrong:
        raise FoundWrong(f"{len(wrong)} of {len(looks) + len(wrong)} sources could not be read")
