"""Writing many rows at once: the statement written once, the rows handed to the driver in its own form.

SQLAlchemy's own ``executemany`` prepares the parameters of each row anew, which on this line cost more than
SQLite did. Here rows go to SQLite as plain tuples, their values converted by SQLAlchemy's types. To
PostgreSQL the columns go as arrays (``infra.store.arrays``), and ``unnest`` makes rows of them: one statement
and one answer, however many rows. ``COPY`` into a temporary table was as fast, and would need leave to make
one.

Rows are written in the order of their keys, so that two workers that show something of the same leads wait
for one another and never for each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

from infra.store.arrays import BinaryArray, Element, array_of, element_of

Rows = Sequence[Mapping[str, Any]]
How = Literal["insert", "upsert", "delete", "select"]

KEYS_A_STATEMENT = 200
"""On SQLite; each may take ten of a statement's variables."""

MARKS = "(:keys)"
"""Stands in SQLite's search for the marks of as many keys as there are."""


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, all with the same columns; a row that is there already is an error."""
    _write(connection, table, rows, "insert")


def upsert(connection: Connection, table: Table, rows: Rows, *, add: tuple[str, ...] = ()) -> None:
    """Insert rows, or bring those that are there up to date.

    Args:
        connection: In a transaction.
        table: Where to.
        rows: All with the same columns, the primary key among them; of several with one key the last counts.
        add: Columns that are added to instead of replaced.
    """
    key = itemgetter(*(column.name for column in table.primary_key))
    # PostgreSQL refuses to touch a row twice in one statement.
    last = dict(zip(map(key, rows), rows, strict=True))
    _write(connection, table, [last[one] for one in sorted(last)], "upsert", add)


def delete_rows(connection: Connection, table: Table, keys: Rows) -> None:
    """Delete rows by their keys, all with the same columns; those that are not there do not matter."""
    _write(connection, table, keys, "delete")


def rows_like(connection: Connection, table: Table, keys: Rows) -> Iterator[Mapping[str, Any]]:
    """Return the whole rows that agree with any of these, all with the same columns and none twice."""
    if not keys:
        return
    plan = _plan(table, tuple(keys[0]), "select", (), connection.dialect)
    if plan.elements:
        for row in connection.exec_driver_sql(plan.text, _arrays(plan, keys)).mappings():
            yield dict(row)
        return
    read = _reader(table, connection.dialect)
    for start in range(0, len(keys), KEYS_A_STATEMENT):
        some = _tuples(plan, keys[start : start + KEYS_A_STATEMENT])
        marks = ", ".join([_marks(len(plan.converters))] * len(some))
        found = connection.exec_driver_sql(plan.text.replace(MARKS, marks), tuple(chain.from_iterable(some)))
        yield from map(read, found)


@dataclass(frozen=True, slots=True)
class _Plan:
    text: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """A row's values in the order of the statement."""
    converters: tuple[Callable[[Any], Any] | None, ...] = ()
    """How SQLite's dialect converts a column's values; None: it takes them as they are."""
    elements: tuple[Element, ...] = ()
    """What the columns hold, where they go as arrays."""


def _write(connection: Connection, table: Table, rows: Rows, how: How, add: tuple[str, ...] = ()) -> None:
    if not rows:
        return
    plan = _plan(table, tuple(rows[0]), how, add, connection.dialect)
    connection.exec_driver_sql(plan.text, _arrays(plan, rows) if plan.elements else _tuples(plan, rows))


def _arrays(plan: _Plan, rows: Rows) -> tuple[BinaryArray, ...]:
    columns = zip(*map(plan.values, rows), strict=True)
    return tuple(array_of(element, column) for element, column in zip(plan.elements, columns, strict=True))


def _tuples(plan: _Plan, rows: Rows) -> list[tuple[Any, ...]]:
    """Return the rows, converted column by column."""
    columns = zip(*map(plan.values, rows), strict=True)
    converted = (
        column if convert is None else map(convert, column)
        for convert, column in zip(plan.converters, columns, strict=True)
    )
    return list(zip(*converted, strict=True))


