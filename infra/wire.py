"""Bytes to facts and back; what is unreadable becomes a dead letter with a reason.

One door: ``read_fact`` either returns a valid fact or says, with a typed reason and a path, why there is
none. It never raises on input. Python's JSON takes more than JSON is (duplicate keys, NaN, lone surrogates,
integers without end), so those are refused here, before pydantic looks at the shape.
"""

import json
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import JournalRecord
from schemas.facts import TYPE_PREFIX, FactEvent

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1

RECORD: TypeAdapter[JournalRecord] = TypeAdapter(JournalRecord)
"""Reads and writes what travels from ``leads.journal`` on."""


class _Refused(ValueError):
    def __init__(self, reason: DeadReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def read_fact(value: bytes) -> FactEvent | DeadLetter:
    """Read a fact from a CloudEvent in structured mode.

    Args:
        value: The bytes of one record.

    Returns:
        The fact, or the dead letter that says why there is none.
    """
    try:
        document = _parse(value)
    except _Refused as refused:
        return DeadLetter(reason=refused.reason, detail=refused.detail)
    try:
        return FactEvent.model_validate(document)
    except ValidationError as error:
        return _unfit(document, error)


def write_fact(event: FactEvent) -> bytes:
    """Write a fact as a CloudEvent in structured mode."""
    return event.model_dump_json(exclude_none=True).encode()


def _parse(value: bytes) -> dict[str, Any]:
    if len(value) > MAX_BYTES:
        raise _Refused(DeadReason.TOO_LARGE, f"{len(value)} bytes; at most {MAX_BYTES}")
    _check_depth(value)
    try:
        text = value.decode("utf-8")
        document = (_CAREFUL if "\\u" in text else _PLAIN).decode(text)
    except UnicodeDecodeError as error:
        raise _Refused(DeadReason.NOT_JSON, f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        detail = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _Refused(DeadReason.NOT_JSON, detail) from error
    if not isinstance(document, dict):
        raise _Refused(DeadReason.NOT_JSON, f"expected an object, got {type(document).__name__}")
    return document


def _check_depth(value: bytes) -> None:
    """Refuse deep nesting before a recursive parser meets it.

    Brackets in strings count, at 32 levels a fair price.
    """
    opened = value.count(b"{") + value.count(b"[")
    if opened <= MAX_DEPTH:
        return
    depth = deepest = 0
    for byte in value:
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise _Refused(DeadReason.TOO_DEEP, f"nested {deepest} levels deep; at most {MAX_DEPTH}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refused(DeadReason.DUPLICATE_KEY, f"key {_brief(twice)} stands twice in one object")
    return document


def _object_of_characters(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Check text that was written with escapes, too: only they can make NUL and half characters."""
    for key, value in pairs:
        if not (_storable(key) and (not isinstance(value, str) or _storable(value))):
            raise _Refused(DeadReason.NOT_JSON, f"{_brief(key)} holds a NUL or half a character")
    return _object(pairs)


def _storable(text: str) -> bool:
    if text.isascii():
        return "\x00" not in text
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _not_finite(text: str) -> NoReturn:
    raise _Refused(DeadReason.NOT_FINITE, f"{text} is no number that JSON knows")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused(DeadReason.NOT_FINITE, f"{_brief(text)} is larger than a number may be")
    return number


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise _Refused(DeadReason.NOT_FINITE, f"{_brief(text)} is larger than a number may be")
    return int(text)


_PLAIN = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_not_finite, parse_int=_integer, parse_float=_finite
)
_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_object_of_characters,
    parse_constant=_not_finite,
    parse_int=_integer,
    parse_float=_finite,
)


def _brief(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "…")


def _unfit(document: dict[str, Any], error: ValidationError) -> DeadLetter:
    problems = error.errors(include_url=False)
    first = problems[0]
    path = ".".join(str(step) for step in first["loc"]) or "the event"
    shown = _brief(str(first["input"]))
    detail = f"{path}: {first['msg']}; got {shown}"
    if len(problems) > 1:
        detail += f" (and {len(problems) - 1} more)"
    return DeadLetter(
        reason=_reason(first["type"], path, document),
        detail=detail[:2048],
        source=_short(document.get("source")),
        event_id=_short(document.get("id")),
    )


def _reason(problem: str, path: str, document: dict[str, Any]) -> DeadReason:
    if problem.startswith("union_tag") or not str(document.get("type", "")).startswith(TYPE_PREFIX):
        return DeadReason.UNKNOWN_TYPE
    if path == "time":
        return DeadReason.BAD_INSTANT
    return DeadReason.SCHEMA


def _short(value: object) -> str | None:
    return value[:128] if isinstance(value, str) and value else None
