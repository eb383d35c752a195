"""A small document with nothing to be said about it, and ways to spoil it.

``CLEAN`` is the builders' small agreement with what it lacks: tests that break one clause can then expect
exactly one problem. ``spoiled`` changes it by dotted paths; ``text_of`` writes any of them down as YAML.
"""

import copy
from datetime import date
from typing import Any

import pytest
import yaml

from infra.agreement_file import Problem
from schemas.agreement import Agreement
from services.agreement.check import check
from tests.builders import SMALL_AGREEMENT

GONE = object()
"""As a value: the clause is taken out."""


S = "lifecycle.stages"

Case = tuple[dict[str, Any], str, str, str]
"""What is changed, the path of the one problem, and words of its message and its remedy."""


def _clean() -> dict[str, Any]:
    document = copy.deepcopy(SMALL_AGREEMENT)
    for stage in document["lifecycle"]["stages"]:
        if "outcome" not in stage:
            stage.setdefault("stale_after", "30 elapsed days")
    document["lifecycle"]["stages"][3]["kind"] = "inventory"
    document["scoring"]["fit"]["rules"].append(
        {
            "id": "known_person",
            "group": "person",
            "when": {"attribute": "seniority", "known": True},
            "points": 20,
        }
    )
    document["scoring"]["engagement"]["groups"] = {"web": 40, "forms": 60}
    document["owners"].append({"id": "mia", "team": "marketing"})
    return document


CLEAN: dict[str, Any] = _clean()


def spoiled(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the clean document with clauses replaced, added (the index after the last) or ``GONE``."""
    document = copy.deepcopy(CLEAN)
    for path, value in changes.items():
        *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place: Any = document
        for step in parents:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        if value is GONE:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return document


def text_of(document: dict[str, Any]) -> str:
    """Return a document as YAML."""
    # PyYAML's own emitter is slow; libyaml's, where there is one, is not.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True))


def found(changes: dict[str, Any], today: date | None = None) -> tuple[Problem, ...]:
    """Return what is to be said about the clean document with changes."""
    return check(Agreement.model_validate(spoiled(changes)), today)


def warned(changes: dict[str, Any]) -> dict[str, str]:
    """Return the same, as path to message."""
    return {problem.path: problem.message for problem in found(changes)}


def named(cases: dict[str, Case]) -> list[Any]:
    """Return cases as a test's parameters, by their names."""
    return [pytest.param(case, id=name) for name, case in cases.items()]


def expect_error(case: Case) -> None:
    """Expect one error, and whatever doubts follow from it."""
    changes, path, message, remedy = case
    (problem,) = (problem for problem in found(changes) if problem.severity == "error")
    assert problem.path == path
    assert message in problem.message
    assert remedy in problem.remedy


def expect_warning(case: Case) -> None:
    """Expect one warning and nothing else."""
    changes, path, message, remedy = case
    (problem,) = found(changes)
    assert (problem.severity, problem.path) == ("warning", path)
    assert message in problem.message
    assert remedy in problem.remedy


def stage(**fields: Any) -> dict[str, Any]:
    """Return one more detour."""
    on_hold = {"id": "on_hold", "kind": "inventory", "side": "marketing", "label": {"en": "On hold"}}
    return {**on_hold, "stale_after": "30 elapsed days", "enter": {"claim": True}, **fields}


def engagement_rule(**fields: Any) -> dict[str, Any]:
    """Return one more rule of engagement."""
    return {"id": "more", "group": "web", "on": {"kind": "engaged"}, "points": 5, **fields}
