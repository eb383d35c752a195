"""What a value was to be: pydantic's errors about one value, in words of our own.

Pydantic speaks to who wrote a model; what it says reaches people who wrote a document, a row or a command.
Each error here becomes what was expected, for a sentence that shows the place and the value beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

_NOUNS = {
    "string": "text",
    "bool": "true or false",
    "float": "a number",
    "decimal": "a number",
    "int": "a whole number",
    "finite_number": "a number",
    "model": "pairs of name: value",
    "dict": "pairs of name: value",
    "tuple": "a list",
    "list": "a list",
    "frozen_set": "a list",
    "date": "a date like '2026-12-25'",
    "datetime": "an instant with its offset, like 2026-08-03T09:00:00+02:00",
    "timezone_aware": "an instant with its offset, like 2026-08-03T09:00:00+02:00",
}
_BOUNDS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "decimal_max_places": "at most {decimal_places} decimals",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}
CHOICES = frozenset(("enum", "literal_error", "union_tag_invalid"))
"""Errors of a word that is to be one of a few."""


def noun(kind: str) -> str | None:
    """Return what sort of value an error asks for, by its name or by the type that this begins with."""
    if kind in _BOUNDS or kind in CHOICES or kind == "string_pattern_mismatch":
        return None
    return _NOUNS.get(kind.removesuffix("_type")) or _NOUNS.get(kind.split("_", maxsplit=1)[0])


def foremost(problems: Sequence[ErrorDetails]) -> ErrorDetails:
    """Return the error to tell: the first; of a value that may be of several types, of the type it has."""
    same = [one for one in problems if one["input"] is problems[0]["input"]]
    return min(same, key=lambda one: one["type"].endswith(("_type", "_parsing")))


def expected(problem: ErrorDetails) -> str:
    """Return what an error asks for: ``expected text of at most 128 characters``."""
    wanted = _wanted(problem["type"], problem.get("ctx", {}))
    return f"expected {wanted}" if wanted else problem["msg"].removeprefix("Value error, ")


def _wanted(kind: str, context: Mapping[str, Any]) -> str | None:
    if kind == "string_too_short" and context["min_length"] == 1:
        return "text that is not blank"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    if kind in CHOICES:
        return str(context.get("expected") or context.get("expected_tags"))
    return noun(kind)
