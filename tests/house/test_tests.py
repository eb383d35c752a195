"""What every test keeps to: it asserts, it runs, it waits for nothing and it fakes none of our code.

A test asserts when it holds an ``assert``, expects an error, or hands over to something whose name says that
it asserts (``expect…``, ``assert_…``) or that asserts itself in the same module. Hypothesis state machines
are asserted by their invariants and carry no ``test_`` name of their own.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.tree import FunctionNode, dotted, functions, modules, modules_of_tests, nodes

EXPECTING = ("assert", "expect", "raises", "warns", "run_state_machine_as_test")
NEVER_IN_A_TEST = ("skip", "skipif", "xfail", "importorskip", "sleep")


@cache
def calls(node: FunctionNode) -> frozenset[str]:
    """Return the last names of what a function calls; an ``assert`` is a call of that name."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Assert):
            found.add("assert")
        elif isinstance(part, ast.Call):
            found.add(dotted(part.func).rpartition(".")[2])
    return frozenset(found)


@cache
def asserting_functions(path: Path) -> frozenset[str]:
    """Return the functions of a module that assert, by themselves or through one another."""
    found: frozenset[str] = frozenset()
    while True:
        wider = frozenset(node.name for node in functions(path) if asserts(node, found))
        if wider == found:
            return found
        found = wider


def asserts(node: FunctionNode, asserting: frozenset[str]) -> bool:
    """Tell whether a function asserts, given the names of its module's functions that do."""
    return any(name in asserting or name.startswith(EXPECTING) for name in calls(node))


def forbidden_uses(path: Path) -> Iterator[str]:
    """Yield each place of a module that skips, expects failure, or sleeps."""
    for node in nodes(path):
        if isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node)
            if name.startswith(("pytest.", "time.", "asyncio.")) and name.endswith(NEVER_IN_A_TEST):
                yield f"{path}:{node.lineno} {name}"


def test_every_test_asserts() -> None:
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules_of_tests()
        for node in functions(path)
        if node.name.startswith("test_") and node.name not in asserting_functions(path)
    ]
    assert silent == []


def test_no_test_skips_or_sleeps() -> None:
    # A benchmark waits for the server that it measures, by the real clock.
    tests = [path for path in modules() if path.parts[0] == "tests" and path.parts[1] != "bench"]
    uses = [use for path in tests for use in forbidden_uses(path)]
    assert uses == []


def test_every_folder_of_tests_is_a_package() -> None:
    bare = {str(path.parent) for path in modules() if path.with_name("__init__.py") not in modules()}
    assert {folder for folder in bare if "migrations" not in folder} == set()  # those are Alembic's
