"""A process that is killed at each numbered step of the commit, and others that go on, change nothing.

The steps are those of ``infra.commit.Holding.commit``; each is a process of its own that dies there.
"""

import signal
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.histories import Plan, history
from tests.infra.kafka.fragile import AFTER_PUBLISH, MID_PUBLISH
from tests.infra.kafka.lines import NAMES, Line
from tests.infra.kafka.test_line import expect_what_the_embedded_line_says

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

STEPS = {
    "1, before the position moves on": ("UPDATE positions", 2),
    "2, before a state is written": ("INSERT INTO states", 0),
    "3, before the outbox row": ("INSERT INTO outbox", 1),
    "3, before the last outbox row is deleted": ("DELETE FROM outbox", 1),
    "before the COMMIT": ("before COMMIT", 2),
    "after the COMMIT, before anything is published": ("after COMMIT", 2),
    "4, while it publishes": (MID_PUBLISH, 0),
    "5, behind the publishing": (AFTER_PUBLISH, 1),
    "while it takes over": ("UPDATE positions", 0),
}
"""What a moment begins with, and how many of them the process survives."""


@pytest.mark.parametrize("victim", ["sequencer", "lifecycle"])
def test_a_crash_at_each_numbered_step_changes_nothing(line: Line, victim: str, tmp_path: Path) -> None:
    said = [one.value for one in history(Random(9), Plan(facts=30 * len(STEPS), leads=10))]
    others = [name for name in ("sequencer", "scoring") if name != victim]
    line.run(*others)
    fragile = replace(line, module="tests.infra.kafka.fragile", processes=[])
    with fragile:
        for place, (step, survives) in enumerate(STEPS.values()):
            line.say(said[30 * place : 30 * (place + 1)])
            environment = {"FRAGILE_STEP": step, "FRAGILE_AFTER": str(survives)}
            (process,) = fragile.start(victim, environment=environment)
            assert process.end() == -signal.SIGKILL, (step, process.said()[-1000:])
    line.stop()
    line.run(*NAMES)
    line.settle()
    expect_what_the_embedded_line_says(line, tmp_path)