@lru_cache(maxsize=256)
def _plan(table: Table, names: tuple[str, ...], how: How, add: tuple[str, ...], dialect: Dialect) -> _Plan:
    words = _Words(table, names, add, dialect.identifier_preparer.quote)
    values = _in_order(names)
    if dialect.name == "sqlite":
        converters = tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
        return _Plan(words.of_marks(how, _marks(len(names))), values, converters)
    elements = tuple(element_of(table.c[name].type) for name in names)
    arrays = f"unnest({', '.join(f'%b::{element.name}[]' for element in elements)})"
    return _Plan(words.of_arrays(how, arrays), values, elements=elements)


def _marks(width: int) -> str:
    return f"({', '.join('?' * width)})"


@lru_cache(maxsize=64)
def _reader(table: Table, dialect: Dialect) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return what makes a row of SQLite's, all columns in the table's order, one of ours."""
    names = [column.name for column in table.c]
    readers = [
        (column.name, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in table.c
    ]
    reading = [(name, read) for name, read in readers if read is not None]

    def row_of(values: Sequence[Any]) -> dict[str, Any]:
        row = dict(zip(names, values, strict=True))
        for name, read in reading:
            row[name] = read(row[name])
        return row

    return row_of


@dataclass(frozen=True, slots=True)
class _Words:
    """What SQLite and PostgreSQL say alike about some columns of a table."""

    table: Table
    names: tuple[str, ...]
    add: tuple[str, ...]
    quote: Callable[[str], str]

    def of_marks(self, how: How, marks: str) -> str:
        """Do it with one row of marks; a search takes as many as are put in for ``MARKS``."""
        match how:
            case "select":
                # Of ``(a, b) IN (VALUES …)`` SQLite makes a scan of the whole table; of a join, searches.
                wanted = f"WITH wanted ({self._listed(self.names)}) AS (VALUES {MARKS})"
                return f"{wanted} {self._joined('wanted')}"
            case "delete":
                return self.deleting_one()
            case _:
                return self.writing(how, f"VALUES {marks}")

    def of_arrays(self, how: How, arrays: str) -> str:
        """Do it with all the rows that arrays make."""
        match how:
            case "select":
                return self.joining(arrays)
            case "delete":
                return self.deleting_all(arrays)
            case _:
                return self.writing(how, "SELECT * FROM " + arrays)  # noqa: S608 - names of our own

    def joining(self, arrays: str) -> str:
        """Select the rows that agree with any row of the arrays."""
        return self._joined(f"{arrays} AS wanted ({self._listed(self.names)})")

    def _joined(self, wanted: str) -> str:
        table, names = self.quote(self.table.name), self._listed(self.names)
        columns = ", ".join(f"{table}.{self.quote(column.name)}" for column in self.table.c)
        return f"SELECT {columns} FROM {wanted} JOIN {table} USING ({names})"  # noqa: S608 - names of our own

    def writing(self, how: How, source: str) -> str:
        """Insert from a source; an upsert changes what is there already."""
        into = f"INSERT INTO {self.quote(self.table.name)} ({self._listed(self.names)}) {source}"
        if how == "insert":
            return into
        keys = [column.name for column in self.table.primary_key]
        changed = [self._change(name) for name in self.names if name not in keys]
        done = f"DO UPDATE SET {', '.join(changed)}" if changed else "DO NOTHING"
        return f"{into} ON CONFLICT ({self._listed(keys)}) {done}"

    def _change(self, name: str) -> str:
        column = self.quote(name)
        before = f"{self.quote(self.table.name)}.{column} + " if name in self.add else ""
        return f"{column} = {before}excluded.{column}"

    def deleting_one(self) -> str:
        """Delete the row that agrees with one row of values."""
        agrees = " AND ".join(f"{self.quote(name)} = ?" for name in self.names)
        return f"DELETE FROM {self.quote(self.table.name)} WHERE {agrees}"  # noqa: S608 - names of our own

    def deleting_all(self, arrays: str) -> str:
        """Delete the rows that agree with any row of the arrays."""
        table = self.quote(self.table.name)
        agrees = " AND ".join(f"{table}.{column} = gone.{column}" for column in map(self.quote, self.names))
        gone = f"{arrays} AS gone ({self._listed(self.names)})"
        return f"DELETE FROM {table} USING {gone} WHERE {agrees}"  # noqa: S608 - names of our own

    def _listed(self, names: Iterable[str]) -> str:
        return ", ".join(map(self.quote, names))


def _in_order(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    (name,) = names
    return lambda row: (row[name],)
