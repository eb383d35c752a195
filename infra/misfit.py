"""Why a document is no fact, in words: a path that people understand, what was expected, what was found.

The path is the document's own (``data.fact.amount.currency``), without the names that pydantic gives to the
members of a union. What was found is shown only where it cannot be somebody's personal data: text that
stands in ``data`` is described and not repeated, because a dead letter's detail outlives an erasure. The one
exception is a word that was to be one of a few.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.json_text import brief, kind_of
from infra.plain_values import expected
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import TYPE_PREFIX, ControlFact, LeadFact

Document = Mapping[str, Any]

_KINDS = frozenset(
    str(model.model_fields["kind"].default) for model in (*get_args(LeadFact), *get_args(ControlFact))
)
_TYPES = frozenset(TYPE_PREFIX + kind for kind in _KINDS)
_WORDS = frozenset(("enum", "literal_error", "string_pattern_mismatch"))
"""What pydantic finds wrong with a word that was to be one of a few."""
_SAID_BY_THE_PATH = {
    "missing": "this is missing",
    "union_tag_not_found": "this is missing",
    "extra_forbidden": "no field has this name",
}
_INSTEAD = {
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "dict_type": "expected an object",
    "timezone_aware": "an instant has an offset, like 2026-03-02T09:00:00+01:00",
    "string_pattern_mismatch": "expected three capital letters, like EUR",
    "union_tag_invalid": "expected the name of a kind",
}
"""Where pydantic's own words are for those who know its models, or repeat the value."""
_FREE = (["attributes"], ["external_ids"])
"""Where names are the tool's own; nothing lies below them."""
_SCALAR = "expected text of at most 1024 characters, a number, true, false or null"
_PLAIN_NAME = re.compile(r"[\w-]{1,60}", re.ASCII)


def misfit(document: Document, error: ValidationError) -> DeadLetter:
    """Return the dead letter of a document that is no fact.

    Args:
        document: A JSON object.
        error: What validating it as a ``FactEvent`` raised.
    """
    reason, detail = _unknown(document) or _unfit(document, error)
    return DeadLetter(
        reason=reason,
        detail=detail[:2048],
        source=_short(document.get("source")),
        event_id=_short(document.get("id")),
    )


def _short(value: object) -> str | None:
    return value[:128] if isinstance(value, str) and value else None


def _unknown(document: Document) -> tuple[DeadReason, str] | None:
    """Return what to say of a type, or a kind, that the catalogue does not have."""
    data = document.get("data")
    fact = data.get("fact") if isinstance(data, dict) else None
    kind = fact.get("kind") if isinstance(fact, dict) else None
    for path, value, known in (("type", document.get("type"), _TYPES), ("data.fact.kind", kind, _KINDS)):
        if isinstance(value, str) and value not in known:
            return DeadReason.UNKNOWN_TYPE, f"{path}: the catalogue has no {brief(value)}"
    return None


def _unfit(document: Document, error: ValidationError) -> tuple[DeadReason, str]:
    problems: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for problem in error.errors(include_url=False):
        problems.setdefault(_path(document, problem), []).append(problem)
    path, same = next(iter(problems.items()))
    detail = _said(path, same)
    if path:
        detail = f"{'.'.join(path)}: {detail}"
    if len(problems) > 1:
        detail += f" (and {len(problems) - 1} more)"
    return DeadReason.BAD_INSTANT if path == ("time",) else DeadReason.SCHEMA, detail


def _path(document: Document, problem: ErrorDetails) -> tuple[str, ...]:
    """Return a problem's place in the document; what only the model knows (a union's member) is left out."""
    steps = list(problem["loc"])
    # What pydantic sets behind data.fact is the kind that it took the fact for.
    if steps[:2] == ["data", "fact"]:
        steps[2:3] = ["kind"] if problem["type"].startswith("union_tag") else []
    path: list[str] = []
    here: object = document
    for step in steps:
        if not isinstance(here, dict) or path[-2:-1] in _FREE:
            break
        path.append(_step(str(step)))
        here = here.get(step)
    return tuple(path)


def _step(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else brief(name)


def _said(path: tuple[str, ...], same: list[ErrorDetails]) -> str:
    """Say what one place has wrong with it; of a union, every member has had its say."""
    first = same[0]
    kind = first["type"]
    if kind in _SAID_BY_THE_PATH:
        return _SAID_BY_THE_PATH[kind]
    personal = path[:1] == ("data",)
    if kind == "value_error":
        message = expected(first)
        return message if personal else f"{message}; got {_found(first['input'], open_word=True)}"
    message = _INSTEAD.get(kind) or expected(first) if len(same) == 1 else _SCALAR
    open_word = not personal or kind in _WORDS
    return f"{message}; got {_found(first['input'], open_word=open_word)}"


def _found(value: object, *, open_word: bool) -> str:
    match value:
        case str():
            return brief(value) if open_word else f"text of {len(value)} characters"
        case dict() | list():
            return kind_of(value)
        case datetime():
            return value.isoformat()
        case _:
            return json.dumps(value)
