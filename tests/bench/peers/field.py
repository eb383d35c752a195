"""Who takes part, and with which commands; and what each of them needs before it starts."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.decision import JournalDecision, SignedAgreement
from infra.store.opening import open_store
from infra.store.writing import write_journal
from schemas.agreement import document_digest
from services.agreement.loader import default, example
from tests.bench.peers.job import ALOS, BEGIN, EOS, EVENTS, FAUST, QUIX, SCORED, Plan
from tests.bench.peers.running import Peer, Surroundings
from tests.servers.postgresql import Server

HERE = Path(__file__).parent
TOOLS = HERE.parents[2] / ".tooling" / "peers"
"""Where ``make bench-peers`` has put Quix Streams and Kafka Streams."""

FAUST_EVENTS = 20_000
STREAM_THREADS = 2
"""As many as the machine has cores."""


def peers(plan: Plan, around: Surroundings, server: Server) -> Iterator[Peer]:
    """Yield each peer in turn; its store is made when it is asked for."""
    module = [sys.executable, "-m", "tests.bench.peers.faust_idiom"]
    faust = [*module, around.bootstrap, EVENTS, FAUST]
    few = min(plan.events, FAUST_EVENTS)
    yield Peer("Faust's idiom", "at-least-once", [faust], FAUST, few)
    yield Peer("Quix Streams", "at-least-once", [_quix(around)], QUIX, plan.events)
    streams = _streams(around, ALOS, "at_least_once")
    yield Peer("Kafka Streams", "at-least-once", [streams], ALOS, plan.events)
    streams = _streams(around, EOS, "exactly_once_v2")
    yield Peer("Kafka Streams, exactly-once v2", "exactly-once", [streams], EOS, plan.events)
    for name, count in (("SQLite", 1), ("SQLite", 2), ("PostgreSQL", 1), ("PostgreSQL", 2)):
        with server.database() as database:
            file = around.folder / f"relevo-{count}.db"
            store = f"sqlite:///{file}" if name == "SQLite" else server.address(database)
            sign(store)
            commands = [_relevo(around, store)] * count
            called = f"Relevo on {name}, {count} process{'es' if count > 1 else ''}"
            yield Peer(called, "exactly-once state", commands, SCORED, plan.events)


def sign(store: str) -> None:
    """Make a store, and put the default agreement in force before the first event."""
    document = example()
    signed = SignedAgreement(0, default().version, document_digest(document), BEGIN, document)
    with open_store(store) as database, database.writing() as connection:
        write_journal(connection, JournalDecision(0, 0, None, signed=[signed]))


def _quix(around: Surroundings) -> Sequence[str]:
    python = TOOLS / "quix" / "bin" / "python"
    return [str(python), str(HERE / "quix.py"), around.bootstrap, EVENTS, QUIX, f"{around.folder}/q"]


def _streams(around: Surroundings, scored: str, guarantee: str) -> Sequence[str]:
    classes = f"{TOOLS}/streams/classes:{TOOLS}/streams/dependency/*"
    program = ["java", "-Xmx1g", "-cp", classes, "ScorePerLead"]
    folder = f"{around.folder}/{guarantee}"
    return [*program, around.bootstrap, EVENTS, scored, folder, guarantee, str(STREAM_THREADS)]


def _relevo(around: Surroundings, store: str) -> Sequence[str]:
    return [sys.executable, "-m", "tests.bench.peers.relevo_host", around.bootstrap, store]
