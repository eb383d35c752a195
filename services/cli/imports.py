"""``relevo import``: a file's history through the line, in the history's own time.

An import is safe to interrupt and to repeat: every fact has an id that follows from its content, so the same
command goes on where it was, and a second run adds nothing. Facts are appended in chunks and stored as they
come; what they mean is decided when the import closes. Rows that cannot be read become dead letters; the
import is done nevertheless, exits 0, and says on standard error how many there are.
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import AgreementFile, Json, Store
from services.cli.terminal import counted, tell, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.cli.importing import Imported
    from services.imports.source import FactSource

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Run a file's history through the line.")


@app.command()
def olist(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the two CSV files.")],
    *,
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Import the public Olist marketing funnel; a new store is run under the olist agreement.

    Example: relevo import olist ../olist --store sqlite:///olist.db
    """
    from services.imports.olist import olist as read

    _run(read(directory), store, agreement, json=json, otherwise="olist")


@app.command()
def csv(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file.")],
    *,
    mapping: Annotated[
        Path, typer.Option(metavar="FILE", help="Which column is which field (docs/imports.md).")
    ],
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Import a CSV file by a mapping.

    Example: relevo import csv deals.csv --mapping deals.yaml
    """
    from services.imports.csv_mapping import csv_file

    _run(csv_file(file, mapping), store, agreement, json=json)


@app.command()
def jsonl(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CloudEvents, one a line; - is standard input.")
    ],
    *,
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Import CloudEvents, one JSON object a line.

    Example: relevo import jsonl facts.jsonl
    """
    from services.imports.jsonl import jsonl_file, jsonl_stream

    if file == "-":
        with jsonl_stream(sys.stdin.buffer) as source:
            _run(source, store, agreement, json=json)
    else:
        _run(jsonl_file(Path(file)), store, agreement, json=json)


def _run(
    source: "FactSource", store: str, agreement: Path | None, *, json: bool, otherwise: str = ""
) -> None:
    from services.agreement.loader import DEFAULT
    from services.cli.importing import import_source
    from services.cli.signing import put_in_force
    from services.line import open_line

    # Not synced with each commit: should the power fail, the file is still there to be imported again.
    with open_line(store, durability="normal", told=tell) as line:
        put_in_force(line, agreement, otherwise or DEFAULT)
        done = import_source(line, source)
    if json:
        write_json({**asdict(done), "dead_count": done.dead_count})
        if done.dead_count:
            tell(f"{dead_in_words(done)} (relevo dead).")
    else:
        for sentence in _in_words(done):
            tell(sentence)


def _in_words(done: "Imported") -> "Iterator[str]":
    from services.cli.heads import everybody

    leads = f"In the store now: {everybody(done.leads)}."
    if not done.read:
        yield f"{done.import_id} was imported before: nothing was added. {leads}"
        return
    yield f"Read {counted(done.row_count, 'row')} of {done.import_id}{_ignored(done)}."
    yield f"{facts_in_words(done)}. {leads}"
    if done.stayed_count:
        facts = counted(done.stayed_count, "fact")
        yield f"{facts} of rows that changed cannot be told again: what was said stands."
    if done.dead_count:
        yield f"{dead_in_words(done)}: relevo dead says what to do."
    if done.superseded_count:
        rows = counted(done.superseded_count, "dead letter")
        yield f"{rows} of rows put aside before closed: the rows are read now."
    if done.known_bad_count:
        yield f"{counted(done.known_bad_count, 'more row')} cannot be read and had been put aside before."


def _ignored(done: "Imported") -> str:
    if not done.ignored:
        return ""
    told = ", ".join(f"{count:,} because {why}" for why, count in done.ignored.items())
    return f", ignored {sum(done.ignored.values()):,} of them ({told})"


def facts_in_words(done: "Imported") -> str:
    """Say how many facts an import said, and how many of them are new."""
    if not done.fact_count:
        return "They say no fact: nothing was added"
    new = f"{done.admitted_count:,} new" if done.admitted_count else "nothing was added"
    if done.changed_count:
        new += f" ({done.changed_count:,} of them from rows that changed)"
    return f"They say {counted(done.fact_count, 'fact')}: {new}, {done.known_count:,} known already"


def dead_in_words(done: "Imported") -> str:
    """Say how many dead letters an import made, by reason."""
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in done.dead.items())
    return f"{counted(done.dead_count, 'dead letter')}: {by_reason}"
