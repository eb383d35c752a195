"""A crash at each step of a commit, and then going on, comes to the same store as no crash at all.

``Holding.commit`` numbers the steps. Every worker of the line is let die at each of them in turn; and the
embedded line, whose commit is one transaction a batch, is let die at every statement of a small scenario.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

import services.sequencer
from infra.embedded.line import Line
from infra.store.positions import Fenced
from schemas.vocabulary import WorkerName
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, Said, history
from tests.simulation.faults import Crash, Faults, FragileDatabase
from tests.simulation.world import CALM, Seat, World
from tests.stores import Clock, Picture, append, end_of, in_time, new_store, picture, undisturbed, unlike

SCENARIO = history(Random(4), Plan(leads=2, facts=8, clock_jumps=False, erasures=False))

STEPS: dict[str, Callable[[str], bool]] = {
    "1, before the position moves on": lambda moment: moment.startswith("UPDATE positions"),
    "2, before a state is written": lambda moment: moment.startswith("INSERT INTO states"),
    "3, before the outbox row": lambda moment: moment.startswith("INSERT INTO outbox"),
    "3, before the last outbox row is deleted": lambda moment: moment.startswith("DELETE FROM outbox"),
    "before the COMMIT": lambda moment: moment == "before COMMIT",
    "after the COMMIT, before anything is published": lambda moment: moment == "after COMMIT",
    "4, while it publishes": lambda moment: moment == "publish",
}


class DyingOnce(Faults):
    """Lets a process die at the first moments of one kind, once each time that it is armed."""

    def __init__(self, is_step: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_step = is_step
        self.lives = 0
        self.deaths = 0

    def moment(self, name: str) -> None:
        if self.lives and self._is_step(name):
            self.lives -= 1
            self.deaths += 1
            raise Crash(name)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    """Return the picture of a store that nothing ever happened to."""
    with in_time(tmp_path_factory.mktemp("calm") / "calm.db", SCENARIO) as database:
        return picture(database)


def work(seat: Seat, faults: DyingOnce) -> None:
    """Let a seat's process do everything there is, dying at every commit once before it gets through."""
    while seat.has_work():
        faults.lives = 1
        try:
            if seat.incumbent is None:
                faults.lives = 0
                seat.sit_down(Random(0), CALM)
                faults.lives = 1
            seat.take(3)
        except Crash:
            faults.lives = 0
            seat.sit_down(Random(0), CALM)
            seat.take(3)


@pytest.mark.parametrize(
    "worker",
    [
        WorkerName.SEQUENCER,
        WorkerName.LIFECYCLE,
        pytest.param(WorkerName.SCORING, marks=pytest.mark.slow),
        pytest.param(WorkerName.METRICS, marks=pytest.mark.slow),
        pytest.param(WorkerName.ALERTS, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_each_step_of_each_workers_commit_changes_nothing(
    step: str, worker: WorkerName, calm: Picture, tmp_path: Path
) -> None:
    faults = DyingOnce(STEPS[step])
    with new_store(tmp_path / "dying.db") as dying:
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


def die_at(database_file: Path, said: list[Said], moment: int) -> str | None:
    """Run the embedded line until it dies at a moment; return where, or None if it got through."""
    with new_store(database_file) as database:
        append(database, said)
    faults = Faults()
    with new_store(database_file) as database:
        fragile = FragileDatabase.over(database, faults)
        faults.arm(moment)
        try:
            Line(fragile, WORKERS, services.sequencer, Clock(end_of(said)), batch=4).drain()
        except Crash as crash:
            return str(crash)
    return None


def resumed(database_file: Path, said: list[Said]) -> dict[str, object]:
    """Let another process go on; return the picture of the store that it comes to."""
    with new_store(database_file) as database:
        Line(database, WORKERS, services.sequencer, Clock(end_of(said)), batch=4).drain()
        assert verify(database, WORKERS).agrees
        return picture(database)


def expect_resumption(tmp_path: Path, moments: range) -> int:
    """Let the line die at each of these moments and go on; return how many of them there were."""
    with undisturbed(tmp_path / "calm.db", SCENARIO, batch=4) as calm:
        expected = picture(calm)
    died = 0
    for moment in moments:
        file = tmp_path / f"{moment}.db"
        where = die_at(file, SCENARIO, moment)
        if where is None:
            break
        died += 1
        assert unlike(expected, resumed(file, SCENARIO)) == {}, f"died at moment {moment}: {where}"
    return died


def test_the_embedded_line_goes_on_from_a_crash_at_any_29th_statement(tmp_path: Path) -> None:
    assert expect_resumption(tmp_path, range(0, 10_000, 29)) > 3


@pytest.mark.slow
def test_the_embedded_line_goes_on_from_a_crash_at_every_statement(tmp_path: Path) -> None:
    assert expect_resumption(tmp_path, range(10_000)) > 105


def test_a_line_that_was_taken_over_writes_nothing_more(tmp_path: Path) -> None:
    with new_store(tmp_path / "two.db") as database:
        clock = Clock(end_of(SCENARIO))
        old = Line(database, WORKERS, services.sequencer, clock)
        new = Line(database, WORKERS, services.sequencer, clock)
        append(database, SCENARIO)
        with pytest.raises(Fenced):
            old.drain()
        new.drain()
        assert verify(database, WORKERS).agrees
