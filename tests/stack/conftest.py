"""The stack, up once for all tests of this folder, and away again afterwards with its data."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.stack.compose import Stack, new_stack


class NoEngine(Exception):
    """There is no Docker engine, or no compose plugin: the stack cannot be tested here."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack, healthy."""
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoEngine(
                f"{' '.join(command)} fails: start Docker, with its compose plugin, to test the stack"
            ) from error
    stack = new_stack()
    try:
        stack.compose("build")
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "5", "--remove-orphans")
