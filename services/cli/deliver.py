"""``relevo deliver`` and ``relevo deliveries``: what is concluded, said to systems outside."""

import os
import signal
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import FoundWrong, Refused
from services.cli.options import Json, Limit, Store
from services.cli.terminal import screen, table, tell, write_json, write_line

if TYPE_CHECKING:
    from infra.store.database import Database
    from services.outbound.courier import Courier

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show what was delivered and what waits; send it again."
)

ConfigFile = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FILE", show_default=False, help="Where conclusions go: destinations.yaml."
    ),
]
Destination = Annotated[str, typer.Argument(metavar="DESTINATION", help="Its name in destinations.yaml.")]


def deliver(
    *,
    config: ConfigFile = Path("destinations.yaml"),
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
    store: Store = "",
    json: Json = False,
) -> None:
    """Say conclusions to the systems that destinations.yaml names, each as it asks for them.

    A new destination begins with what is concluded from now on. Stop it when you like: what may not have
    arrived is sent again, under the same id.

    Example: relevo deliver --config destinations.yaml
    """
    from infra.store.opening import open_store

    stop = threading.Event()

    def wind_up(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    with ExitStack() as opened:
        database = opened.enter_context(open_store(store, create=False))
        couriers = _couriers(config, database, opened)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, wind_up)
        if once:
            _once(couriers, stop)
        else:
            tell(f"Delivering to {', '.join(couriers)}. Stop it with Ctrl-C.")
            _run(list(couriers.values()), stop)
    counts = {name: {"sent": one.tally.sent, "dead": one.tally.dead} for name, one in couriers.items()}
    if json:
        write_json({"destination": name, **one} for name, one in counts.items())
    else:
        write_line(
            ", ".join(
                f"{name}: {one['sent']:,} sent, {one['dead']:,} given up" for name, one in counts.items()
            )
        )


def _couriers(config: Path, database: "Database", opened: ExitStack) -> "dict[str, Courier]":
    from secrets import token_hex

    from services.outbound.courier import Courier
    from services.outbound.destinations import load_destinations
    from services.outbound.posting import Poster

    found: dict[str, Courier] = {}
    holder = token_hex(8)
    for form, route in load_destinations(config, os.environ):
        seconds = form.timeout.total_seconds()
        poster = opened.enter_context(Poster(private=form.private, timeout_seconds=seconds))
        found[route.name] = Courier(route, database, poster.post, holder=holder, tell=tell)
    if not found:
        raise Refused(f"{config} names no destination; docs/outbound.md has an example")
    return found


def _once(couriers: "dict[str, Courier]", stop: threading.Event) -> None:
    from infra.store.deliveries import HeldElsewhere

    for courier in couriers.values():
        try:
            while courier.deliver(stop) and not stop.is_set():
                continue
        except HeldElsewhere as error:
            raise FoundWrong(str(error)) from error
        courier.close()


def _run(couriers: "list[Courier]", stop: threading.Event) -> None:
    """Run each in a thread of its own, so that a slow one holds up none; a bug in one ends them all."""
    with ThreadPoolExecutor(max_workers=len(couriers), thread_name_prefix="deliver") as threads:
        running = [threads.submit(one.run, stop) for one in couriers]
        wait(running, return_when=FIRST_EXCEPTION)
        stop.set()
    for one in running:
        one.result()


@app.command("list")
def list_deliveries(
    *,
    destination: Annotated[
        str | None, typer.Option("--destination", metavar="NAME", help="Only to this one.")
    ] = None,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="waiting, sent, dead or nowhere.")
    ] = None,
    limit: Limit = 50,
    store: Store = "",
    json: Json = False,
) -> None:
    """List what was sent, what waits and what was given up, the newest first.

    Example: relevo deliveries list --status dead
    """
    from dataclasses import asdict

    from infra.store.deliveries import deliveries_like, disabled_destinations
    from services.cli.looking import looking_at

    if status not in (None, "waiting", "sent", "dead", "nowhere"):
        raise Refused(f"--status {status}: write waiting, sent, dead or nowhere")
    with looking_at(store) as looking:
        found = deliveries_like(looking.connection, name=destination, status=status, limit=limit)
        disabled, wall = disabled_destinations(looking.connection), looking.wall
    if json:
        write_json(asdict(one) for one in found)
        return
    heads = ("to", "number", "what", "lead", "status", "tries", "when", "answer")
    drawn = table(wall.over("Deliveries"), *heads, right=("number", "tries"), whole=("when",))
    for one in found:
        at = wall(one.settled_at or one.next_at)
        shown = (str(one.number), one.kind, one.lead_id, one.status, str(one.attempts), at, one.answer or "")
        drawn.add_row(one.destination, *shown)
    if found:
        screen().print(drawn)
    else:
        tell("Nothing of the kind was delivered or waits.")
    for name, because in disabled.items():
        tell(f"{name} is disabled ({because}); relevo deliveries resume {name} when it is mended")


@app.command()
def resend(
    destination: Destination,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number in relevo deliveries list.")],
    *,
    store: Store = "",
    json: Json = False,
) -> None:
    """Have a message sent again, whatever became of it; its id stays the same.

    Example: relevo deliveries resend warehouse 1204
    """
    from infra.store.deliveries import send_again
    from infra.store.opening import open_store
    from infra.time_source import system_time

    with open_store(store, create=False) as database, database.writing() as connection:
        if not send_again(connection, destination, number, system_time()):
            raise Refused(
                f"{destination} has no message {number}; relevo deliveries list shows those there are"
            )
    if json:
        write_json({"destination": destination, "number": number, "status": "waiting"})
    else:
        tell(f"Message {number} is sent to {destination} again.")


@app.command()
def resume(destination: Destination, *, store: Store = "", json: Json = False) -> None:
    """Deliver again to a destination that was disabled because it answered 410.

    Example: relevo deliveries resume warehouse
    """
    from infra.store.deliveries import resume as deliver_again
    from infra.store.opening import open_store

    with open_store(store, create=False) as database, database.writing() as connection:
        if not deliver_again(connection, destination):
            raise Refused(f"nothing was ever delivered to {destination}; look at its name")
    if json:
        write_json({"destination": destination, "disabled": False})
    else:
        tell(f"{destination} is delivered to again, within ten seconds.")
