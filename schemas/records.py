"""Records: the frozen data that the line makes by the million, at the price of plain data.

``@record(frozen=True, slots=True)`` is ``dataclasses.dataclass`` to the type checker, which refuses to
assign to a field, and ``replace`` is ``dataclasses.replace``. At run time a record is a plain slotted
dataclass: a frozen one sets each field through ``object.__setattr__``, which makes it five times as dear to
build, and the line builds some fifty for each fact. What is made now and then is a frozen dataclass.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import replace
else:
    from collections.abc import Callable
    from dataclasses import dataclass, fields
    from functools import cache
    from operator import attrgetter

    def record(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """Make a class a record; see the module."""
        return dataclass(slots=slots, unsafe_hash=frozen)

    def replace(one: Any, /, **changes: Any) -> Any:
        """Return a copy of a record with these fields changed."""
        kind = type(one)
        read, places = _layout(kind)
        values = list(read(one))
        for name, value in changes.items():
            values[places[name]] = value
        return kind(*values)

    @cache
    def _layout(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int]]:
        names = [one.name for one in fields(kind)]
        read = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)
        return read, {name: place for place, name in enumerate(names)}
