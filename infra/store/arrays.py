"""PostgreSQL's arrays, written in its own binary form: how many values reach it in one parameter.

A column of a batch travels as one array, and ``unnest`` makes rows of the arrays again: one statement for any
number of rows, parsed once a connection. psycopg's own lists are written value by value through a general
path that takes 130 ms for 1,000 rows of nine columns; this takes 4 (docs/performance.md). The form is
``array_send``'s: dimensions, whether there are nulls, the element's type, then the values with their lengths.

Values are those of a column of ours, as SQLAlchemy's types take them; nothing else is understood.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from struct import Struct, pack
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Text,
    any_,
    bindparam,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine, UserDefinedType

from infra.store.columns import Day, UtcInstant

Encode = Callable[[Sequence[Any]], bytes]

_NULL = b"\xff\xff\xff\xff"
_LENGTH = Struct(">i").pack
_HEADER = Struct(">iiIii").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class BinaryArray:
    """A parameter that is sent as it is."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Element:
    """A type of element: its name and number in PostgreSQL's catalogue, and how its values are written."""

    name: str
    oid: int
    encode: Encode


def array_of(element: Element, values: Sequence[Any]) -> BinaryArray:
    """Write values, None among them or not, as one array of one dimension."""
    if not values:
        return BinaryArray(_HEADER(0, 0, element.oid, 0, 0)[:12])
    has_nulls = None in values
    written = _around_nulls(element.encode, values) if has_nulls else element.encode(values)
    return BinaryArray(_HEADER(1, has_nulls, element.oid, len(values), 1) + written)


def element_of(kind: TypeEngine[Any]) -> Element:
    """Return the type of element that holds a column's values.

    Raises:
        TypeError: No column of ours has this type.
    """
    for column_type, element in _ELEMENTS.items():
        if isinstance(kind, column_type):
            return element
    raise TypeError(f"a column of type {kind!r} cannot be written as an array; add it to infra.store.arrays")


def _around_nulls(encode: Encode, values: Sequence[Any]) -> bytes:
    return b"".join(_NULL if value is None else encode((value,)) for value in values)


def _bytes(values: Sequence[bytes]) -> bytes:
    parts = [b""] * (2 * len(values))
    parts[0::2] = map(_LENGTH, map(len, values))
    parts[1::2] = values
    return b"".join(parts)


def _text(values: Sequence[str]) -> bytes:
    return _bytes([*map(str.encode, values)])


def _fixed(size: int, code: str) -> Encode:
    def encode(values: Sequence[int]) -> bytes:
        flat = [size] * (2 * len(values))
        flat[1::2] = values
        return pack(">" + f"i{code}" * len(values), *flat)

    return encode


_big = _fixed(8, "q")
_small = _fixed(4, "i")


def _instants(values: Sequence[datetime]) -> bytes:
    return _big([(value - _EPOCH) // _MICROSECOND for value in values])


def _days(values: Sequence[date]) -> bytes:
    return _small([(value - _FIRST_DAY).days for value in values])


TEXT = Element("text", 25, _text)
BYTES = Element("bytea", 17, _bytes)

_ELEMENTS: dict[type[TypeEngine[Any]], Element] = {
    UtcInstant: Element("timestamptz", 1184, _instants),
    Day: Element("date", 1082, _days),
    Boolean: Element("bool", 16, _fixed(1, "b")),
    BigInteger: Element("int8", 20, _big),
    Integer: Element("int4", 23, _small),
    LargeBinary: BYTES,
    Text: TEXT,
}
"""In an order in which a narrower type comes first: a BigInteger is an Integer to SQLAlchemy."""


class _ArrayOf(UserDefinedType[Sequence[Any]]):
    """A parameter that is a whole column of values."""

    cache_ok = True

    def __init__(self, element: Element) -> None:
        self.element = element

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write the values."""
        return partial(array_of, self.element)


def among(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return whether a column's value is one of these; any number of them is one parameter on PostgreSQL.

    A list of hundreds of parameters cost the driver and the server more than the answer.
    """
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(bindparam(None, values, type_=_ArrayOf(element_of(column.type))))
