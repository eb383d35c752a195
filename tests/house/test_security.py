"""The security page names tests that exist; a defence without one would be a promise."""

import re
from pathlib import Path

from tests.house.tree import ROOT, functions

NAMED = re.compile(r"`((?:[a-z_]+/)*test_[a-z_]+\.py)(?:::(test_\w+))?`")
PAGE = ROOT / "docs" / "security.md"


def _rows() -> list[str]:
    verified = PAGE.read_text(encoding="utf-8").partition("## What is verified")[2].partition("\n## ")[0]
    return [line for line in verified.splitlines() if re.match(r"\| \d", line)]


def test_every_test_that_the_page_names_exists() -> None:
    named = NAMED.findall("\n".join(_rows()))
    there = {path: {node.name for node in functions(Path("tests", path))} for path, _ in named}
    missing = [f"{path}::{name}" for path, name in named if name and name not in there[path]]
    assert missing == []


def test_every_defence_has_its_test() -> None:
    rows = _rows()
    assert len(rows) > 30
    assert [row for row in rows if not NAMED.search(row)] == []


def test_requirements_stand_in_order_and_once() -> None:
    firsts = [re.findall(r"\d+(?:\.\d+){2}", row.split("|")[1]) for row in _rows()]
    numbers = [tuple(map(int, number.split("."))) for row in firsts for number in row]
    assert len(numbers) == len(set(numbers))
    heads = [tuple(map(int, row[0].split("."))) for row in firsts]
    assert heads == sorted(heads)
