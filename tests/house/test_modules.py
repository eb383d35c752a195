"""What every module keeps to: sizes, a docstring and a name that says something.

The limits are those of ``docs/house-style.md``. A function is measured from ``def`` to its last line,
docstring included, because that is what a reader scrolls through.
"""

import ast

from tests.house.tree import FOLDERS, functions, modules, parse, read

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
NAMES_THAT_SAY_NOTHING = {"utils", "common", "types", "helpers", "manager", "base"}


def test_the_tree_is_read_at_all() -> None:
    assert {path.parts[0] for path in modules()} == set(FOLDERS)


def test_no_file_is_over_400_lines() -> None:
    long = {
        str(path): lines for path in modules() if (lines := read(path).count("\n")) > MOST_LINES_OF_A_FILE
    }
    assert long == {}


def test_no_function_is_over_50_lines() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": lines
        for path in modules()
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [str(path) for path in modules() if not ast.get_docstring(parse(path))]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [str(path) for path in modules() if NAMES_THAT_SAY_NOTHING & {*path.parent.parts, path.stem}]
    assert vague == []
