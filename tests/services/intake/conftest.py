"""A gateway to talk to: the real command in a process of its own, over a store of the test's own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.services.cli.conftest import relevo as relevo  # noqa: PLC0414 - a fixture of theirs

ROOT = Path(__file__).parents[3]

SECRETS = {
    "CRM_KEY": "key-of-the-crm",
    "WEB_KEY": "write-key",
    "BILLS_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "BILLS_OLDER": "whsec_" + "b2xkZXIgc2VjcmV0IG9mIHRoZSBiaWxscw==",
    "EVENTS_KEY": "key-of-the-events",
}
CRM = {"Authorization": "Bearer key-of-the-crm"}
EVENTS = {"Authorization": "Bearer key-of-the-events"}

SOURCES: dict[str, Any] = {
    "sources": [
        {"name": "crm", "kind": "generic", "secret_env": ["CRM_KEY"]},
        {"name": "web", "kind": "segment", "secret_env": ["WEB_KEY"]},
        {"name": "bills", "kind": "standard_webhooks", "secret_env": ["BILLS_SECRET", "BILLS_OLDER"]},
        {"name": "events", "kind": "cloudevents", "secret_env": ["EVENTS_KEY"]},
    ]
}


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process of ours, without settings of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RELEVO_", "COV_"))}
    return {**kept, **SECRETS, "PYTHONPATH": str(ROOT), **more}


@dataclass
class Running:
    """A gateway in a process of its own."""

    folder: Path
    arguments: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes requests."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "intake", "--port", "0", *self.arguments],
            cwd=self.folder,
            env=environment(**self.settings),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        said = next(line for line in self.process.stderr if "The front door is open at" in line)
        self.url = said.split()[6]

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    @property
    def file(self) -> Path:
        """Its store's file."""
        return self.folder / "relevo.db"

    def kill(self) -> None:
        """Kill it as the kernel does when memory runs out."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def stop(self) -> str:
        """Stop it in an orderly way, and return what it said."""
        assert self.process.stderr is not None
        if self.process.stderr.closed:
            return ""
        if self.process.poll() is None:
            self.process.terminate()
        _, said = self.process.communicate(timeout=60)
        return said

    def relevo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same store."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            cwd=self.folder,
            env=environment(**self.settings),
            capture_output=True,
            text=True,
            check=False,
        )

    def counted(self) -> dict[str, int]:
        """Return what ``relevo intake count`` says."""
        done = self.relevo("intake", "count", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, int] = json.loads(done.stdout)
        return found

    def connected(self) -> "closing[socket.socket]":
        """Return a plain connection to it."""
        return closing(socket.create_connection(self.address, timeout=20))


Gateways = Callable[..., Running]


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[Gateways]:
    """Return a function that starts a gateway with what a ``sources.yaml`` says."""
    started: list[Running] = []

    def start(document: dict[str, Any] | None = None, *arguments: str) -> Running:
        (tmp_path / "sources.yaml").write_text(json.dumps(document or SOURCES))
        started.append(Running(tmp_path, arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for tests that look at answers only."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "sources.yaml").write_text(json.dumps(SOURCES))
    running = Running(folder)
    yield running
    running.stop()


@pytest.fixture
def client(shared: Running) -> Iterator[httpx.Client]:
    """A client of the shared gateway, whose paths are relative."""
    with httpx.Client(base_url=shared.url, timeout=20) as made:
        yield made
