"""What a worker shows of itself: what it committed, where its partitions stand, whether it is ready."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.decision import Decision, JournalDecision
from infra.kafka.crew import NOT_TOLD, Crew
from infra.kafka.errors import AddressTaken, LogHasNoTime
from infra.kafka.measuring import Gauges, Measures, Window
from schemas.vocabulary import WorkerName
from tests.histories import START
from tests.infra.kafka.test_post import Ledger
from tests.stores import new_store


class Consumer:
    """A consumer that holds seven records which nobody has fetched."""

    async def read_from(self, number: int, offset: int) -> None:
        """Read on, from anywhere."""

    def unread(self, number: int) -> int:
        """Return seven."""
        return 7


@dataclass
class Shown:
    """A worker with two partitions, and the window in which it shows itself."""

    crew: Crew
    measures: Measures
    window: Window

    def get(self, path: str) -> tuple[int, str]:
        """Ask; return the code and what was answered."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.window.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self) -> dict[str, float]:
        """Return every metric by name and labels."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    measures = Measures(WorkerName.LIFECYCLE)
    crew = Crew("lifecycle", Ledger, lambda: None, measures.batch_seconds.observe)
    crew.reading = Consumer()
    with new_store(tmp_path / "relevo.db") as database:
        measures.registry.register(Gauges(crew, database, WorkerName.LIFECYCLE))
        window = Window("127.0.0.1:0", measures.registry, crew)
        window.open()
        yield Shown(crew, measures, window)
        window.close()
    asyncio.run(crew.seat(()))


def test_it_is_ready_when_every_partition_is_at_work_and_else_says_why_not(shown: Shown) -> None:
    assert shown.get("/ready") == (503, f"{NOT_TOLD}\n")
    asyncio.run(shown.crew.seat((0, 1)))
    assert shown.get("/ready") == (200, "ready\n")
    for post in shown.crew.posts.values():
        post.unseat()
    shown.crew.posts[1].waits_for = "the server's disk is full"
    assert shown.get("/ready") == (
        503,
        "lifecycle/0: is being taken over\nlifecycle/1: the server's disk is full\n",
    )
    shown.crew.fail(LogHasNoTime("leads.facts"))
    code, why_not = shown.get("/ready")
    assert (code, why_not.startswith("it stops: leads.facts")) == (503, True)


def test_each_partition_shows_how_far_behind_it_is(shown: Shown) -> None:
    asyncio.run(shown.crew.seat((0, 1)))
    shown.crew.posts[0].outstanding = {5}
    found = shown.metrics()
    assert found['relevo_lag_records{partition="0",worker="lifecycle"}'] == 12
    assert found['relevo_lag_records{partition="1",worker="lifecycle"}'] == 7
    assert found['relevo_batches_waiting{partition="0",worker="lifecycle"}'] == 1
    assert found['relevo_fences{partition="1",worker="lifecycle"}'] == 0
    assert found['relevo_waiting{partition="1",worker="lifecycle"}'] == 0


def test_commits_are_counted(shown: Shown) -> None:
    shown.measures.told(Decision())
    shown.measures.told_by_journal(JournalDecision(1, 1, START))
    found = shown.metrics()
    names = ("facts", "entries", "conclusions", "dead_letters")
    assert [found[f'relevo_{name}_total{{worker="lifecycle"}}'] for name in names] == [0, 0, 0, 0]


def test_the_store_is_asked_for_timers_and_clocks(shown: Shown) -> None:
    found = shown.metrics()
    assert found['relevo_timers{worker="lifecycle"}'] == 0
    assert found['relevo_open_clocks{worker="lifecycle"}'] == 0


def test_any_other_page_says_where_to_look(shown: Shown) -> None:
    assert shown.get("/table") == (404, "look at /metrics or /ready\n")


def test_an_address_that_is_taken_is_refused_in_a_sentence(shown: Shown) -> None:
    with pytest.raises(AddressTaken, match="name another address with --metrics"):
        Window(f"127.0.0.1:{shown.window.port}", shown.measures.registry, shown.crew)
