"""``docker compose`` on the stack, in words: one project of the tests' own, on ports that nobody has.

Nothing of a stack that runs beside is touched, but the image is the same: it is built anew from the tree.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.house.tree import ROOT
from tests.servers.ports import free_port

WORKERS = ("sequencer", "scoring", "lifecycle", "metrics", "alerts", "totals")
UP_SECONDS = 300
"""How long the stack may take to be healthy, on a slow machine."""


class ComposeFailed(Exception):
    """A command of Docker's ended with an error; the message holds what it said."""


@dataclass(frozen=True)
class Stack:
    """One running copy of the stack."""

    project: str
    environment: dict[str, str]

    def compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command on the project.

        Raises:
            ComposeFailed: It ended with an error, and ``check``.
        """
        command = ["docker", "compose", "--profile", "demo", "-p", self.project, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise ComposeFailed(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done

    def up(self, *arguments: str) -> None:
        """Bring everything up that a user gets without a profile; return when it is healthy."""
        wait = ("--wait", "--wait-timeout", str(UP_SECONDS))
        services = ("prometheus", "alertmanager", "intake", *WORKERS)
        self.compose("up", "--detach", *wait, *arguments, *services)

    def relevo(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a verb in a container of its own."""
        return self.compose("run", "--rm", "--no-deps", "-T", "demo", *arguments, check=check)

    def begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Begin a verb in a container of its own; return at once."""
        command = ["docker", "compose", "--profile", "demo", "-p", self.project]
        return subprocess.Popen(
            [*command, "run", "--rm", "--no-deps", "-T", "demo", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def front_door(self) -> str:
        """Where tools send to."""
        return f"http://127.0.0.1:{self.environment['INTAKE_PORT']}"

    def kill(self, service: str) -> None:
        """Kill a service's containers without a word, and start them again as the engine would."""
        self.compose("kill", "--signal", "KILL", service)
        self.compose("start", service)

    def states(self) -> dict[str, str]:
        """Return how every container is, by its name without the project's."""
        shown = self.compose("ps", "--all", "--format", "json").stdout
        rows: list[dict[str, Any]] = [json.loads(line) for line in shown.splitlines()]
        return {row["Name"].removeprefix(f"{self.project}-"): row["Health"] or row["State"] for row in rows}

    def verified(self) -> dict[str, Any]:
        """Return what ``relevo verify`` finds."""
        report: dict[str, Any] = json.loads(self.relevo("verify", "--json", check=False).stdout)
        return report

    def query(self, expression: str) -> str:
        """Return what Prometheus answers."""
        asked = ("exec", "-T", "prometheus", "promtool", "query", "instant", "http://localhost:9090")
        return self.compose(*asked, expression).stdout


def new_stack() -> Stack:
    """Return a stack that does not run yet."""
    ports = {
        name: str(free_port())
        for name in ("INTAKE_PORT", "KAFKA_PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT")
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
    return Stack(f"relevo-test-{os.getpid()}", ours | ports)
