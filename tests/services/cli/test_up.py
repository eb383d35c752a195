"""``relevo up``: one process runs the line; what others append meanwhile is decided by it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded.lock import line_lock
from infra.store.address import read_address
from tests.services.cli.conftest import Relevo, clean_environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A line that runs in a process of its own, on the store of the test's folder."""
    with subprocess.Popen(
        [sys.executable, "-m", "services.cli", "up"],
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "Signed the b2b agreement" in process.stderr.readline()
        assert process.stderr.readline() == "The line runs on sqlite:///relevo.db. Stop it with Ctrl-C.\n"
        yield process
        if process.poll() is None:
            process.terminate()


def test_what_others_say_is_decided_by_the_running_line(
    relevo: Relevo, running: subprocess.Popen[str]
) -> None:
    ran = relevo("say", "captured", "--email", "ana@example.com", "--json")
    assert (ran.code, ran.json["decided"], ran.json["stage"]) == (0, True, "lead")
    assert relevo("verify").code == 0
    assert running.poll() is None


def test_a_second_line_on_the_same_store_is_refused(relevo: Relevo, running: subprocess.Popen[str]) -> None:
    ran = relevo("up")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"is run by another process (relevo up, process {running.pid})" in ran.err
    assert "leave the line to it, or stop it first" in ran.err


def test_who_signs_says_for_whom_it_waits(tmp_path: Path) -> None:
    environment = {**clean_environment(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "services.cli", "up"]
    with (
        line_lock(read_address(f"sqlite:///{tmp_path / 'relevo.db'}")),
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
        ) as waiting,
    ):
        assert waiting.stderr is not None
        waits_for = f"Waiting for relevo, process {os.getpid()}, which has the line until it is done.\n"
        assert waiting.stderr.readline() == waits_for
        waiting.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_told_to(running: subprocess.Popen[str], number: signal.Signals) -> None:
    running.send_signal(number)
    assert running.wait(timeout=60) == 0
    assert running.stderr is not None
    assert running.stderr.read().startswith("Stopped after ")


def test_an_import_waits_until_the_running_line_has_caught_up(
    relevo: Relevo, running: subprocess.Popen[str]
) -> None:
    ran = relevo("demo", "--leads", "20")
    assert ran.code == 0
    assert len(relevo("leads", "--json").json) > 15
    assert running.poll() is None
