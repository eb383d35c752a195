"""JSON as it is, read strictly: Python's own reading takes more than JSON, and some of it breaks stores.

Refused are duplicate keys, NaN and infinity, NUL and half characters, integers beyond 64 bits, and nesting
that a recursive parser would stumble over. ``read_object`` refuses a text as a whole. ``read_tolerantly`` is
for a batch, where one spoiled event must not spoil its neighbours: it reads all of it, and ``flaw_in`` says
of any part whether something in it is not JSON. Both take no longer than the text is long, and never raise
anything but ``JsonRefused`` on input.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from schemas.dead_letters import DeadReason

MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1

_Hook = Callable[[list[tuple[str, Any]]], dict[str, Any]]
"""Makes an object of its names and values."""


class JsonRefused(ValueError):
    """The text is not JSON that may be taken.

    Attributes:
        reason: Why, as dead letters say it.
        detail: Where, and what stands there.
    """

    def __init__(self, reason: DeadReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Spoiled(dict[str, Any]):
    """What ``read_tolerantly`` makes of an object that holds something that is not JSON."""

    flaw: JsonRefused


class SpoiledNumber(float):
    """NaN or infinity, or an integer without end, as ``read_tolerantly`` leaves it in its place."""

    flaw: JsonRefused


def read_object(value: bytes) -> dict[str, Any]:
    """Read a text of one JSON object.

    Raises:
        JsonRefused: It is not JSON, or no object.
    """
    document = _decoded(value, _PLAIN, _CAREFUL)
    if not isinstance(document, dict):
        raise JsonRefused(DeadReason.NOT_JSON, no_object(document))
    return document


def no_object(value: object) -> str:
    """Return what to say of a value that stands where an object is expected."""
    return f"expected an object, got {kind_of(value)}"


def kind_of(value: object) -> str:
    """Return what a value is in the words of JSON, as a message names it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def read_tolerantly(value: bytes) -> Any:
    """Read a text of JSON, keeping what is not JSON within it for ``flaw_in`` to find.

    Raises:
        JsonRefused: It cannot be read at all, or is nested too deep.
    """
    return _decoded(value, _TOLERANT, _TOLERANT_AND_CAREFUL)


def flaw_in(part: object) -> JsonRefused | None:
    """Return what in a part of a tolerantly read document is not JSON, if anything is."""
    if isinstance(part, Spoiled | SpoiledNumber):
        return part.flaw
    if isinstance(part, str):
        return None if _storable(part) else JsonRefused(DeadReason.BAD_CHARACTERS, _HALF.format(brief(part)))
    if isinstance(part, dict):
        parts: Any = part.values()
    elif isinstance(part, list):
        parts = part
    else:
        return None
    return next((flaw for each in parts if (flaw := flaw_in(each)) is not None), None)


def brief(text: str) -> str:
    """Return text as a message quotes it: in ASCII, and cut short."""
    return ascii(text if len(text) <= 60 else text[:57] + "…")


def check_depth(value: bytes) -> None:
    """Refuse deep nesting before a recursive parser meets it; brackets within text are text.

    Up to the first byte that is not JSON this sees what the parser sees, and there the parser stops.

    Raises:
        JsonRefused: It is nested too deep.
    """
    if value.count(b"{") + value.count(b"[") <= MAX_DEPTH:
        return
    depth = deepest = 0
    for bracket in _STRING.sub(b"", value).translate(None, _NO_BRACKETS):
        if bracket in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    if deepest > MAX_DEPTH:
        raise JsonRefused(DeadReason.TOO_DEEP, f"nested {deepest} levels deep; at most {MAX_DEPTH}")


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A JSON string, or what is left of one that nobody closed; possessive, so that nothing is read twice."""

_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_HALF = "{} holds a NUL or half a character"


def _decoded(value: bytes, plain: json.JSONDecoder, careful: json.JSONDecoder) -> Any:
    check_depth(value)
    try:
        text = value.decode("utf-8")
        return (careful if "\\u" in text else plain).decode(text)
    except UnicodeDecodeError as error:
        raise JsonRefused(DeadReason.NOT_JSON, f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        detail = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise JsonRefused(DeadReason.NOT_JSON, detail) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise JsonRefused(DeadReason.DUPLICATE_KEY, f"key {brief(twice)} stands twice in one object")
    return document


def _object_of_characters(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Check text that was written with escapes, too: only they can make NUL and half characters."""
    for key, value in pairs:
        if not (_storable(key) and (not isinstance(value, str) or _storable(value))):
            raise JsonRefused(DeadReason.BAD_CHARACTERS, _HALF.format(brief(key)))
    return _object(pairs)


def _or_spoiled(strict: _Hook, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    try:
        return strict(pairs)
    except JsonRefused as flaw:
        spoiled = Spoiled(pairs)
        spoiled.flaw = flaw
        return spoiled


def _storable(text: str) -> bool:
    if text.isascii():
        return "\x00" not in text
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _not_finite(text: str) -> NoReturn:
    raise JsonRefused(DeadReason.NOT_FINITE, f"{text} is no number that JSON knows")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonRefused(DeadReason.TOO_BIG_A_NUMBER, f"{brief(text)} is larger than a number may be")
    return number


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise JsonRefused(DeadReason.TOO_BIG_A_NUMBER, f"{brief(text)} is larger than a number may be")
    return int(text)


def _spoiled(flaw: JsonRefused) -> SpoiledNumber:
    number = SpoiledNumber("nan")
    number.flaw = flaw
    return number


def _constant_as_found(text: str) -> float:
    return _spoiled(JsonRefused(DeadReason.NOT_FINITE, f"{text} is no number that JSON knows"))


def _float_as_found(text: str) -> float:
    try:
        return _finite(text)
    except JsonRefused as flaw:
        return _spoiled(flaw)


def _integer_as_found(text: str) -> float:
    try:
        return _integer(text)
    except JsonRefused as flaw:
        return _spoiled(flaw)


def _strict(hook: _Hook) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=hook, parse_constant=_not_finite, parse_int=_integer, parse_float=_finite
    )


def _tolerant(hook: _Hook) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=partial(_or_spoiled, hook),
        parse_constant=_constant_as_found,
        parse_int=_integer_as_found,
        parse_float=_float_as_found,
    )


_PLAIN, _CAREFUL = _strict(_object), _strict(_object_of_characters)
_TOLERANT, _TOLERANT_AND_CAREFUL = _tolerant(_object), _tolerant(_object_of_characters)
