"""``relevo agreement``: check, show, draw and sign the document that both teams hold one another to."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.failures import BAD_USAGE, Refused
from services.cli.options import Json, ShownBy, Store, settings
from services.cli.terminal import NOTHING, counted, instant_text, screen, table, tell, write_json, write_line

if TYPE_CHECKING:
    from datetime import datetime

    from infra.agreement_file import Problem
    from schemas.agreement import Agreement
    from services.agreement.changes import Change
    from services.line import OpenLine, Signed

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Check, show, draw and sign the agreement."
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, in YAML.")]
FileOrSigned = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", show_default=False, help="The agreement; default: the one signed."),
]
Deadlines = dict[tuple[str, str, int], "datetime | None"]


@app.command()
def check(file: File, *, json: Json = False) -> None:
    """Check an agreement: what is wrong in it, and what is doubtful, with path, value and remedy.

    Exit code 2 when it has errors; doubts alone do not keep it from being signed.

    Example: relevo agreement check agreement.yaml
    """
    from infra.time_source import system_time
    from services.agreement.loader import examine, read

    examined = examine(read(file), str(file), system_time().date())
    if json:
        write_json(map(_problem_json, examined.problems))
    else:
        for problem in examined.problems:
            write_line(f"{problem.severity:7}  {problem}")
        errors = len(examined.errors)
        doubts = len(examined.problems) - errors
        tell(f"{file}: {counted(errors, 'error')}, {counted(doubts, 'warning')}.")
    if examined.errors:
        raise typer.Exit(BAD_USAGE)


@app.command()
def show(
    file: FileOrSigned = None, *, store: Store = "", agreement: ShownBy = None, json: Json = False
) -> None:
    """Show an agreement in tables.

    Example: relevo agreement show agreement.yaml
    """
    from services.agreement.show import sections

    found = _found(file or agreement, store)
    if json:
        write_json(found.model_dump(mode="json", by_alias=True))
        return
    for section in sections(found, settings().language):
        drawn = table(section.title, *section.columns)
        for row in section.rows:
            drawn.add_row(*row)
        screen().print(drawn)


@app.command()
def diagram(file: FileOrSigned = None, *, store: Store = "", agreement: ShownBy = None) -> None:
    """Draw the stages and the ways between them, as a Mermaid diagram.

    Example: relevo agreement diagram > stages.mmd
    """
    from services.lifecycle.diagram import mermaid

    write_line(mermaid(_found(file or agreement, store), settings().language).rstrip())


@app.command()
def sign(
    file: File,
    *,
    trying: Annotated[bool, typer.Option("--try", help="Show what would change, and sign nothing.")] = False,
    store: Store = "",
    json: Json = False,
) -> None:
    """Have an agreement signed: it is in force from now on, and open clocks follow it as it says.

    Tells what changed in the document and what that did to the clocks that were running. With --try it is
    signed on a copy of the store, a file of SQLite, and the leads that would stand elsewhere are told, too.

    Example: relevo agreement sign agreement.yaml --try
    """
    from infra.store.opening import open_store
    from services.agreement.loader import parse, read
    from services.cli.effect_told import effect_told, write_effect
    from services.line import open_line
    from services.trial import effect_of

    document = read(file)
    parse(document, str(file))  # before a store is made for it
    told: dict[str, Any] = {}
    if trying:
        tried: list[_Signing] = []
        with open_store(store, create=False) as database:
            effect = effect_of(database, lambda copy: tried.append(_signed(copy, document, file)))
        done, told = tried[0], {"effect": effect_told(effect)}
    else:
        with open_line(store, told=tell) as line:
            done = _signed(line, document, file)
    if json:
        write_json(_signing_json(done, trying=trying) | told)
        return
    _tell_signing(done, "Tried on a copy" if trying else "Signed")
    if trying and done.signed:
        write_effect(told["effect"])
        tell("Nothing has been signed.")


@app.command()
def versions(*, store: Store = "", json: Json = False) -> None:
    """List every version that was signed, the oldest first.

    Example: relevo agreement versions
    """
    from infra.store.journal_memory import signed_agreements
    from services.cli.looking import looking_at

    with looking_at(store) as looking:
        found, wall = signed_agreements(looking.connection), looking.wall
    if json:
        write_json(
            {
                "seq": one.seq,
                "version": one.version,
                "digest": one.digest,
                "effective_at": instant_text(one.effective_at),
            }
            for one in found
        )
        return
    drawn = table(wall.over("Versions"), "in force from", "version", "digest", whole=("in force from",))
    for one in found:
        drawn.add_row(wall(one.effective_at), one.version, one.digest)
    screen().print(drawn)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path("agreement.yaml"),
    *,
    example: Annotated[
        str, typer.Option(metavar="NAME", help="Which one: b2b, university, ngo or olist.")
    ] = "b2b",
) -> None:
    """Write an agreement to begin with: commented, valid, and meant to be changed.

    Example: relevo agreement init --example university
    """
    from services.agreement import loader

    if file.exists():
        raise Refused(f"{file} is there already; name another file, or move it away")
    try:
        document = loader.example(example)
    except FileNotFoundError as error:
        raise Refused(f"--example {example}: choose from b2b, university, ngo, olist") from error
    file.write_text(document, encoding="utf-8")
    tell(f"Wrote {file}. Change it, then: relevo agreement check {file}")


@dataclass(frozen=True, slots=True)
class _Signing:
    """What signing came to: the agreement, if it was not in force already; the clocks before and after."""

    signed: "Signed | None"
    differing: "tuple[Change, ...]"
    before: Deadlines
    after: Deadlines

    @property
    def moved(self) -> Deadlines:
        """The clocks whose deadline is another now, or that have ended."""
        after = self.after
        return {clock: due for clock, due in self.before.items() if clock not in after or after[clock] != due}


def _signed(line: "OpenLine", document: str, file: Path) -> _Signing:
    # What was signed is taken as it stands: a check that came later keeps nobody from replacing it.
    from infra.agreement_file import parse
    from infra.store.reading.handoffs import due_dates
    from services.agreement.changes import changes

    with line.database.reading() as connection:
        before = due_dates(connection)
    signed = line.sign(document, str(file))
    with line.database.reading() as connection:
        after = due_dates(connection)
    differing: tuple[Change, ...] = ()
    if signed and signed.instead_of:
        differing = changes(parse(signed.instead_of.document, "the agreement before"), signed.agreement)
    return _Signing(signed, differing, before, after)


def _found(file: Path | None, store: str) -> "Agreement":
    from services.agreement.loader import load
    from services.cli.looking import looking_at

    if file is not None:
        return load(file)
    with looking_at(store) as looking:
        return looking.agreement


def _problem_json(problem: "Problem") -> dict[str, object]:
    return {
        "severity": problem.severity,
        "path": problem.path,
        "line": problem.line,
        "value": problem.value if isinstance(problem.value, str | int | float | None) else str(problem.value),
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _signing_json(done: _Signing, *, trying: bool) -> dict[str, object]:
    signed, after = done.signed, done.after
    return {
        "signed": signed is not None and not trying,
        "version": signed and signed.agreement.version,
        "is_name_taken": signed is not None and signed.is_name_taken,
        "instead_of": signed and signed.instead_of and signed.instead_of.version,
        "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in done.differing],
        "clocks": [
            {
                "handoff_id": handoff_id,
                "clock": clock,
                "turn": turn,
                "due_at": due and instant_text(due),
                "now_due_at": _text(after.get((handoff_id, clock, turn))),
                "running": (handoff_id, clock, turn) in after,
            }
            for (handoff_id, clock, turn), due in done.moved.items()
        ],
    }


def _text(at: "datetime | None") -> str | None:
    return instant_text(at) if at else None


def _tell_signing(done: _Signing, what: str) -> None:
    from services.cli.signing import tell_of_name
    from services.cli.wording import clock_label, instants

    signed, moved = done.signed, done.moved
    if signed is None:
        tell("That is the agreement in force already; nothing was signed.")
        return
    tell(f"{what}: {signed.agreement.title}, version {signed.agreement.version}.")
    tell_of_name(signed)
    for change in done.differing:
        write_line(str(change))
    if not moved:
        tell(f"{counted(len(done.before), 'running clock')}, none of them moved.")
        return
    written = instants(signed.agreement)
    title = written.over(f"{counted(len(moved), 'clock')} moved")
    drawn = table(title, "hand-off", "clock", "was due", "is due")
    for (handoff_id, clock, turn), due in moved.items():
        key = (handoff_id, clock, turn)
        now_due = written(done.after[key]) if key in done.after else "ended"
        named = clock_label(signed.agreement, clock, turn)
        drawn.add_row(handoff_id, named, written(due), now_due or NOTHING)
    screen().print(drawn)
