"""Writing many rows at once: the statement compiled once, the rows handed to the driver as plain tuples.

SQLAlchemy's own ``executemany`` prepares the parameters of each row anew, which on this line cost more than
SQLite did. The statement still comes from SQLAlchemy, and so does the conversion of each value.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

Convert = Callable[[Any], Any] | None


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns; a row that is there already is an error."""
    if rows:
        _write(connection, _plan(table, tuple(rows[0]), "insert", (), connection.dialect), rows)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, add: tuple[str, ...] = ()
) -> None:
    """Insert rows, or bring those that are there up to date.

    Args:
        connection: In a transaction.
        table: Where to.
        rows: All with the same columns, the primary key among them.
        add: Columns that are added to instead of replaced.
    """
    if rows:
        _write(connection, _plan(table, tuple(rows[0]), "upsert", add, connection.dialect), rows)


_Plan = tuple[str, tuple[tuple[str, Convert], ...]]


def _write(connection: Connection, plan: _Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    text, columns = plan
    converted = [
        tuple(row[name] if convert is None else convert(row[name]) for name, convert in columns)
        for row in rows
    ]
    connection.exec_driver_sql(text, converted)


@lru_cache(maxsize=256)
def _plan(table: Table, names: tuple[str, ...], how: str, add: tuple[str, ...], dialect: Dialect) -> _Plan:
    statement = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
    if how == "upsert":
        keys = [column.name for column in table.primary_key]
        changed = {
            name: table.c[name] + statement.excluded[name] if name in add else statement.excluded[name]
            for name in names
            if name not in keys
        }
        statement = (
            statement.on_conflict_do_update(index_elements=keys, set_=changed)
            if changed
            else statement.on_conflict_do_nothing(index_elements=keys)
        )
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup or list(names)
    return str(compiled), tuple((name, _converter(table, name, dialect)) for name in order)


def _converter(table: Table, name: str, dialect: Dialect) -> Convert:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
