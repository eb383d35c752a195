"""The options that every verb shares: where the store is, which agreement, and JSON instead of tables.

They may stand before the verb or behind it; behind goes before before, and both go before the environment
(``infra.settings``). A verb gets them resolved: its ``store`` is an address, its ``agreement`` a file or
None.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.settings import Settings, read_settings
from services.cli.failures import Refused

MOST_STORED = 2**63 - 1
"""The largest number that a store can hold."""
MOST_PARTITIONS = 2**31 - 1
MOST_COPIES = 2**15 - 1
"""What fits into Kafka's own messages."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was said before the verb."""

    store: str | None
    agreement: Path | None


def settings() -> Settings:
    """Return the settings of this process's environment."""
    return read_settings(os.environ)


def _before(context: typer.Context) -> Before:
    found = context.find_root().obj
    return found if isinstance(found, Before) else Before(None, None)


def _store(context: typer.Context, value: str) -> str:
    return value or _before(context).store or settings().store


def _agreement(context: typer.Context, value: Path | None) -> Path | None:
    chosen = value or _before(context).agreement
    if chosen is None and (named := settings().agreement):
        chosen = Path(named)
    if chosen is not None and not chosen.is_file():
        raise Refused(f"there is no file {chosen}; name the agreement's file with --agreement")
    return chosen


Store = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="URL",
        callback=_store,
        show_default=False,
        help="Where the store is; default sqlite:///relevo.db, or RELEVO_STORE.",
    ),
]


def _agreement_file(sentence: str) -> Any:
    return typer.Option("--agreement", metavar="FILE", callback=_agreement, show_default=False, help=sentence)


AgreementFile = Annotated[
    Path | None,
    _agreement_file("The agreement: signed first when it differs from the newest in the store."),
]
ShownBy = Annotated[
    Path | None,
    _agreement_file("Show things in this agreement's words instead of the signed one's; signs nothing."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def day(text: str) -> date:
    """Read a day from an option.

    Raises:
        typer.BadParameter: The text is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it like 2026-03-02") from error


def whole(least: int = 1, most: int = MOST_STORED) -> Callable[[str | int], int]:
    """Return what reads a whole number from an option; a default comes as the number that it is.

    Args:
        least: The smallest that may be written.
        most: The largest; unless it is said, what a store holds.
    """

    def read(text: str | int) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", str(text)):
            meant = f"{least} or more" if most == MOST_STORED else f"{least} to {most}"
            raise typer.BadParameter(f"{text!r} is no whole number; write {meant}")
        if (number := int(text)) < least:
            raise typer.BadParameter(f"{text!r} is too small; write {least} or more")
        if number > most:
            raise typer.BadParameter(f"{text!r} is too large; write {most} or less")
        return number

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what reads a word from an option that is one of a few."""

    def read(text: str) -> str:
        if text not in choices:
            raise typer.BadParameter(f"{text!r} is none of them; choose from {', '.join(choices)}")
        return text

    return read


Since = Annotated[date | None, typer.Option("--since", parser=day, metavar="DAY", help="From this day on.")]
Until = Annotated[date | None, typer.Option("--until", parser=day, metavar="DAY", help="Before this day.")]
Limit = Annotated[int, typer.Option("--limit", parser=whole(), metavar="COUNT", help="Show at most so many.")]
