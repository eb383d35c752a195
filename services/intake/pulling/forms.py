"""What ``pull:`` says of a source: where to read, how often, and how far back to look again.

Written in ``sources.yaml`` beside the mapping, and checked with it. Passwords and keys stand in the
environment; here are the names of the variables.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from schemas.frozen import Frozen
from services.intake.vendor import EnvName
from services.spans import Span

Every = Annotated[Span, Field(ge=timedelta(seconds=1))]
Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]


def one_or_several(value: object) -> object:
    """Return a text as a list of it."""
    return (value,) if isinstance(value, str) else value


Columns = Annotated[tuple[Column, ...], BeforeValidator(one_or_several), Field(min_length=1, max_length=64)]


class Pull(Frozen):
    """What every source that is fetched says."""

    every: Every = timedelta(minutes=5)
    """How long after one look the next one begins."""


class TablePull(Pull):
    """A table or a view of somebody else's database."""

    url_env: EnvName
    """The environment variable that holds the database's URL, password and all."""
    table: Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)?$", max_length=256)]
    """A table or a view; with its schema where it has one: ``crm.contacts``."""
    columns: Columns | None = None
    """What is read; null: every column. A change of another column is no change."""
    key: Columns
    """What together names a row."""
    cursor: Column | None = None
    """A column that grows whenever a row is written; null: the whole table is read each time."""
    lookback: Span | Annotated[int, Field(ge=0, le=10**9)] | None = None
    """How far behind the newest cursor rows are looked at again: for those that were committed late."""
