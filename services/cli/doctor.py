"""``relevo doctor``: one line for each thing that must be well, with the remedy where it is not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import FoundWrong
from services.cli.options import Json, Store
from services.cli.terminal import write_json, write_line

if TYPE_CHECKING:
    from services.cli.examining import Finding


def doctor(
    *,
    store: Store = "",
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring the tables of an older Relevo up to date first.")
    ] = False,
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="Which tools may send, if any do.")
    ] = Path("sources.yaml"),
    json: Json = False,
) -> None:
    """Look whether everything is well: the store, the line, its clocks, what waits, who may send.

    Exit code 1 when something fails; a warning is no failure.

    Example: relevo doctor
    """
    import os

    from services.cli.examining import examine
    from services.cli.examining_sources import examine_sources

    found = [*examine(store, migrate=migrate), examine_sources(config, os.environ)]
    if json:
        write_json(map(_json, found))
    else:
        _write(found)
    if any(one.verdict == "fail" for one in found):
        raise FoundWrong("")


def _json(one: "Finding") -> dict[str, object]:
    return {"check": one.check, "verdict": one.verdict, "detail": one.detail, "remedy": one.remedy}


def _write(found: "list[Finding]") -> None:
    width = max(len(one.check) for one in found)
    for one in found:
        write_line(f"{one.verdict:4}  {one.check:{width}}  {one.detail}")
        if one.remedy:
            write_line(f"{'':4}  {'':{width}}  → {one.remedy}")
