"""Writing many rows at once: the statement compiled once, the rows handed to the driver as plain tuples.

SQLAlchemy's own ``executemany`` prepares the parameters of each row anew, which on this line cost more than
SQLite did. The statement still comes from SQLAlchemy, and so does the conversion of each value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect


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


@dataclass(frozen=True, slots=True)
class _Plan:
    text: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """A row's values in the order of the statement."""
    converted: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Which of them the dialect converts, and how."""


def _write(connection: Connection, plan: _Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.exec_driver_sql(plan.text, [_row(plan, row) for row in rows])


def _row(plan: _Plan, row: Mapping[str, Any]) -> tuple[Any, ...]:
    if not plan.converted:
        return plan.values(row)
    values = list(plan.values(row))
    for place, convert in plan.converted:
        values[place] = convert(values[place])
    return tuple(values)


def _positional(dialect: Dialect) -> Dialect:
    kind = cast("type[DefaultDialect]", type(dialect))
    return kind(paramstyle="format")


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
    # Rows are tuples, so the statement is written for them, also where SQLAlchemy would name the parameters.
    positional = dialect if dialect.positional else _positional(dialect)
    compiled = statement.compile(dialect=positional, column_keys=list(names))
    order = compiled.positiontup or list(names)
    converters = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    converted = tuple((place, convert) for place, convert in enumerate(converters) if convert is not None)
    return _Plan(str(compiled), itemgetter(*order), converted)
