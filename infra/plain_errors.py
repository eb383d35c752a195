"""What pydantic finds wrong, said in plain sentences: where, what was found, what is allowed.

A validation error names the place in the model (with the names of union members in between) and speaks of
types; a person reads a document. ``plain_errors`` walks the document and the model side by side, so that
each error comes out with its path in the document, the value that stands there and a remedy: the nearest
name that is allowed, the values to choose from, or the form to write. What several members of a union
refuse is said once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from types import UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from infra.plain_values import CHOICES, noun

Place = tuple[str | int, ...]
"""Names and indexes from the document's top down."""

_BOUNDS = {
    "greater_than": ("gt", "is too small", "write more than {}"),
    "greater_than_equal": ("ge", "is too small", "write {} or more"),
    "less_than": ("lt", "is too large", "write less than {}"),
    "less_than_equal": ("le", "is too large", "write {} or less"),
    "decimal_max_places": ("decimal_places", "is too fine", "write at most {} decimals"),
    "string_too_short": ("min_length", "is too short", "write at least {} characters"),
    "string_too_long": ("max_length", "is too long", "write at most {} characters"),
    "too_short": ("min_length", "holds too little", "give at least {}"),
    "too_long": ("max_length", "holds too much", "give at most {}"),
}
_PATTERNS = {
    "^[A-Z]{3}$": "write three capital letters, like EUR",
    "^[A-Z]{2}$": "write two capital letters, like ES",
}
CHANGE = "change it as the message says"
"""The remedy where the message says all there is to say."""


class Standing(Protocol):
    """A value in a document: what stands there, and what stands below it."""

    @property
    def text(self) -> str:
        """A scalar as it was written; empty where it needs no quotes to be text."""
        ...

    def child(self, key: object, /) -> "Standing | None":
        """Return the value under a name or at an index, or None."""
        ...

    def plain(self) -> object:
        """Return the value itself."""
        ...


@dataclass(frozen=True, slots=True)
class PlainValue:
    """A value in a document that is no YAML: what JSON or the options of a command come to."""

    value: Any
    text: str = ""

    def child(self, key: object) -> "PlainValue | None":
        """Return the value under a name or at an index, or None."""
        match self.value:
            case dict() if key in self.value:
                return PlainValue(self.value[key])
            case list() if isinstance(key, int) and key < len(self.value):
                return PlainValue(self.value[key])
            case _:
                return None

    def plain(self) -> object:
        """Return the value itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class PlainError:
    """One thing that is wrong with the document."""

    at: Place
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Found:
    """One of pydantic's errors, with its place in the document and the fields that are allowed there."""

    at: Place
    type: str
    message: str
    context: Mapping[str, Any]
    value: object
    text: str
    """The value as it was written."""
    around: tuple[object, ...]
    """The shapes that it stands in, whose fields are allowed there."""


def plain_errors(
    error: ValidationError, document: Standing, model: type[BaseModel], *, most: int | None = None
) -> tuple[PlainError, ...]:
    """Return what is wrong with a document, one error a place, in the order of the model.

    Args:
        error: What validating the document's plain value raised.
        document: The document.
        model: The model that it was validated as.
        most: How many of pydantic's errors are looked at, the first; null: all of them.
    """
    details = error.errors(include_url=False, include_input=False)[:most]
    found = [_find(detail, document, model) for detail in details]
    return tuple(_one(list(same)) for _, same in groupby(found, key=lambda each: each.at))


