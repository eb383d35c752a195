"""The simulated line on PostgreSQL: several processes, each with its partitions, in one database.

The worlds and the steps are those of SQLite (``test_simulation``, ``test_commit_steps``). What comes of it is
compared with what SQLite came to when nothing went wrong.
"""

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import services.sequencer
from infra.embedded.line import Line
from infra.embedded.lock import LineBusy, line_lock
from infra.patience import patiently
from infra.store.address import Address, read_address
from infra.store.errors import StoreBusy
from schemas.vocabulary import WorkerName
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.servers.postgresql import Server
from tests.simulation.faults import Crash, Faults, FragileDatabase
from tests.simulation.test_commit_steps import SCENARIO, STEPS, DyingOnce, work
from tests.simulation.world import CALM, Mishaps, World
from tests.stores import Clock, Picture, append, end_of, in_time, picture, undisturbed, unlike

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    """Return the picture of a store that nothing ever happened to."""
    with in_time(tmp_path_factory.mktemp("calm") / "calm.db", SCENARIO) as database:
        return picture(database)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_goes_wrong_the_store_comes_to_what_the_facts_say(
    seed: int, postgresql: Server, tmp_path: Path
) -> None:
    said = history(Random(seed), Plan(facts=16))
    with in_time(tmp_path / "calm.db", said) as calm, postgresql.store() as wild:
        world = World(wild, said, Random(seed), Mishaps(usurper=0.1))
        world.run()
        assert world.crashes
        assert verify(wild, WORKERS).differences == []
        assert unlike(picture(calm), picture(wild)) == {}


@pytest.mark.parametrize("worker", WorkerName)
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_each_step_of_each_workers_commit_changes_nothing(
    step: str, worker: WorkerName, calm: Picture, postgresql: Server
) -> None:
    faults = DyingOnce(STEPS[step])
    with postgresql.store() as dying:
        world = World(dying, SCENARIO, Random(1), CALM, partitions=1, faults=faults)
        world.show_all()
        for seat in world.seats:
            if seat.name.startswith(worker):
                work(seat, faults)
            else:
                faults.lives = 0
                seat.sit_down(Random(0), CALM)
                seat.take(10_000)
        silent = worker is WorkerName.METRICS and ("outbox" in step or "publishes" in step)
        assert faults.deaths or silent
        assert verify(dying, WORKERS).differences == []
        assert unlike(calm, picture(dying)) == {}


@pytest.mark.parametrize("moment", range(0, 100, 19))
def test_the_line_of_one_machine_goes_on_from_a_crash_at_any_statement(
    moment: int, postgresql: Server, tmp_path: Path
) -> None:
    faults = Faults()
    with undisturbed(tmp_path / "calm.db", SCENARIO, batch=4) as calm, postgresql.store() as database:
        append(database, SCENARIO)
        fragile, clock = FragileDatabase.over(database, faults), Clock(end_of(SCENARIO))
        faults.arm(moment)
        with pytest.raises(Crash):
            Line(fragile, WORKERS, services.sequencer, clock, batch=4).drain()
        Line(database, WORKERS, services.sequencer, clock, batch=4).drain()
        assert verify(database, WORKERS).agrees
        assert unlike(picture(calm), picture(database)) == {}


RUNNER = """
import sys
from datetime import datetime
import services.sequencer
from infra.embedded.host import EmbeddedHost
from infra.store.opening import open_store
from services.pipeline import WORKERS
from tests.stores import Clock

def count(what: str, done: int) -> None:
    print(what, done, flush=True)

with open_store(sys.argv[1]) as database:
    clock = Clock(datetime.fromisoformat(sys.argv[2]))
    EmbeddedHost(database, WORKERS, services.sequencer, clock).drain(count)
"""


def kill_after(batches: int, store: str, now: str) -> int:
    """Start a process that runs the line and kill it while it works; return how it ended."""
    command = [sys.executable, "-c", RUNNER, store, now]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(batches):
            process.stdout.readline()
        process.kill()
        return process.wait()


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_the_line_to_the_next(postgresql: Server, tmp_path: Path) -> None:
    said = history(Random(7), Plan(leads=5, facts=60, erasures=False))
    now = end_of(said)
    with undisturbed(tmp_path / "calm.db", said) as calm, postgresql.store() as database:
        append(database, said)
        store = postgresql.address(str(database.address.url.database))
        assert [kill_after(batches, store, now.isoformat()) for batches in (1, 2)] == [-signal.SIGKILL] * 2
        patiently(lambda: free(read_address(store)))
        Line(database, WORKERS, services.sequencer, Clock(now)).drain()
        assert verify(database, WORKERS).agrees
        assert unlike(picture(calm), picture(database)) == {}


def free(address: Address) -> None:
    """Wait until the server has noticed that who ran the line is gone."""
    try:
        with line_lock(address):
            return
    except LineBusy as error:
        raise StoreBusy(str(error)) from error
