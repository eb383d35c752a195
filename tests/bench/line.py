"""The whole line with the whole read model, on one SQLite file in one process.

Facts of the demo's year, each with the instant at which the line would have heard of it, lie in the log
before the clock starts; what is measured is deciding them. Late facts, repeats, dirty ones and timers are in
there as in the year. Durability is the product's: ``synchronous=FULL``, a commit a batch of 1,000 facts.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import insert

import services.sequencer
from infra.embedded.host import EmbeddedHost
from infra.store.database import Database
from infra.store.opening import open_store
from infra.store.reading.leads import LeadFilter, lead_by_id, leads_like
from infra.store.tables.hosts import records
from infra.wire import write_fact
from schemas.facts import AgreementSigned, Captured, Fact, FactData, FactEvent, Subject
from services.agreement.loader import default, example
from services.cli.lead_page import lead_page
from services.demo.year import arrivals
from services.pipeline import WORKERS

Said = tuple[datetime, bytes]

UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
SIGNED_AT = UNTIL - timedelta(days=400)
FACTS_A_LEAD = 11.4
"""What a lead of the demo's year comes to."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to."""

    fact_count: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def control(fact: Fact) -> bytes:
    """Return the bytes of a fact about the line itself."""
    return write_fact(
        FactEvent(id=fact.kind, source="bench", type=f"relevo.lead.{fact.kind}", data=FactData(fact=fact))
    )


def year(fact_count: int) -> Iterator[Said]:
    """Yield about so many facts of the demo's year, as the log would have had them."""
    lead_count = max(20, round(fact_count / FACTS_A_LEAD))
    for at, item in arrivals(default(), seed=7, until=UNTIL, lead_count=lead_count):
        yield at, item if isinstance(item, bytes) else write_fact(item)


@contextmanager
def filled(values: Iterable[Said], file: Path) -> Iterator[tuple[Database, EmbeddedHost, int]]:
    """Give a store whose log holds the default agreement and these records, none of them decided."""
    signing = (SIGNED_AT, control(AgreementSigned(document=example())))
    said = chain([signing], values)
    count = 0
    with open_store(f"sqlite:///{file}") as database:
        while some := list(islice(said, 10_000)):
            with database.writing() as connection:
                connection.execute(
                    insert(records), [{"received_at": at, "value": value} for at, value in some]
                )
            count += len(some)
        yield database, EmbeddedHost(database, WORKERS, services.sequencer, lambda: UNTIL), count


def decide(host: EmbeddedHost, fact_count: int) -> Run:
    """Decide all that is in the log."""
    begun, cpu_begun = time.perf_counter(), time.process_time()
    host.drain()
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
    return Run(fact_count, seconds, cpu_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def bench_line(fact_count: int) -> None:
    """Print the rate of the line, the peak of memory, and how long a lead's page takes in that store."""
    with tempfile.TemporaryDirectory() as folder, filled(year(fact_count), Path(folder) / "b.db") as there:
        database, host, count = there
        run = decide(host, count)
        a_second, a_cpu_second = run.fact_count / run.seconds, run.fact_count / run.cpu_seconds
        print(
            f"line: {run.fact_count:,} facts in {run.seconds:.1f} s ({run.cpu_seconds:.1f} s CPU):"
            f" {a_second:,.0f} facts/s, {a_cpu_second:,.0f} a CPU second;"
            f" peak {run.peak_megabytes:.0f} MB"
        )
        bench_page(database)


def bench_page(database: Database, page_count: int = 50) -> None:
    """Print how long it takes to read what a lead's page shows."""
    with database.reading() as connection:
        lead_ids = [lead.lead_id for lead in leads_like(connection, LeadFilter(), limit=page_count)]
    agreement, took = default(), []
    for lead_id in lead_ids:
        begun = time.perf_counter()
        with database.reading() as connection:
            lead = lead_by_id(connection, lead_id)
            if lead is not None:
                lead_page(connection, agreement, lead, why=True, clocks=True, history=True)
        took.append(time.perf_counter() - begun)
    took.sort()
    print(f"page of a lead: median {took[len(took) // 2] * 1000:.1f} ms, longest {took[-1] * 1000:.1f} ms")


def bench_timers(timer_count: int) -> None:
    """Print how long it takes to fire timers of as many leads that fall due together."""
    with tempfile.TemporaryDirectory() as folder, due_together(timer_count, Path(folder) / "b.db") as host:
        run = decide(host, timer_count)
        print(f"timers: {timer_count:,} falling due together fire in {run.seconds:.1f} s")


@contextmanager
def due_together(timer_count: int, file: Path) -> Iterator[EmbeddedHost]:
    """Give a line of so many leads that have been decided, each of which has a timer that is due by now."""
    captured_at = UNTIL - timedelta(days=390)
    leads = ((captured_at, write_fact(_captured(number, captured_at))) for number in range(timer_count))
    with filled(leads, file) as (database, host, _):
        EmbeddedHost(database, WORKERS, services.sequencer, lambda: captured_at).drain()
        yield host


def _captured(number: int, at: datetime) -> FactEvent:
    return FactEvent(
        id=str(number),
        source="bench",
        type="relevo.lead.captured",
        time=at,
        data=FactData(subject=Subject(external_ids={"bench": str(number)}), fact=Captured(origin="bench")),
    )


def bench_olist(folder: Path) -> None:
    """Print how long the real leads take from two CSV files to a decided store."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "services.cli", "import", "olist", str(folder)]
        store = ["--store", f"sqlite:///{place}/olist.db", "--agreement", "examples/olist/agreement.yaml"]
        begun = time.perf_counter()
        subprocess.run([*command, *store], check=True, capture_output=True)
        print(f"olist: {time.perf_counter() - begun:.1f} s from the files to the numbers, start-up included")
