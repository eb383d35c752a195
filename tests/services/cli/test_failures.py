"""What goes wrong, as a sentence and an exit code."""

from importlib import import_module

import pytest

from infra.agreement_file import Problem
from infra.store.errors import StoreBusy
from infra.yaml_document import DocumentInvalid
from services.cli.failures import (
    _FOR_PEOPLE,
    _SHOWN_WHOLE,
    BAD_USAGE,
    WRONG,
    FoundWrong,
    Refused,
    sentence_for,
)


@pytest.mark.parametrize("name", sorted(_FOR_PEOPLE | _SHOWN_WHOLE))
def test_every_error_that_is_for_people_is_there(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


def test_a_refusal_is_bad_usage_and_a_finding_is_not() -> None:
    assert sentence_for(Refused("no; do this")) == ("no; do this", BAD_USAGE)
    assert sentence_for(FoundWrong("it differs")) == ("it differs", WRONG)


def test_an_error_is_for_people_when_one_of_its_ancestors_is() -> None:
    assert sentence_for(StoreBusy("locked; wait")) == ("locked; wait", BAD_USAGE)


def test_a_long_list_of_problems_is_one_sentence() -> None:
    assert sentence_for(Refused("a.yaml is none: 1 problem\n  x: y; z")) == (
        "a.yaml is none: 1 problem: x: y; z",
        BAD_USAGE,
    )
    told = sentence_for(Refused("a.yaml is none: 2 problems\n  x: y; z\n  v: w; u"))
    assert told == (
        "a.yaml is none: 2 problems: x: y; z (relevo agreement check lists them all)",
        BAD_USAGE,
    )


def test_of_a_sources_file_every_problem_is_shown_because_no_other_verb_lists_them() -> None:
    problems = (Problem(("a",), "x", "y"), Problem(("b",), "v", "w"))
    assert sentence_for(DocumentInvalid("a.yaml", "sources", problems)) == (
        "a.yaml is no valid sources file: 2 problems\n  a: x; y\n  b: v; w",
        BAD_USAGE,
    )


def test_a_file_that_the_system_refuses_is_named() -> None:
    assert sentence_for(PermissionError(13, "Permission denied", "/x/relevo.db.lock")) == (
        "/x/relevo.db.lock: permission denied",
        BAD_USAGE,
    )


def test_a_file_that_is_not_there_is_looked_for_in_the_right_place() -> None:
    missing = FileNotFoundError(2, "No such file or directory", "sources.yaml")
    assert sentence_for(missing) == ("there is no file sources.yaml; check the path", BAD_USAGE)


def test_anything_else_is_a_bug() -> None:
    assert sentence_for(ValueError("no")) is None
    assert sentence_for(OSError("no file to blame")) is None
