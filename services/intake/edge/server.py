"""The gateway as a process: everything put together, started, and stopped in an orderly way.

On SIGTERM or SIGINT it takes no more connections, answers what it has taken, writes what has been made of
it, and ends. Killed instead, it loses nothing either: what the log has is read at the next start.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from infra.embedded.front_desk import FrontDesk
from infra.store.database import Database
from infra.store.opening import open_store
from infra.time_source import TimeSource, system_time
from services.intake.edge.cors import Pages
from services.intake.edge.counting import Counts
from services.intake.edge.gateway import Gateway
from services.intake.edge.operators import Operators
from services.intake.edge.protocol import speaking
from services.intake.edge.wire_limits import WireLimits
from services.intake.edge.writer import starter
from services.intake.keys import Doors
from services.intake.sources import Limits, Source, Sources
from services.intake.vendor import NoMapping, Secrets, Vendor

GRACE_SECONDS = 8


@dataclass(frozen=True, slots=True)
class House:
    """A gateway and what it stands on, before it opens a port."""

    gateway: Gateway
    desk: FrontDesk
    wire: WireLimits
    database: Database


def build(
    store: str,
    sources: Sources,
    vendors: dict[str, Vendor],
    *,
    prefix: str | None = None,
    now: TimeSource = system_time,
) -> House:
    """Put a gateway together over a store, which is made when it is new.

    Args:
        store: The store's address.
        sources: Who may send.
        vendors: Every vendor by its kind.
        prefix: What the topics of the tenant begin with where workers on Kafka run the line; None: the store
            is the log.
        now: Where the time comes from.

    Raises:
        StoreError: The store does not serve.
    """
    database = open_store(store)
    facts_vendor = vendors["cloudevents"]
    documents = {one.mapping_digest: one.mapping_document for one in _all(sources, facts_vendor)}
    desk = FrontDesk(starter(store, documents, prefix))
    server = sources.server
    wire = WireLimits(
        server.header_bytes, server.read_seconds, server.connections_per_address, server.trusted_proxies
    )
    counts = Counts()
    operators = Operators(server, desk, counts, wire)
    doors = Doors(sources, facts_vendor, database)
    gateway = Gateway(doors, desk, operators, counts, now=now, pages=Pages(server.cors_origins))
    return House(gateway, desk, wire, database)


def _all(sources: Sources, facts_vendor: Vendor) -> tuple[Source, ...]:
    at_facts = Source("facts", facts_vendor, Secrets(), NoMapping(), None, Limits())
    return (*sources.by_name.values(), at_facts)


def serve(house: House, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Take requests until the process is told to stop.

    Args:
        house: What ``build`` has put together.
        host: The address to listen at.
        port: The port; 0 takes a free one.
        ready: Told the URL once requests are taken.

    Raises:
        OSError: The address cannot be listened at.
    """
    listening = _listen(host, port)
    shown = f"http://[{host}]" if ":" in host else f"http://{host}"
    config = uvicorn.Config(
        _nobody,
        http=speaking(house.gateway, house.wire),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=2048,
    )
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)  # it hears them itself later, and sends them on at its end
    url = f"{shown}:{listening.getsockname()[1]}"
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(house, server, listening, lambda: ready(url)))
    finally:
        house.database.close()


async def _nobody(_scope: object, _receive: object, _send: object) -> None:
    """Stand where uvicorn wants an application; connections ask the gateway themselves.

    What can be called with nothing uvicorn takes for a factory, and calls.
    """


async def _serve(
    house: House, server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]
) -> None:
    await house.desk.start()
    try:
        ready()
        await server.serve(sockets=[listening])
    finally:
        await house.desk.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return listening
