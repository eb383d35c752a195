"""What differs between two agreements, for whoever is about to sign the second.

Members of a list are told apart by their id, so that a clock that moved up the page has not changed, and
a holiday that was added is one line and not a list of forty. Where the order of a list means something
and differs, that is said too. Values are plain data, allowances as people say them:
``handoff.clocks[acceptance].allowance: 4 business hours → 2 business hours``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel, TypeAdapter

from infra.plain_errors import shown
from schemas.agreement import Agreement
from schemas.calendars import BusinessAllowance, CalendarAllowance, ElapsedAllowance, allowance_text

NOT_WRITTEN = frozenset(("digest",))
"""Fields that nobody writes into a document."""

AnyAllowance = BusinessAllowance | ElapsedAllowance | CalendarAllowance

_PLAIN: TypeAdapter[object] = TypeAdapter(object)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs; null stands for what is not there.

    Attributes:
        path: Where, members of lists by their id.
        old: Plain data.
        new: Plain data.
    """

    path: str
    old: object
    new: object

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.path}: + {_said(self.new)}"
        if self.new is None:
            return f"{self.path}: - {_said(self.old)}"
        return f"{self.path}: {_said(self.old)} → {_said(self.new)}"


def changes(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return what differs, in the order of the document; nothing when both say the same."""
    return tuple(_of_models("", old, new))


def _between(path: str, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, AnyAllowance) or isinstance(new, AnyAllowance):
        yield Change(path, _plain(old), _plain(new))
    elif isinstance(old, BaseModel) and isinstance(new, BaseModel):
        yield from _of_models(path, old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _of_names(path, old, new, dotted=True)
    elif isinstance(old, tuple | frozenset) and isinstance(new, tuple | frozenset):
        yield from _of_lists(path, _listed(old), _listed(new))
    else:
        yield Change(path, _plain(old), _plain(new))


def _of_models(path: str, old: BaseModel, new: BaseModel) -> Iterator[Change]:
    for name, field in type(old).model_fields.items():
        if name not in NOT_WRITTEN:
            at = f"{path}.{field.alias or name}".removeprefix(".")
            yield from _between(at, getattr(old, name), getattr(new, name))


def _of_names(path: str, old: dict[str, object], new: dict[str, object], *, dotted: bool) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        at = f"{path}.{name}" if dotted else f"{path}[{name}]"
        if name in old and name in new:
            yield from _between(at, old[name], new[name])
        else:
            yield Change(at, _plain(old.get(name)), _plain(new.get(name)))


def _of_lists(path: str, old: Sequence[object], new: Sequence[object]) -> Iterator[Change]:
    named_old, named_new = _by_id(old), _by_id(new)
    if named_old is not None and named_new is not None:
        yield from _of_names(path, named_old, named_new, dotted=False)
        before, after = _common(list(named_old), list(named_new))
    else:
        yield from (Change(path, _plain(member), None) for member in old if member not in new)
        yield from (Change(path, None, _plain(member)) for member in new if member not in old)
        before, after = _common(list(old), list(new))
    if before != after:
        yield Change(f"{path} (order)", _plain(before), _plain(after))


def _listed(members: tuple[object, ...] | frozenset[object]) -> Sequence[object]:
    return members if isinstance(members, tuple) else sorted(members, key=str)


def _by_id(members: Sequence[object]) -> dict[str, object] | None:
    """Return the members by their ids, or None where they have none, or share them."""
    named = {str(getattr(member, "id")): member for member in members if hasattr(member, "id")}  # noqa: B009
    return named if len(named) == len(members) else None


def _common(old: list[object], new: list[object]) -> tuple[list[object], list[object]]:
    """Return what both have, in the order of each."""
    return [member for member in old if member in new], [member for member in new if member in old]


def _plain(value: object) -> object:
    """Return a value as plain data, without what a model has by default."""
    if isinstance(value, get_args(AnyAllowance)):
        return allowance_text(value)
    return _PLAIN.dump_python(value, mode="json", by_alias=True, exclude_defaults=True)


def _said(value: object) -> str:
    return value if isinstance(value, str) else shown(value)
