"""What goes wrong, as a sentence and an exit code."""

import errno
import os
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


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "there is no file x.yaml; check the path"),
        (errno.EISDIR, "x.yaml is a folder; name the file in it"),
        (errno.EACCES, "x.yaml: permission denied; give this user leave, or name another"),
        (errno.ENOSPC, "x.yaml: no space left on device"),
    ],
)
def test_a_file_that_the_system_refuses_is_named_with_the_remedy(number: int, said: str) -> None:
    assert sentence_for(OSError(number, os.strerror(number), "x.yaml")) == (said, BAD_USAGE)


def test_anything_else_is_a_bug() -> None:
    assert sentence_for(ValueError("no")) is None
    assert sentence_for(OSError("no file to blame")) is None
