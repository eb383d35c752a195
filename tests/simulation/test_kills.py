"""Real processes that are killed with SIGKILL while they run the line, and one that goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import services.sequencer
from infra.embedded.line import Line
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.stores import Clock, append, end_of, new_store, picture, undisturbed, unlike

KILLS = 5

RUNNER = """
import sys
from datetime import datetime
from pathlib import Path
import services.sequencer
from infra.embedded.line import Line
from services.pipeline import WORKERS
from tests.stores import Clock, new_store

def count(what: str, done: int) -> None:
    print(what, done, flush=True)

with new_store(Path(sys.argv[1])) as database:
    clock = Clock(datetime.fromisoformat(sys.argv[2]))
    Line(database, WORKERS, services.sequencer, clock, batch=3, progress=count).drain()
"""


def kill_after(batches: int, file: Path, now: str) -> int:
    """Start a process that runs the line and kill it while it works; return how it ended."""
    command = [sys.executable, "-c", RUNNER, str(file), now]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(batches):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        return process.wait()


@pytest.mark.slow
def test_a_line_that_is_killed_again_and_again_comes_to_what_the_facts_say(tmp_path: Path) -> None:
    rng = Random(7)
    said = history(rng, Plan(leads=5, facts=60, erasures=False))
    file = tmp_path / "killed.db"
    with new_store(file) as database:
        append(database, said)
    ends = [kill_after(rng.randint(1, 4), file, end_of(said).isoformat()) for _ in range(KILLS)]
    assert ends == [-signal.SIGKILL] * KILLS
    with (
        undisturbed(tmp_path / "calm.db", said, batch=3) as calm,
        new_store(file) as killed,
    ):
        Line(killed, WORKERS, services.sequencer, Clock(end_of(said)), batch=3).drain()
        assert verify(killed, WORKERS).agrees
        assert unlike(picture(calm), picture(killed)) == {}
