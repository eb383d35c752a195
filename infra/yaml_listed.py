"""The entries of a list in a YAML document: a source, a destination, whatever each is a model of.

Who writes an entry with two mistakes hears of both at once, also when one of them is a bad shape, which keeps
the model from being made: what has a good shape is looked at all the same. And a name stands for one entry.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from infra.agreement_file import Problem
from infra.plain_errors import Place
from infra.yaml_text import Node

Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Form]):
    """One entry as it is written.

    Attributes:
        at: Its place in the document.
        form: What it says; null when something in it is of a bad shape.
        good: What it says under the names whose values are of a good shape.
        bad: The other names.
    """

    at: Place
    form: Form | None
    good: dict[str, Any]
    bad: frozenset[str]


def entries(document: Node, section: str, shape: TypeAdapter[Form]) -> list[Entry[Form]]:
    """Return the entries of a list, none where the document has no such list."""
    listed = document.child(section)
    written = listed.plain() if listed else None
    found = enumerate(written) if isinstance(written, list) else ()
    return [_entry((section, place), one, shape) for place, one in found]


def twice(names: Iterable[tuple[Place, str]]) -> Iterator[Problem]:
    """Yield an error for each name that has stood before, each given with its place."""
    seen: set[str] = set()
    for at, name in names:
        if name in seen:
            yield Problem(at, f"{name!r} stands twice", "give each a name of its own", name)
        seen.add(name)


def _entry(at: Place, written: object, shape: TypeAdapter[Form]) -> Entry[Form]:
    named = written if isinstance(written, dict) else {}
    try:
        return Entry(at, shape.validate_python(written), named, frozenset())
    except ValidationError as error:
        # An error begins at the name, but in a union: there, at which of its members was meant.
        steps = (next((step for step in one["loc"] if step in named), None) for one in error.errors())
        bad = frozenset(str(step) for step in steps if step is not None)
    return Entry(at, None, {name: value for name, value in named.items() if name not in bad}, bad)
