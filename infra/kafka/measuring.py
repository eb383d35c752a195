"""What a worker shows of itself to Prometheus, and to whoever asks whether it is ready.

Counters are added to as commits are made; gauges are read when somebody looks: where each partition stands
from the crew, alarms and clocks from the store. All of it is served on one address, ``/metrics``, and on the
same one ``/ready`` answers 200 when every partition of this process is at work, and else 503 and why not.
Meant for loopback or a closed network: there is no password.
"""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from infra.decision import Decision, JournalDecision
from infra.kafka.crew import Crew
from infra.kafka.errors import AddressTaken
from infra.store.database import Database
from infra.store.errors import StoreError
from infra.store.reading.alarms import Alarms, alarms_of
from schemas.vocabulary import WorkerName

BATCH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds; a batch of a thousand entries takes tenths of one."""

LOOK_AT_STORE_SECONDS = 10
"""How old what the store says may be: whoever scrapes often need not read it as often."""

STOP_SECONDS = 0.05
"""How often the window looks whether it is to close: a worker that ends waits for that."""


class Measures:
    """One worker's counters; each commit is told to it by the partition's thread."""

    def __init__(self, worker: WorkerName) -> None:
        self.worker = worker
        disable_created_metrics()  # type: ignore[no-untyped-call] # a second series of each
        self.registry = CollectorRegistry()
        self.batch_seconds = Histogram(
            "relevo_batch_seconds",
            "How long a batch took, from the fetch to its commit and publishing.",
            ["worker"],
            registry=self.registry,
            buckets=BATCH_BUCKETS,
        ).labels(worker)
        self.facts = self._counter("relevo_facts", "Facts that got their place in the journal.")
        self.entries = self._counter("relevo_entries", "Entries said to the next worker.")
        self.conclusions = self._counter("relevo_conclusions", "Conclusions said, restated or withdrawn.")
        self.dead = self._counter("relevo_dead_letters", "Records that could not be taken.")

    def _counter(self, name: str, sentence: str) -> Counter:
        return Counter(name, sentence, ["worker"], registry=self.registry).labels(self.worker)

    def told(self, decision: Decision) -> None:
        """Take note of a commit of a worker of the line."""
        self.entries.inc(len(decision.outgoing))
        self.conclusions.inc(len(decision.timeline))

    def told_by_journal(self, decision: JournalDecision) -> None:
        """Take note of a commit of the sequencer."""
        self.facts.inc(len(decision.facts))
        self.entries.inc(len(decision.outgoing))
        self.dead.inc(len(decision.dead))


class Gauges:
    """What is looked up when somebody asks: a collector, as prometheus-client calls it."""

    def __init__(self, crew: Crew, database: Database, worker: WorkerName) -> None:
        self._crew = crew
        self._database = database
        self._worker = worker
        self._alarms: tuple[float, Alarms] | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each gauge."""
        yield self._gauge(
            "relevo_ready", "1 when every partition of this process is at work.", self._crew.ready
        )
        yield from self._of_partitions()
        alarms = self._looked_up()
        if alarms is not None:
            yield from self._of_store(alarms)

    def _of_partitions(self) -> Iterator[GaugeMetricFamily]:
        now, posts = time.monotonic(), list(self._crew.posts.values())
        for name, sentence, value in (
            ("relevo_lag_records", "Records in the log that are not decided.", self._crew.lag),
            ("relevo_stirred_seconds", "Since it last got anywhere.", lambda post: now - post.stirred_at),
            ("relevo_batches_waiting", "Batches fetched and not done.", lambda post: len(post.outstanding)),
            (
                "relevo_waiting",
                "1 while it waits for the store or a broker.",
                lambda post: post.waits_for is not None,
            ),
            ("relevo_fences", "How often another process had taken it over.", lambda post: post.fences),
        ):
            family = GaugeMetricFamily(name, sentence, labels=["worker", "partition"])
            for post in posts:
                family.add_metric([self._worker, str(post.number)], float(value(post)))
            yield family

    def _of_store(self, alarms: Alarms) -> Iterator[GaugeMetricFamily]:
        yield self._gauge("relevo_timers", "Timers that are armed.", alarms.armed_count)
        if alarms.oldest_due_at is not None:
            sentence = "When the oldest armed timer is due, in seconds since 1970."
            yield self._gauge(
                "relevo_timer_due_timestamp_seconds", sentence, alarms.oldest_due_at.timestamp()
            )
        if alarms.open_clock_count is not None:
            yield self._gauge(
                "relevo_open_clocks", "SLA clocks that run or are paused.", alarms.open_clock_count
            )

    def _gauge(self, name: str, sentence: str, value: float) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, sentence, labels=["worker"])
        family.add_metric([self._worker], float(value))
        return family

    def _looked_up(self) -> Alarms | None:
        """Ask the store, unless it was asked a moment ago; None while it does not serve."""
        now = time.monotonic()
        if self._alarms is None or now - self._alarms[0] > LOOK_AT_STORE_SECONDS:
            try:
                with self._database.reading() as connection:
                    self._alarms = now, alarms_of(connection, self._worker)
            except StoreError:
                return None
        return self._alarms[1]


class Readiness(Protocol):
    """Who knows whether a process is at work."""

    @property
    def hindrance(self) -> str | None:
        """Why not everything that is this process's is at work; None if it is."""


class Window:
    """Where metrics and readiness are shown."""

    def __init__(self, address: str, registry: CollectorRegistry, crew: Readiness) -> None:
        host, _, port = address.rpartition(":")

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                elif self.path == "/ready":
                    why_not = crew.hindrance
                    code, words = (200, "ready") if why_not is None else (503, why_not)
                    self._answer(code, f"{words}\n".encode(), "text/plain; charset=utf-8")
                else:
                    self._answer(404, b"look at /metrics or /ready\n", "text/plain")

            def _answer(self, code: int, body: bytes, kind: str) -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: it is asked every few seconds."""

        try:
            self._server = ThreadingHTTPServer((host.strip("[]"), int(port)), Handler)
        except (OSError, ValueError) as error:
            raise AddressTaken(
                f"metrics cannot be shown at {address} ({error}); name another address with --metrics"
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOP_SECONDS,), name="window", daemon=True
        )

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
