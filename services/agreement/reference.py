"""The reference of the agreement in ``docs/agreement.md``, written from the models.

``python -m services.agreement.reference`` writes it anew; a test fails while the document says something
else than the models. The sentence that explains a field is the text below it in the model, so that
whoever changes the one has the other before their eyes. A field without a sentence is an error here.
"""

import ast
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from schemas.agreement import Agreement
from schemas.calendars import BusinessCalendar, CalendarAllowance
from services.generated_part import with_part

DOCUMENT = Path(__file__).parents[2] / "docs" / "agreement.md"

_BEGIN = "<!-- The reference is written from schemas/agreement/. -->\n"
_END = "<!-- End of the reference. -->\n"

_SHAPES: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_NAMED = {"Decimal": "number", "date": "date", "AwareDatetime": "instant", "Interval": "pair of times"}
"""Types that are written as text, by the name of the type."""

Model = type[BaseModel]


def reference() -> str:
    """Return every part of an agreement and each of its fields: type, default, and one sentence.

    Raises:
        ValueError: A field has no sentence.
    """
    paths = dict(parts())
    return "\n".join(_part(model, paths) for model in paths)


def parts() -> Iterator[tuple[Model, str]]:
    """Yield the models that an agreement is made of, each with the path at which it first stands."""
    seen: list[Model] = []
    waiting: list[tuple[Model, str]] = [(Agreement, "")]
    while waiting:
        model, path = waiting.pop(0)
        if model in seen:
            continue
        seen.append(model)
        yield model, path
        waiting[:0] = [
            (inner, f"{path}.{field.alias or name}{suffix}".removeprefix("."))
            for name, field in model.model_fields.items()
            for inner, suffix in _models(field.annotation)
        ]


def written(document: str) -> str:
    """Return the document with the reference in its place.

    Raises:
        ValueError: The document has no place for it.
    """
    return with_part(document, reference(), begin=_BEGIN, end=_END, name="docs/agreement.md")


def main() -> None:
    """Write the document anew."""
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def _part(model: Model, paths: dict[Model, str]) -> str:
    title = f"### `{paths[model]}`" if paths[model] else "### The document"
    lines = [
        title,
        "",
        _first_sentence(model),
        "",
        "| field | type | default | what it is |",
        "|---|---|---|---|",
    ]
    sentences = _sentences(model)
    for name, field in model.model_fields.items():
        if name == "digest":
            continue  # made from the text, never written
        if name not in sentences:
            raise ValueError(f"{model.__name__}.{name} has no sentence; write one below it")
        cells = (f"`{field.alias or name}`", _type(field.annotation, paths), _default(field), sentences[name])
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join([*lines, ""])


def _first_sentence(model: Model) -> str:
    return _on_one_line((inspect.getdoc(model) or "").partition("\n\n")[0])


def _sentences(model: Model) -> dict[str, str]:
    """Return the texts below a model's fields, and below those that it inherits."""
    found: dict[str, str] = {}
    own = [kind for kind in model.__mro__ if issubclass(kind, BaseModel) and kind is not BaseModel]
    for kind in reversed(own):
        (tree,) = ast.parse(inspect.getsource(kind)).body
        assert isinstance(tree, ast.ClassDef)  # noqa: S101  the source of a class is a class
        for field, text in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(text, ast.Expr)
                and isinstance(field.target, ast.Name)
            ):
                found[field.target.id] = _on_one_line(ast.literal_eval(text.value))
    return found


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.default if field.default is not PydanticUndefined else field.default_factory()
    match value:
        case BaseModel():
            return "see there"
        case None | () | {}:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return f"`[{', '.join(map(str, value))}]`"
        case Enum():
            return f"`{value.value}`"
        case _ if not value:
            return "none" if not isinstance(value, int | float) else f"`{value}`"
        case _:
            return f"`{value}`"


def _models(shape: object) -> Iterator[tuple[Model, str]]:
    """Yield the models inside an annotation, each with what stands for the way to it: ``[]``, ``.NAME``."""
    origin = get_origin(shape)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        if not _is_allowance(shape):
            yield shape, ""
    elif origin is Annotated:
        yield from _models(get_args(shape)[0])
    elif origin in (Union, UnionType):
        for part in get_args(shape):
            yield from _models(part)
    elif origin is dict:
        yield from ((inner, f".NAME{suffix}") for inner, suffix in _models(get_args(shape)[1]))
    elif origin is tuple:
        yield from ((inner, f"[]{suffix}") for inner, suffix in _models(get_args(shape)[0]))


def _is_allowance(model: Model) -> bool:
    return model.__module__ == CalendarAllowance.__module__ and model is not BusinessCalendar


def _type(shape: object, paths: dict[Model, str]) -> str:
    """Return an annotation in words; a model by the path at which it is explained."""
    origin, args = get_origin(shape), get_args(shape)
    if origin is Annotated:
        return _type(args[0], paths)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_type(part, paths) for part in args if part is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in args)
    if origin is dict:
        names, inner = (_type(part, paths) for part in args)
        return f"{'names' if names == 'text' else names}{_holding(inner, ' to ')}"
    if origin in (tuple, frozenset):
        return f"list{_holding(_type(args[0], paths), ' of ')}"
    return _plain_type(shape, paths)


def _holding(inner: str, joined: str) -> str:
    return f", {inner}" if inner.startswith("see ") else f"{joined}{inner}"


def _plain_type(shape: object, paths: dict[Model, str]) -> str:
    if shape in _SHAPES:
        return _SHAPES[shape]
    assert isinstance(shape, type)  # noqa: S101  all that is left
    if issubclass(shape, Enum):
        return ", ".join(f"`{member.value}`" for member in shape)
    if issubclass(shape, BaseModel):
        return "allowance" if _is_allowance(shape) else f"see `{paths[shape]}`"
    return _NAMED[shape.__name__]


if __name__ == "__main__":
    main()
