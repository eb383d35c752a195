"""``relevo doctor``: one line for each thing that must be well, with the remedy where it is not."""

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
    json: Json = False,
) -> None:
    """Look whether everything is well: the store, the line, its clocks, what waits for a person.

    Exit code 1 when something fails; a warning is no failure.

    Example: relevo doctor
    """
    from services.cli.examining import examine

    found = examine(store, migrate=migrate)
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
