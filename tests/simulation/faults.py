"""Processes that die: at any statement, before or after any COMMIT, and in the midst of publishing.

``Faults`` counts the moments at which a process may die and lets it die at the one that is chosen. The
product knows nothing of it: the moments are those that a database's events, a store's transactions and a
publisher have anyway.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from infra.store.database import Database


class Crash(Exception):
    """The process died here."""


class Lost(Exception):
    """A producer lost a record, and delivered later ones."""


class Faults:
    """The moments at which a process may die."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._left: int | None = None

    def arm(self, moments: int) -> None:
        """Let the process die after as many moments more; 0 is the next one."""
        self._left = moments

    def disarm(self) -> None:
        """Let the process live."""
        self._left = None

    def moment(self, name: str) -> None:
        """Die here, if it is the one.

        Raises:
            Crash: It is.
        """
        self.passed.append(name)
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            raise Crash(name)


class FragileDatabase(Database):
    """A store whose process may die at any statement and on either side of each COMMIT."""

    __slots__ = ("faults",)
    faults: Faults

    @classmethod
    def over(cls, database: Database, faults: Faults) -> "FragileDatabase":
        """Return the same store in the hands of a process that may die."""
        fragile = cls(database.address, database.engine)
        object.__setattr__(fragile, "faults", faults)

        def before_statement(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
            faults.moment(statement)

        event.listen(database.engine, "before_cursor_execute", before_statement)
        return fragile

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write, as ``Database.writing``."""
        with Database.writing(self) as connection:
            yield connection
            self.faults.moment("before COMMIT")
        self.faults.moment("after COMMIT")

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Write, as ``Database.alone``."""
        with Database.alone(self) as connection:
            yield connection
            self.faults.moment("before COMMIT")
        self.faults.moment("after COMMIT")
