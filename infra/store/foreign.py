"""Reading a table that is not ours: in the order of a cursor column, ties in the order of the key.

A **pass** reads everything from a lower bound up to the cursor's highest value when the pass began, in pages
of short transactions that change nothing. Ties are broken by the key, so that rows with one cursor value are
read whole, however the pages fall. Values go to the database and come back as its driver has them; no type is
guessed, so that nothing is compared in another zone or collation than the database's own.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    column,
    create_engine,
    func,
    literal_column,
    or_,
    quoted_name,
    select,
    table,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from infra.elsewhere.away import SourceAway, SourceUnfit

CONNECT_SECONDS = 10
PAGE_ROWS = 500

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TableForm:
    """What is read: a table or view, its columns (None: all), its key and its cursor, if it has one."""

    name: str
    columns: tuple[str, ...] | None
    key: tuple[str, ...]
    cursor: str | None

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which rows are read: the cursor, then the rest of the key."""
        return (self.cursor, *(one for one in self.key if one != self.cursor)) if self.cursor else self.key


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and whether they are the last of the pass."""

    rows: Sequence[Mapping[str, Any]]
    is_last: bool


class ForeignTable:
    """A table of somebody else's.

    Args:
        url: Its database's URL; ``postgresql://`` is read with psycopg.
        form: What is read.

    Raises:
        SourceUnfit: The URL is none, or its driver is not installed.
    """

    def __init__(self, url: str, form: TableForm) -> None:
        self._form = form
        self._engine, self._shown = _engine(url)
        schema, _, name = form.name.rpartition(".")
        wanted = dict.fromkeys((*(form.columns or ()), *form.order))
        # Quoted, always: a column may be called "order". So a name is written as the database spells it.
        self._columns = {one: column(quoted_name(one, quote=True), NullType()) for one in wanted}
        place = quoted_name(schema, quote=True) if schema else None
        self._table = table(quoted_name(name, quote=True), *self._columns.values(), schema=place)

    def highest(self) -> Any:
        """Return the cursor's highest value; None if no row has one."""
        with self._reading() as connection:
            return connection.execute(select(func.max(self._cursor, type_=NullType()))).scalar()

    def count_without_cursor(self) -> int:
        """Return how many rows have no cursor value, and are therefore never read."""
        with self._reading() as connection:
            found = select(func.count()).select_from(self._table).where(self._cursor.is_(None))
            return int(connection.execute(found).scalar_one())

    def page(self, *, low: Any, top: Any, after: Values | None) -> Page:
        """Return the next rows of a pass, at most ``PAGE_ROWS``.

        Args:
            low: The cursor's lowest value that counts; None: there is none.
            top: Its highest.
            after: What the last page's last row has in the columns of the order; None: from the start.

        Raises:
            SourceAway: The database does not answer now.
            SourceUnfit: It refuses: no such table or column, no leave to read it; or the key names several
                rows, or no row, and the next page would pass over some.
        """
        with self._reading() as connection:
            rows = [dict(row) for row in connection.execute(self._statement(low, top, after)).mappings()]
        self._check(rows)
        return Page(rows[:PAGE_ROWS], len(rows) <= PAGE_ROWS)

    def close(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    def _check(self, rows: Sequence[Mapping[str, Any]]) -> None:
        order, last = self._form.order, PAGE_ROWS - 1
        # SQLite takes a quoted name that it does not know for a text, and orders by that.
        if rows and (missing := [name for name in order if name not in rows[0]]):
            raise SourceUnfit(f"{self._form.name} has no column {missing[0]!r}")
        for one, other in pairwise(rows):
            if all(one[name] == other[name] for name in order):
                key = ", ".join(self._form.key)
                raise SourceUnfit(
                    f"several rows of {self._form.name} agree in {key}; name more columns as key"
                )
        if len(rows) > PAGE_ROWS and (empty := _empty_at(order, *rows[last:])):
            raise SourceUnfit(
                f"a row of {self._form.name} has no {empty!r}; name columns as key that always have one"
            )

    @property
    def _cursor(self) -> ColumnElement[Any]:
        assert self._form.cursor is not None  # noqa: S101 - asked of tables that have one
        return self._columns[self._form.cursor]

    def _statement(self, low: Any, top: Any, after: Values | None) -> Select[*tuple[Any, ...]]:
        order = [self._columns[name] for name in self._form.order]
        read = [literal_column("*")] if self._form.columns is None else list(self._columns.values())
        statement = select(*read).select_from(self._table).order_by(*order).limit(PAGE_ROWS + 1)
        if self._form.cursor and low is not None:
            statement = statement.where(self._cursor >= _bound(low))
        if self._form.cursor:
            statement = statement.where(self._cursor <= _bound(top))
        return statement if after is None else statement.where(_behind(order, after))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise _explained(self._shown, error) from error
        except SQLAlchemyError as error:
            raise SourceUnfit(f"{self._shown}: {_first_line(error)}") from error


def _empty_at(order: Sequence[str], last: Mapping[str, Any], following: Mapping[str, Any]) -> str | None:
    """Return the column without a value behind which the rows that follow a page would be passed over.

    Nothing is greater than no value, and that is greater than nothing, wherever the database puts it. So only
    what differs in a column before it is found again.
    """
    for name in order:
        if last[name] is None or following[name] is None:
            return name
        if last[name] != following[name]:
            return None
    return None


def _bound(value: Any) -> ColumnElement[Any]:
    """Return a parameter of no type, so that nothing is cast: it goes as the driver writes it."""
    return bindparam(None, value, type_=NullType(), unique=True)


def _behind(order: Sequence[ColumnElement[Any]], after: Values) -> ColumnElement[bool]:
    """Return the condition of a row that comes after these values: ``(a, b) > (x, y)``, for any database."""
    ways = []
    for place, value in enumerate(after):
        equal = [one == _bound(known) for one, known in zip(order[:place], after[:place], strict=True)]
        ways.append(and_(*equal, order[place] > _bound(value)))
    return or_(*ways)


def _engine(text: str) -> tuple[Engine, str]:
    """Return an engine, and its URL for people."""
    try:
        url = make_url(text)
        if url.get_backend_name() in ("postgresql", "postgres") and "+" not in url.drivername:
            url = url.set(drivername="postgresql+psycopg")
        return _made(url), _shown(url)
    except ArgumentError as error:
        raise SourceUnfit("the URL is none; write postgresql://user:password@host/database") from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise SourceUnfit(
            f"no driver for this URL is installed ({_first_line(error)}); install it"
        ) from error


_CONNECTING: dict[str, Any] = {
    "application_name": "relevo pull",
    "client_encoding": "utf8",
    # A peer that vanished without a word is noticed within about ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def _made(url: URL) -> Engine:
    """Make an engine that cannot write, where the database knows such a thing."""
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise SourceUnfit("a database in memory is nobody else's; write sqlite:////path/to/file.db")
            file = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
            engine = create_engine(file, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
            listen(engine, "connect", _read_any_text)
            return engine
        case "postgresql":
            options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
            connecting = _CONNECTING | {"connect_timeout": CONNECT_SECONDS}
            return create_engine(url, poolclass=NullPool, execution_options=options, connect_args=connecting)
        case _:
            return create_engine(url, poolclass=NullPool)


def _read_any_text(connection: sqlite3.Connection, _record: object) -> None:
    """Read text that is none with half characters in it: its row goes aside, and not the whole table."""
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")


_GONE = ("OperationalError", "InterfaceError", "InternalError")
_REFUSALS = (
    "no such table",
    "no such column",
    "password authentication failed",
    "does not exist",
    "not a database",
)
"""What databases say under the heads of an outage, and no waiting mends."""


def _explained(shown: str, error: DBAPIError) -> Exception:
    said = _first_line(error.orig or error)
    sentence = f"{shown}: {said}"
    is_away = type(error).__name__ in _GONE and not any(one in said for one in _REFUSALS)
    return SourceAway(sentence) if is_away else SourceUnfit(sentence)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _shown(url: URL) -> str:
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)
