"""``make bench-peers``: one broker, one run, the same job by each peer; then a table.

``make bench-peers ARGS="--events 50000"`` is a small one. Absolute figures of a shared machine say little:
look at the ratios, and at the CPU seconds. Neither broker nor PostgreSQL syncs to disk; SQLite does, as in
the product.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

import psycopg
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending
from infra.kafka.topics import administration
from tests.bench.peers import line
from tests.bench.peers.field import peers
from tests.bench.peers.job import EVENTS, OTHERS, PREFIX, Plan, records
from tests.bench.peers.running import Result, Surroundings, run
from tests.servers.kafka import JavaBroker
from tests.servers.postgresql import Server, own_server

BROKER = {"log.message.timestamp.type": "LogAppendTime", "group.initial.rebalance.delay.ms": "3000"}
"""The log's own stamps; and Kafka's default patience with a group's first members."""

AT_ONCE = 10_000
PACED_SECONDS = 30
BASE = "Relevo on PostgreSQL, 1"
"""Whose rate the others are held against."""


def main() -> None:
    """Measure what was asked for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers that were started are stopped then, too
    asked = _asked()
    plan = Plan(asked.events, asked.leads, asked.partitions)
    with tempfile.TemporaryDirectory(prefix="peers-") as place, ExitStack() as stack:
        folder = Path(place)
        broker = stack.enter_context(JavaBroker(folder / "broker", BROKER))
        server = stack.enter_context(own_server(containers=False))
        clocks = {"broker": broker.pid, "database": postmaster(server)}
        around = Surroundings(broker.address, clocks, folder)
        if asked.line:
            whole_line(around, server, asked.line)
        else:
            fill(broker.address, plan)
            show([*_each(plan, around, server, asked.only)])


def _each(plan: Plan, around: Surroundings, server: Server, only: Sequence[str]) -> Iterator[Result]:
    for peer in peers(plan, around, server):
        if not only or any(word in peer.name for word in only):
            result = run(peer, plan, around)
            print(_line(result), flush=True)
            yield result


def whole_line(around: Surroundings, server: Server, fact_count: int) -> None:
    """Measure the line, each of its workers, how old facts get at half its rate, and other partitions."""
    rate = line.together(around, server, 4, fact_count)
    line.alone(around, server, 4, fact_count)
    line.paced(around, server, 4, rate / 2, PACED_SECONDS)
    for partitions in (1, 2, 8):
        line.together(around, server, partitions, fact_count)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--line", type=int, default=0, help="facts through the whole line, instead")
    parser.add_argument("--only", nargs="*", default=[], help="peers whose name holds one of these words")
    return parser.parse_args()


def fill(bootstrap: str, plan: Plan) -> None:
    """Make Relevo's topics and those of the others, and put the events into the one that all of them read."""
    cluster = Cluster(bootstrap, PREFIX)
    with administration(cluster) as admin:
        admin.create(plan.partitions, 1)
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        client.create_topics([NewTopic(name, plan.partitions, 1) for name in OTHERS])
    publisher = Publisher(cluster, "peers")
    for some in _chunks(Sending(EVENTS, number, key.encode(), value) for key, number, value in records(plan)):
        publisher.send(some)


def _chunks(sendings: Iterator[Sending]) -> Iterator[list[Sending]]:
    while some := list(islice(sendings, AT_ONCE)):
        yield some


def postmaster(server: Server) -> int:
    """Return the process that all of PostgreSQL's are children of."""
    address = server.url.render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].split()[0])


def show(results: Sequence[Result]) -> None:
    """Print the table, as it stands in docs/performance.md."""
    base = next((one.rate for one in results if one.peer.name.startswith(BASE)), 0.0)
    print("\n| who | events/s | ratio | µs CPU an event: client, broker, database | guarantee |")
    print("|---|---|---|---|---|")
    for one in results:
        ratio = f"{one.rate / base:.2f}" if base else "–"
        cpu = ", ".join(f"{1e6 * spent / one.events:.0f}" for spent in one.cpu.values())
        print(f"| {one.peer.name} | {one.rate:,.0f} | {ratio} | {cpu} | {one.peer.guarantee} |")


def _line(one: Result) -> str:
    cpu = ", ".join(f"{name} {spent:.1f}" for name, spent in one.cpu.items())
    return (
        f"{one.peer.name}: {one.events:,} events in {one.seconds:.1f} s, {one.rate:,.0f}/s;"
        f" CPU seconds: {cpu}; {one.megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main()
