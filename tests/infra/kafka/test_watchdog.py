"""The watchdog: it barks at what hangs, and at nothing else."""

import subprocess
import sys

import pytest

from infra.kafka.watchdog import HUNG, PATIENCE_SECONDS, Sighting, Watchdog
from tests import waiting
from tests.infra.kafka.lines import ROOT

LATE = PATIENCE_SECONDS + 1.0


class Seen:
    """What there is to see, as a test says."""

    def __init__(self) -> None:
        self.partition = Sighting("scoring/0", has_work=True, stirred_at=0.0)
        self.away = False

    def watchdog(self) -> Watchdog:
        return Watchdog(lambda: [self.partition], excuse=lambda: self.away)


def looked(watchdog: Watchdog, until: float) -> str | None:
    """Look once a second, as the thread does, up to an instant; return the first thing that hangs."""
    for second in range(int(until) + 1):
        if (stalled := watchdog.stalled(float(second))) is not None:
            return stalled
    return None


def ended_as_hung(code: str) -> str:
    """Run a process that is to be ended as one that hangs; return what it wrote."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=waiting.PATIENCE_SECONDS,
    )
    assert ran.returncode == HUNG
    return ran.stderr


def test_a_partition_that_has_work_and_gets_nowhere_is_named() -> None:
    assert looked(Seen().watchdog(), PATIENCE_SECONDS) is None
    assert looked(Seen().watchdog(), LATE) == "scoring/0 has had work for 31 s and gets nowhere"


def test_one_that_gets_somewhere_is_left_alone() -> None:
    seen = Seen()
    watchdog = seen.watchdog()
    assert looked(watchdog, PATIENCE_SECONDS) is None
    seen.partition = Sighting("scoring/0", has_work=True, stirred_at=PATIENCE_SECONDS)
    assert watchdog.stalled(LATE) is None


def test_one_without_work_is_left_alone_and_begins_anew_when_it_gets_some() -> None:
    seen = Seen()
    seen.partition = Sighting("scoring/0", has_work=False, stirred_at=0.0)
    watchdog = seen.watchdog()
    assert looked(watchdog, 100) is None
    seen.partition = Sighting("scoring/0", has_work=True, stirred_at=0.0)
    assert [watchdog.stalled(100.0 + second) for second in range(PATIENCE_SECONDS)] == [
        None
    ] * PATIENCE_SECONDS
    assert watchdog.stalled(100.0 + LATE) is not None


def test_a_process_that_was_frozen_begins_anew() -> None:
    watchdog = Seen().watchdog()
    assert watchdog.stalled(1.0) is None
    assert watchdog.stalled(500.0) is None
    assert watchdog.stalled(501.0) is None


def test_while_no_broker_answers_nobody_can_get_anywhere() -> None:
    seen = Seen()
    seen.away = True
    watchdog = seen.watchdog()
    assert looked(watchdog, 3 * PATIENCE_SECONDS) is None
    seen.away = False
    assert watchdog.stalled(5.0 * PATIENCE_SECONDS) is None  # it had not looked for long: frozen


def test_it_barks_once_and_looks_no_more() -> None:
    barked: list[str] = []
    watchdog = Watchdog(lambda: [Sighting("x/0", True, -LATE)], bark=barked.append, patience_seconds=0.5)
    watchdog.start()
    watchdog._thread.join(waiting.PATIENCE_SECONDS)
    assert len(barked) == 1


@pytest.mark.slow
def test_a_process_that_hangs_ends_with_the_stacks_of_its_threads() -> None:
    code = (
        "from infra.kafka.watchdog import Sighting, Watchdog; import threading\n"
        "dog = Watchdog(lambda: [Sighting('scoring/0', True, -99.0)], patience_seconds=0.5)\n"
        "dog.start()\n"
        "threading.Event().wait(600)\n"
    )
    last_words = ended_as_hung(code)
    assert "scoring/0 has had work for" in last_words
    assert 'File "<string>", line 4 in <module>' in last_words


@pytest.mark.slow
def test_a_process_that_does_not_come_to_the_end_of_stopping_ends_with_its_stacks() -> None:
    # What stops here swallows every cancellation, as Faust's services do.
    code = (
        "import asyncio\n"
        "from infra.kafka import host\n"
        "class App:\n"
        "    async def stop(self):\n"
        "        while True:\n"
        "            try:\n"
        "                await asyncio.sleep(60)\n"
        "            except asyncio.CancelledError:\n"
        "                pass\n"
        "host.DRAIN_SECONDS = 0.5\n"
        "asyncio.run(host._stop(App()))\n"
    )
    last_words = ended_as_hung(code)
    assert "stopping took longer than 0.5 s" in last_words
    assert 'File "<string>", line 11 in <module>' in last_words