def nearest(name: object, known: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """Return the remedy for a name that is not among those known: the nearest one, or all of them."""
    names = list(dict.fromkeys(known))
    near = get_close_matches(str(name), names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"choose from {', '.join(names)}" if names else "there is none to choose from"


def _find(detail: Any, document: Standing, model: type[BaseModel]) -> _Found:
    at: list[str | int] = []
    node: Standing | None = document
    shapes: list[object] = [model]
    around = shapes
    for step in detail["loc"]:
        child = node.child(step) if node else None
        if child is None and not (detail["type"] == "missing" and step == detail["loc"][-1]):
            shapes = list(_narrowed(shapes, str(step)))  # the name of a union's member: in the model only
            continue
        at.append(step)
        node, around, shapes = child, shapes, list(_below(shapes, step))
    context = detail.get("ctx", {})
    at.extend(context.get("at", ()))
    value = at[-1] if detail["loc"][-1:] == ("[key]",) else context.get("tag", node and node.plain())
    text = node.text if node else ""
    return _Found(tuple(at), detail["type"], detail["msg"], context, value, text, tuple(around))


def _one(same: list[_Found]) -> PlainError:
    """Say what one place has wrong with it; every member of a union has had its say."""
    first = same[0]
    if all(each.type in CHOICES for each in same):
        choices = [choice for each in same for choice in re.findall(r"'([^']*)'", _expected(each))]
        at = (*first.at, "kind") if first.type == "union_tag_invalid" else first.at
        return PlainError(at, f"{shown(first.value)} is not one of the values", nearest(first.value, choices))
    nouns = list(dict.fromkeys(one for each in same if (one := noun(each.type))))
    if "a number" in nouns and "a whole number" in nouns:
        nouns.remove("a whole number")
    return _of_another_type(first, nouns) if nouns else _alone(first)


def _expected(found: _Found) -> str:
    return str(found.context.get("expected") or found.context.get("expected_tags"))


def _of_another_type(found: _Found, nouns: list[str]) -> PlainError:
    """Say that a value is of the wrong type; a number where text is wanted only lacks its quotes."""
    if "text" in nouns and found.text and found.value is not None:
        remedy = f"put it in quotes: '{found.text}'"
    elif len(nouns) == 1:
        remedy = f"write {nouns[0]}"
    else:
        remedy = f"write {', '.join(nouns[:-1])} or {nouns[-1]}"
    empty = found.value is None
    return PlainError(
        found.at, "this is empty" if empty else f"{shown(found.value)} does not belong here", remedy
    )


def _alone(found: _Found) -> PlainError:
    match found.type:
        case "missing":
            last = found.at[-1]
            return PlainError(
                found.at, "this is missing", f"add {last}: …" if isinstance(last, str) else "add it"
            )
        case "extra_forbidden":
            name = found.at[-1]
            fields = tuple(field for each in _models(found.around) for field, _ in _named(each))
            return PlainError(found.at, f"no field is called {name!r}", nearest(name, fields))
        case "union_tag_not_found":
            return PlainError((*found.at, "kind"), "this is missing", "add kind: …")
        case "string_pattern_mismatch":
            remedy = _PATTERNS.get(found.context["pattern"], f"it must match {found.context['pattern']}")
            return PlainError(found.at, f"{shown(found.value)} does not look right", remedy)
        case "value_error" | "wrong":
            message, _, remedy = found.message.removeprefix("Value error, ").partition("; ")
            return PlainError(found.at, message, remedy or CHANGE)
        case bound if bound in _BOUNDS:
            limit, message, remedy = _BOUNDS[bound]
            return PlainError(
                found.at, f"{shown(found.value)} {message}", remedy.format(found.context[limit])
            )
        case _:
            message = found.message[:1].lower() + found.message[1:]
            return PlainError(found.at, f"{shown(found.value)} does not belong here ({message})", CHANGE)


def shown(value: object) -> str:
    """Return a value as a message quotes it: cut short, and ``nothing`` where nothing stands."""
    match value:
        case None:
            text = "nothing"
        case bool():
            text = str(value).lower()
        case _:
            text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _flat(shape: object) -> Iterator[object]:
    """Yield what an annotation may stand for: unions and annotations taken apart."""
    origin = get_origin(shape)
    if origin is Annotated:
        yield from _flat(get_args(shape)[0])
    elif origin in {Union, UnionType}:
        for part in get_args(shape):
            yield from _flat(part)
    else:
        yield shape


def _models(shapes: Iterable[object]) -> Iterator[type[BaseModel]]:
    for shape in shapes:
        for part in _flat(shape):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield part


def _below(shapes: list[object], step: str | int) -> Iterator[object]:
    """Yield what may stand under a name or an index of these shapes."""
    for shape in shapes:
        for part in _flat(shape):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from (field.annotation for name, field in _named(part) if name == step)
            elif get_args(part):
                yield get_args(part)[-1] if get_origin(part) is dict else get_args(part)[0]


def _named(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, field


def _narrowed(shapes: list[object], member: str) -> Iterator[object]:
    """Yield the member of a discriminated union that this name tags; all the shapes, when it tags none."""
    models = list(_models(shapes))
    tagged = [each for each in models if any(field.default == member for _, field in _named(each))]
    yield from tagged or shapes
