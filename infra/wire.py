"""Bytes to facts and back; what is unreadable becomes a dead letter with a reason.

One door: ``read_fact`` either returns a valid fact or says, with a typed reason and a path, why there is
none. It never raises on input, and takes no longer than the input is long. Python's JSON takes more than
JSON is (duplicate keys, NaN, lone surrogates, integers without end), so those are refused here, before
pydantic looks at the shape. What pydantic finds is put into words by ``infra.misfit``.

``subjects_in`` is for what was refused: whose personal data it holds, as far as it can be told.
"""

import json
import re
from collections import Counter
from itertools import islice
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from infra.misfit import brief, misfit
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import JournalRecord
from schemas.facts import FactEvent, Subject

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
        return misfit(document, error)


def write_fact(event: FactEvent) -> bytes:
    """Write a fact as a CloudEvent in structured mode."""
    return event.model_dump_json(exclude_none=True).encode()


def subjects_in(value: bytes) -> tuple[tuple[Subject, ...], bool]:
    """Return whom a record that could not be taken is about, and whether it calls itself a test.

    Forgiving where ``read_fact`` is not: what is wrong elsewhere does not matter here. Where no subject can
    be made out, it is about whoever's e-mail address stands in it.
    """
    text = value.decode("utf-8", errors="replace")
    try:
        _check_depth(value)
        document = json.loads(text)
    except ValueError:
        document = None
    data = _member(document, "data")
    named = (_member(data, "subject"), _member(_member(data, "fact"), "other"))
    subjects = tuple(_subject(one) for one in named if isinstance(one, dict)) or _addressed(text)
    return subjects, _member(data, "test") is True


_ADDRESS = re.compile(r"[^\s@\"'<>()\[\]:;,\\]{1,64}+@[^\s@\"'<>()\[\]:;,\\]{1,255}+")
MOST_ADDRESSES = 100


def _addressed(text: str) -> tuple[Subject, ...]:
    found = islice((match.group() for match in _ADDRESS.finditer(text)), MOST_ADDRESSES)
    return tuple(Subject(email=address) for address in dict.fromkeys(found))


def _member(document: object, name: str) -> object:
    return document.get(name) if isinstance(document, dict) else None


def _subject(fields: dict[str, Any]) -> Subject:
    """Return what of a subject is as it should be."""
    found: dict[str, Any] = {}
    for name in Subject.model_fields.keys() & fields.keys():
        try:
            found |= Subject.model_validate({name: fields[name]}).model_dump(include={name})
        except ValidationError:
            continue
    return Subject.model_validate(found)


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


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A JSON string, or what is left of one that nobody closed; possessive, so that nothing is read twice."""

_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _check_depth(value: bytes) -> None:
    """Refuse deep nesting before a recursive parser meets it; brackets within text are text.

    Up to the first byte that is not JSON this sees what the parser sees, and there the parser stops.
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
        raise _Refused(DeadReason.TOO_DEEP, f"nested {deepest} levels deep; at most {MAX_DEPTH}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _Refused(DeadReason.DUPLICATE_KEY, f"key {brief(twice)} stands twice in one object")
    return document


def _object_of_characters(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Check text that was written with escapes, too: only they can make NUL and half characters."""
    for key, value in pairs:
        if not (_storable(key) and (not isinstance(value, str) or _storable(value))):
            raise _Refused(DeadReason.NOT_JSON, f"{brief(key)} holds a NUL or half a character")
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
        raise _Refused(DeadReason.NOT_FINITE, f"{brief(text)} is larger than a number may be")
    return number


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise _Refused(DeadReason.NOT_FINITE, f"{brief(text)} is larger than a number may be")
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
