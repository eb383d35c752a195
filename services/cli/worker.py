"""``relevo worker``: one worker of the line on Kafka, until it is stopped."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.brokers import Bootstrap, Prefix, cluster
from services.cli.failures import Refused
from services.cli.logs import log_to_standard_error
from services.cli.options import AgreementFile, Store, settings
from services.cli.terminal import tell

if TYPE_CHECKING:
    from infra.journal.ports import SequencerRule
    from infra.kafka.cluster import Cluster
    from infra.store.database import Database
    from infra.worker import Worker

_log = logging.getLogger(__name__)

FIRST_PORT = 9461
"""Where the first worker of the line shows its metrics, unless told otherwise."""


def worker(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="sequencer, scoring, lifecycle, metrics, alerts or totals.")
    ],
    *,
    store: Store = "",
    bootstrap: Bootstrap = "",
    prefix: Prefix = "",
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="HOST:PORT",
            show_default=False,
            help="Where to show metrics and readiness; default loopback, or RELEVO_METRICS.",
        ),
    ] = "",
    agreement: AgreementFile = None,
) -> None:
    """Run one worker of the line on Kafka; several of the same name share the partitions.

    The store is shared by all workers. Stop it with Ctrl-C or SIGTERM: it finishes the batch in hand within
    ten seconds. An agreement is the sequencer's to sign; totals publishes the numbers, one process at a time.

    Example: relevo worker scoring --store postgresql://relevo@db/relevo --bootstrap kafka:9092
    """
    # First of all: what is imported here takes a second, or many where the machine is busy.
    stopping = _until_stopped()
    with suppress(_Told):
        _work(name, store, cluster(bootstrap, prefix), metrics, agreement, stopping)
    tell("Stopped.")


class _Told(SystemExit):
    """Told to stop before it had begun to work.

    asyncio lets it pass, as it does KeyboardInterrupt; but after one of those that met ``exec`` (a dataclass
    being made, say) CPython ends by SIGINT, whoever caught it.
    """


def _work(
    name: str,
    store: str,
    brokers: "Cluster",
    metrics: str,
    agreement: Path | None,
    stopping: threading.Event,
) -> None:
    from infra.kafka.opening import wait_for_brokers
    from infra.kafka.shift import Shift
    from services.watch import numbers

    works, place = _works(name)
    where = metrics or settings().metrics or f"127.0.0.1:{FIRST_PORT + place}"
    log_to_standard_error()
    wait_for_brokers(brokers, stopping)
    with _opened(store, stopping) as database:
        if name == "sequencer":
            _sign(brokers, database, agreement)
        ready = partial(tell, f"Ready: {name} on {database.address}.")
        if works is None:
            _publish_totals(brokers, database, where, ready, stopping)
        else:
            watch = numbers if name == "metrics" else None  # who counts the numbers looks at them
            asyncio.run(Shift(brokers, database, works, where, ready, watch).run())


def _publish_totals(
    brokers: "Cluster",
    database: "Database",
    where: str,
    ready: Callable[[], None],
    stopping: threading.Event,
) -> None:
    from infra.kafka.totals_shift import TotalsShift
    from services.totals import look

    TotalsShift(brokers, database, look, where, ready).run(stopping)


def _works(name: str) -> "tuple[Worker | SequencerRule | None, int]":
    """Return who works, and the place in the line; None is who publishes the numbers and reads no entries."""
    import services.sequencer
    from infra.watching import PUBLISHER
    from services.pipeline import WORKERS

    line: dict[str, Worker | SequencerRule | None] = {"sequencer": services.sequencer}
    line |= {one.name.value: one for one in WORKERS} | {PUBLISHER: None}
    if name not in line:
        raise Refused(f"there is no worker {name!r}; the line has {', '.join(line)}")
    return line[name], list(line).index(name)


def _opened(store: str, stopping: threading.Event) -> "Database":
    """Open the store; while it does not serve, wait and say so."""
    from infra.patience import pauses
    from infra.store.errors import StoreUnavailable
    from infra.store.opening import open_store

    for pause in pauses(first=1):
        try:
            return open_store(store)
        except StoreUnavailable as error:
            _log.warning("Waiting: %s", error)
            stopping.wait(pause)
    raise AssertionError("pauses never end")


def _sign(brokers: "Cluster", database: "Database", agreement: Path | None) -> None:
    from services.kafka_line import sign

    signed = sign(brokers, database, agreement)
    if signed is not None:
        tell(f"Said that agreement {signed.version} is signed; it is in force from there on in the log.")


def _until_stopped() -> threading.Event:
    """Return an event that the first signal sets, for as long as nothing else listens."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        raise _Told

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping
