"""The repository as the house tests see it: its Python modules, its tracked texts, its functions.

Paths are relative to the repository root, so that a failing test prints something that can be opened.
Generated files are nobody's prose and stand outside the sizes; everything else that a person wrote counts.
No rule of the house belongs here: the tests beside this file hold those.
"""

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ("schemas", "infra", "services")
FOLDERS = (*SOURCE, "tests")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> tuple[Path, ...]:
    """Return every module of ours, generated ones left out, in a fixed order."""
    found = (path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if "generated" not in path.parts))


def modules_of_tests() -> tuple[Path, ...]:
    """Return the modules that pytest collects."""
    return tuple(path for path in modules() if path.parts[0] == "tests" and path.name.startswith("test_"))


def read(path: Path) -> str:
    """Return the text of a file given relative to the root."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a module given relative to the root."""
    return ast.parse(read(path), filename=str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module's syntax tree."""
    return tuple(ast.walk(parse(path)))


@cache
def functions(path: Path) -> tuple[FunctionNode, ...]:
    """Return every function and method of a module, nested ones too."""
    return tuple(node for node in _statements(parse(path)) if isinstance(node, FunctionNode))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands below a node, without the expressions: no function is defined in one."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        for child in getattr(node, block, ()):
            yield child
            yield from _statements(child)


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for an attribute chain or a name, and an empty string for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Call(func=func):
            return dotted(func)
        case _:
            return ""


def tracked_texts() -> Iterator[tuple[Path, str]]:
    """Yield each tracked file that is text, with its text; binary files and removed ones are left out."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in os.fsdecode(listing.stdout).split("\0"):
        path = Path(name)
        if not name or not (ROOT / path).is_file():
            continue
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")
