"""One worker as a Faust application.

Faust owns the group's membership, rebalancing, the consumer and the process's life; what a partition's
records come to is for ``infra.kafka.post`` and whoever works there. Nothing of Faust's web server, tables,
leader or reply topics is used, and none of it is started; nothing is unpickled.
"""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faust
from faust.types.auth import SASLMechanism
from yarl import URL

from infra.kafka import transport
from infra.kafka.cluster import Cluster
from infra.kafka.crew import Crew
from infra.kafka.tray import RECORDS_A_BATCH
from infra.kafka.watchdog import done_within

SESSION_SECONDS, HEARTBEAT_SECONDS = 10, 3
"""A process that dies is missed after the first; Faust's own default is a minute."""

COMMIT_EVERY_SECONDS = 5
"""How often the group's offsets are committed; they are for displays."""

METADATA_SECONDS = 10
"""How old what is known of topics may be: who joins while a broker comes back is told of no partition, and
stands by until it looks again (five minutes later, if it were for the client)."""

DRAIN_SECONDS = 9
"""How long stopping may take; a supervisor's patience is ten."""

LOOK_SECONDS = 0.1


class App(faust.App):  # type: ignore[misc]
    """A Faust application that has a crew."""

    def __init__(self, crew: Crew, hears: str, *arguments: Any, **options: Any) -> None:
        self.crew = crew
        self.hears = hears
        self.rebalanced = False
        super().__init__(*arguments, **options)

    def _create_directories(self) -> None:
        """Make none: they are for tables, and there are none."""


def application(cluster: Cluster, worker: str, hears: str, crew: Crew) -> App:
    """Return the Faust application of a worker.

    Args:
        cluster: The brokers.
        worker: Its name, which is also the group's.
        hears: The topic that it reads, as it is named on the brokers.
        crew: Who works the partitions.
    """
    transport.register()
    app = App(
        crew,
        hears,
        cluster.group(worker),
        broker=[URL(f"{transport.SCHEME}://{server}") for server in cluster.servers],
        broker_credentials=_credentials(cluster),
        broker_client_id=f"relevo-{worker}",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_rebalance_timeout=30,
        broker_commit_interval=COMMIT_EVERY_SECONDS,
        broker_max_poll_records=RECORDS_A_BATCH,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=METADATA_SECONDS * 1000,
        consumer_max_fetch_size=4 * 1024 * 1024,
        processing_guarantee="at_least_once",
        stream_wait_empty=True,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        reply_create_topic=False,
        web_enabled=False,
        autodiscover=False,
        datadir=Path(),
        key_serializer="raw",
        value_serializer="raw",
    )
    _listen(app)
    return app


def _listen(app: App) -> None:
    """Hand what is read to the crew, and let it know when a rebalance is over."""
    topic = app.topic(app.hears, internal=False, acks=False, value_serializer="raw", key_serializer="raw")

    async def work(stream: Any) -> None:
        async for event in stream.events():
            app.crew.take(event.value)

    app.agent(topic, name=app.crew.worker)(work)

    async def settled(*_: Any, **__: Any) -> None:
        app.rebalanced = bool(app.consumer.assignment())
        if not app.rebalanced:  # it stands by, and Faust seeks nothing
            await app.crew.seat(())

    app.on_rebalance_complete.connect(settled, weak=False)


def _credentials(cluster: Cluster) -> Any:
    context = cluster.tls()
    if cluster.logs_in:
        mechanism = SASLMechanism(cluster.mechanism)
        return faust.SASLCredentials(
            username=cluster.user, password=cluster.password, mechanism=mechanism, ssl_context=context
        )
    return None if context is None else faust.SSLCredentials(context)


async def run(app: App, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
    """Run a worker until ``stopping`` is set, or until something stops it.

    Args:
        app: From ``application``.
        stopping: Set by whoever wants it to stop; signals do.
        ready: Called once, when the worker has taken care of its first assignment.

    Raises:
        Exception: What stopped it.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    starting = asyncio.create_task(_start(app, ready))
    ended = asyncio.create_task(stopping.wait())
    crashed = asyncio.create_task(app.wait_until_stopped())
    try:
        await asyncio.wait([ended, crashed, starting], return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and starting.exception() is None:
            await asyncio.wait([ended, crashed], return_when=asyncio.FIRST_COMPLETED)
    finally:
        crew = app.crew
        crew.unseat()
        await _stop(app)
        for task in (starting, ended, crashed):
            task.cancel()
    if (failure := crew.failure or app.crash_reason or _error_of(starting)) is not None:
        raise failure


async def _start(app: App, ready: Callable[[], None]) -> None:
    await app.start()
    while not app.crew.ready:
        await asyncio.sleep(LOOK_SECONDS)
    ready()


async def _stop(app: App) -> None:
    """Stop within ten seconds: what is not done by then is done by whoever takes the partitions over."""
    # Faust's services swallow a cancellation while they stop, so that asyncio's own timeouts wait for ever.
    with done_within(DRAIN_SECONDS, "stopping"):
        await app.stop()


def _error_of(task: "asyncio.Task[None]") -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None
