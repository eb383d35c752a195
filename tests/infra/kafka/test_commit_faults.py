"""A process that is killed at each numbered step of the commit, and others that go on, change nothing.

The steps are those of ``infra.commit.Holding.commit``; each is a process of its own that dies there, and the
next one takes over from it. What they come to is what a line comes to that nothing ever happened to.
"""

import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from infra.kafka.cluster import Cluster
from tests.histories import Plan, history
from tests.infra.kafka.fragile import AFTER_PUBLISH, MID_PUBLISH
from tests.infra.kafka.lines import NAMES, Line
from tests.infra.kafka.test_line import expect_what_the_embedded_line_says
from tests.servers.postgresql import Server

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

Steps = Mapping[str, tuple[str, int]]
"""What a moment begins with, and how many of them the process survives."""

FACTS_A_STEP = 30
STEPS: Steps = {
    "1, before the position moves on": ("UPDATE positions", 2),
    "2, before a state is written": ("INSERT INTO states", 0),
    "3, before the outbox row": ("INSERT INTO outbox", 1),
    "3, before the last outbox row is deleted": ("DELETE FROM outbox", 1),
    "before the COMMIT": ("before COMMIT", 2),
    "after the COMMIT, before anything is published": ("after COMMIT", 2),
    "while it takes over, behind what the outbox held": (AFTER_PUBLISH, 0),
    "4, while it publishes": (MID_PUBLISH, 0),
    "5, behind the publishing, before its row is deleted": (AFTER_PUBLISH, 1),
    "while it takes over, before the partition is its own": ("UPDATE positions", 0),
}
COUNTING: Steps = {
    "1, before the position moves on": ("UPDATE positions", 2),
    "2, before a state is written": ("INSERT INTO states", 0),
    "2, before anything is counted": ("INSERT INTO metrics", 0),
    "before the COMMIT": ("before COMMIT", 2),
    "after the COMMIT": ("after COMMIT", 2),
}
"""Of the worker that publishes nothing, and adds to numbers: what is done twice is seen at once."""


def die_at_each(line: Line, victim: str, steps: Steps) -> None:
    """Let one process after the other die, each at a step, while facts come; then let others go on."""
    said = [one.value for one in history(Random(9), Plan(facts=FACTS_A_STEP * len(steps), leads=10))]
    upstream = NAMES[: NAMES.index(victim)] if steps is COUNTING else ("sequencer", "scoring")
    line.run(*(name for name in upstream if name != victim))
    with replace(line, module="tests.infra.kafka.fragile", processes=[]) as fragile:
        for place, (step, survives) in enumerate(steps.values()):
            line.say(said[FACTS_A_STEP * place : FACTS_A_STEP * (place + 1)])
            environment = {"FRAGILE_STEP": step, "FRAGILE_AFTER": str(survives)}
            (process,) = fragile.start(victim, environment=environment)
            assert process.end() == -signal.SIGKILL, (step, process.said()[-1000:])
    line.stop()
    line.run(*NAMES)
    line.settle()


def test_the_sequencer_may_die_at_each_numbered_step(line: Line, tmp_path: Path) -> None:
    die_at_each(line, "sequencer", STEPS)
    expect_what_the_embedded_line_says(line, tmp_path)


@pytest.mark.postgres
@pytest.mark.parametrize(("victim", "steps"), [("lifecycle", STEPS), ("metrics", COUNTING)])
def test_a_worker_behind_it_may_die_at_each_numbered_step(
    cluster: Cluster, postgresql: Server, tmp_path: Path, victim: str, steps: Steps
) -> None:
    with (
        postgresql.database() as name,
        Line(cluster, postgresql.address(name), tmp_path) as line,
    ):
        line.make_topics()
        die_at_each(line, victim, steps)
        expect_what_the_embedded_line_says(line, tmp_path)
