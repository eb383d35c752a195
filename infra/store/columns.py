"""Column types that mean the same on SQLite and PostgreSQL.

Text is compared byte by byte on both: on PostgreSQL every text column that is created gets the collation
``C``, whatever the database's own is. The order of ids is part of what the line promises (timers fall due by
instant, lead, kind), and it is also the faster comparison.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeDecorator, TypeEngine

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer; on SQLite the type that a primary key may count up."""


@compiles(CreateColumn, "postgresql")
def _create_column(element: CreateColumn, compiler: Any, **options: Any) -> str:
    written: str = compiler.visit_create_column(element, **options)
    if not isinstance(element.element.type, Text):
        return written
    return written.replace(" TEXT", ' TEXT COLLATE "C"', 1)


class UtcInstant(TypeDecorator[datetime]):
    """An aware UTC instant.

    PostgreSQL keeps ``timestamptz``. SQLite keeps ISO 8601 text without an offset: it sorts as time does,
    SQLite's own date functions read it, and it is made and read five times faster than SQLAlchemy's own
    text form.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the dialect's form."""
        return dialect.type_descriptor(String(26) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write an instant."""
        return _instant_written(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an instant."""
        if value is None or dialect.name == "sqlite":
            return _instant_read(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what writes instants; on SQLite the function itself, for it is called by the million."""
        return _instant_written if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what reads instants; on SQLite the function itself."""
        return _instant_read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@lru_cache(maxsize=4096)
def _instant_written(value: datetime | None) -> str | None:
    """Write an instant for SQLite; a batch writes most of its instants in several rows."""
    if value is None:
        return None
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[:-6]


def _instant_read(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class Day(TypeDecorator[date]):
    """A local day."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the dialect's form."""
        return dialect.type_descriptor(String(10) if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Write a day."""
        return _day_written(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Read a day."""
        return date.fromisoformat(value) if isinstance(value, str) else value

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what writes days; on SQLite the function itself."""
        return _day_written if dialect.name == "sqlite" else super().bind_processor(dialect)


@lru_cache(maxsize=4096)
def _day_written(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
