"""A command line to talk to, and a small demo year to ask about, made once.

Commands run in the test's own process, through ``run``, in a folder of the test's own. What needs a process
of its own (standard input as bytes, a running line) starts one.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import run

YEAR = ("--leads", "60", "--seed", "7", "--until", "2026-03-01")


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its data."""
        return json.loads(self.out)


Relevo = Callable[..., Ran]


@pytest.fixture
def relevo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Relevo:
    """Return a function that runs a command in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RELEVO_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)  # processes that share the tests are told of a terminal

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return ran


@pytest.fixture
def in_a_process(tmp_path: Path) -> Relevo:
    """Return a function that runs a command as a process of its own, with bytes on its standard input."""

    def ran(*arguments: str, given: bytes = b"") -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            input=given,
            capture_output=True,
            cwd=tmp_path,
            env={**clean_environment(), "PYTHONPATH": str(Path(__file__).parents[3])},
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return ran


def clean_environment() -> dict[str, str]:
    """Return the environment without our settings and without coverage's hooks into other processes."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("RELEVO_", "COV_"))}


@pytest.fixture(scope="session")
def told_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the store of a small demo year; it is only read."""
    file = tmp_path_factory.mktemp("year") / "relevo.db"
    assert run(["demo", *YEAR, "--store", f"sqlite:///{file}"]) == 0
    return file


@pytest.fixture
def year(relevo: Relevo, told_year: Path, tmp_path: Path) -> Relevo:
    """Return a function that runs a command in a folder that holds a copy of the small demo year."""
    shutil.copy(told_year, tmp_path / "relevo.db")
    return relevo
