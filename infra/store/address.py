"""Where a store is: ``sqlite:///relevo.db`` or ``postgresql://…``, read once and checked.

A SQLite address names one file, relative to the working folder or absolute (four slashes). A store in
memory is refused: the log stands in the store, and what is accepted must outlive the process.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from infra.store.errors import StoreAddressWrong

_EXAMPLE = "write sqlite:///relevo.db or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address; ``file`` is the store's file when it is SQLite."""

    url: URL
    file: Path | None

    def __str__(self) -> str:
        """Return the address as people write it, without the password and what else is behind the ``?``."""
        shown = self.url.set(drivername=self.url.get_backend_name(), query={})
        return shown.render_as_string(hide_password=True)


def read_address(text: str) -> Address:
    """Read a store's address.

    Raises:
        StoreAddressWrong: It is no URL, or of a database that Relevo does not keep stores in.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        shown = re.sub("://[^/]*@", "://***@", text)
        raise StoreAddressWrong(f"{shown!r} is not the address of a store; {_EXAMPLE}") from error
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql" | "postgres":
            return Address(url.set(drivername="postgresql+psycopg"), None)
        case other:
            raise StoreAddressWrong(f"a store cannot be kept in {other!r}; {_EXAMPLE}")


def _sqlite(url: URL) -> Address:
    if not url.database or url.database == ":memory:":
        raise StoreAddressWrong("a store in memory would lose what it accepted; write sqlite:///relevo.db")
    if url.host or url.query:
        raise StoreAddressWrong(f"{url} has more than a path; write sqlite:///relevo.db")
    return Address(url, Path(url.database))
