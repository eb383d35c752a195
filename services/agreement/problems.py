"""How checks say what they find: an error keeps the agreement from being signed, a doubt does not.

Every finding names its place in the document, the value that stands there and what to do about it. Names
that name nothing are by far the most frequent, so that they have a sentence of their own, with the
nearest name that exists.
"""

from collections.abc import Iterable, Iterator

from infra import yaml_listed
from infra.agreement_file import Problem
from infra.plain_errors import Place, nearest

Findings = Iterator[Problem]


def error(at: Place, value: object, message: str, remedy: str) -> Problem:
    """Return a problem that keeps the agreement from being signed."""
    return Problem(at, message, remedy, value)


def doubt(at: Place, value: object, message: str, remedy: str) -> Problem:
    """Return a problem that the agreement can be signed with, and probably should not be."""
    return Problem(at, message, remedy, value, severity="warning")


def unknown(at: Place, name: object, what: str, known: Iterable[str]) -> Findings:
    """Yield an error when a name is not among those known.

    Args:
        at: Where the name stands.
        name: The name.
        what: What it should name, in the singular: ``team``.
        known: The names there are.
    """
    names = tuple(known)
    if name not in names:
        remedy = nearest(name, names) if names else f"define a {what} of this name first"
        yield error(at, name, f"no {what} is called {name!r}", remedy)


def twice(section: Place, names: Iterable[str], field: str = "id") -> Findings:
    """Yield an error for each name of a list that has stood before."""
    below = (field,) if field else ()
    yield from yaml_listed.twice(((*section, index, *below), name) for index, name in enumerate(names))
