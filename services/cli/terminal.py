"""What is written where: data to standard output, everything else to standard error.

JSON is written row by row as one array, so that a pipe sees the first row at once. Tables are rich's, 160
columns wide where no terminal says otherwise; colour goes when NO_COLOR is set or nobody is looking. Rich is
imported when something is drawn, because most of the time of a short command would be its import. Whatever
is written, control characters in it are shown, not sent: a name must not steer the terminal of who reads it.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TextIO

from services.cli.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 160
"""Columns where there is no terminal to ask."""

NOTHING = "–"
"""Stands in a table where there is no value."""

SECONDS_A_LINE = 5.0
"""How often long work says how far it is, where there is no terminal."""

Advance = Callable[[int], None]
"""Tells a progress bar that so much more is done."""


def write_json(rows: Iterable[Mapping[str, object]] | Mapping[str, object]) -> None:
    """Write one object, or rows as an array with a row a line."""
    if isinstance(rows, Mapping):
        sys.stdout.write(f"{json_text(rows)}\n")
        return
    written = False
    for row in rows:
        sys.stdout.write(",\n" if written else "[\n")
        sys.stdout.write(json_text(row))
        written = True
    sys.stdout.write("\n]\n" if written else "[]\n")


def json_text(value: object) -> str:
    """Return a value as one line of JSON; instants as ``2018-01-31T09:30:00Z``."""
    # JSON itself escapes only C0; escaped or not, it is the same value.
    return printable(json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain))


def _plain(value: object) -> object:
    match value:
        case datetime():
            return instant_text(value)
        case bytes():
            return value.decode("utf-8", errors="replace")
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            raise TypeError(f"{value!r} of {type(value)} is nothing that JSON has; convert it first")


def instant_text(at: datetime) -> str:
    """Return an instant in UTC: ``2018-01-31T09:30:00Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def counted(count: int, what: str) -> str:
    """Write a count with its noun: ``1 fact``, ``2,000 facts``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def write_line(text: str = "") -> None:
    """Write a plain line of data."""
    sys.stdout.write(f"{printable(text)}\n")


def tell(text: str) -> None:
    """Say something that is not data, on standard error."""
    sys.stdout.flush()  # in the order in which it was said, also where both go to one file
    sys.stderr.write(f"{printable(text)}\n")


def screen() -> "Console":
    """Return where tables are drawn: standard output."""
    return _console(sys.stdout)


def _console(stream: TextIO) -> "Console":
    from services.cli.screen import Screen

    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH
    # No markup: what is drawn is data, and a lead may be called [red].
    return Screen(file=stream, width=width, highlight=False, markup=False, emoji=False)


def table(title: str | None, *columns: str, right: Iterable[str] = (), whole: Iterable[str] = ()) -> "Table":
    """Return an empty table in the house's look: a rule under the head, no box around it.

    Args:
        title: Above it; None for none.
        columns: Their heads.
        right: The heads of the columns that hold numbers.
        whole: The heads of the columns that hold names, which are broken into lines last.
    """
    from rich import box

    from services.cli.screen import UncutTable

    made = UncutTable(
        title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
    )
    numbers, names = frozenset(right), frozenset(whole)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in numbers else "left"
        longest = max(map(len, name.split()))
        made.add_column(name, justify=justify, overflow="fold", no_wrap=name in names, min_width=longest)
    return made


@contextmanager
def progress(what: str, total: int | None, now: Callable[[], float] = time.monotonic) -> Iterator[Advance]:
    """Show a bar on standard error while something long runs; a line now and then where there is no terminal.

    Args:
        what: What is being done, two or three words.
        total: How much there is to do; None while nobody knows.
        now: What time is measured with, in seconds.
    """
    if not sys.stderr.isatty():
        yield _in_lines(what, total, now)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


def _in_lines(what: str, total: int | None, now: Callable[[], float]) -> Advance:
    begun = told = now()
    done = 0
    goal = "" if total is None else f" of {total:,}"

    def advance(count: int) -> None:
        nonlocal done, told
        done += count
        at = now()
        if at - told >= SECONDS_A_LINE:
            told = at
            tell(f"{what}: {done:,}{goal} after {at - begun:.0f} s")

    return advance
