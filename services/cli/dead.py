"""``relevo dead``: what could not be taken, why, and the way back."""

import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import FoundWrong, Refused
from services.cli.options import AgreementFile, Json, Limit, Store, whole
from services.cli.terminal import counted, instant_text, screen, table, tell, write_json, write_line

if TYPE_CHECKING:
    from infra.store.database import Transaction
    from infra.store.reading.dead_letters import DeadLetterRow
    from services.cli.wall import Wall
    from services.line import OpenLine

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Show what could not be taken, and bring it back.",
)

Number = Annotated[
    int, typer.Argument(parser=whole(), metavar="NUMBER", help="Its number in relevo dead list.")
]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(parser=whole(), metavar="NUMBER", help="Their numbers in relevo dead list."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="All that wait for this reason.")]
Source = Annotated[
    str, typer.Option("--source", metavar="NAME", help="Of these, only those from this source.")
]
Discarded = Annotated[bool, typer.Option("--discarded", help="Take one that was discarded all the same.")]
Trying = Annotated[bool, typer.Option("--try", help="Show what would change, and change nothing.")]
_WITH = "The corrected event, one JSON object; - is standard input."


@app.callback()
def dead(context: typer.Context, *, store: Store = "", json: Json = False) -> None:
    """Show what could not be taken, why, and what to do about it; without a verb, the list.

    Example: relevo dead
    """
    if context.invoked_subcommand is None:
        list_letters(store=store, json=json)


@app.command("list")
def list_letters(
    *,
    store: Store = "",
    reason: Annotated[str, typer.Option(metavar="REASON", help="Only those with this reason.")] = "",
    source: Annotated[str, typer.Option(metavar="NAME", help="Only those from this source.")] = "",
    closed: Annotated[bool, typer.Option("--all", help="Show those that wait no more as well.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List the dead letters that wait, the oldest first.

    Example: relevo dead list --reason currency
    """
    from infra.store.reading.dead_letters import count_dead_letters, dead_letters_like
    from services.cli.looking import looking_at

    _check_reason(reason)
    with looking_at(store) as looking:
        found = dead_letters_like(
            looking.connection, reason=reason, source=source, closed=closed, limit=limit
        )
        counts, wall = count_dead_letters(looking.connection, source), looking.wall
    if json:
        write_json(map(_json, found))
        return
    if found:
        _draw(found, wall)
    tell(_counted(found, counts, reason))


@app.command()
def show(number: Number, *, store: Store = "", json: Json = False) -> None:
    """Show one dead letter: why, what to do, and the bytes that were sent.

    What cannot be shown is shown as U+FFFD or escaped; original_base64 of --json is the bytes as they came.

    Example: relevo dead show 3
    """
    from services.cli.looking import looking_at

    with looking_at(store) as looking:
        letter = _letter(looking.connection, number)
    if json:
        write_json(_json(letter))
        return
    tell(f"Dead letter {letter.id}, received {instant_text(letter.received_at)}: {letter.reason}")
    tell(f"  {letter.detail}")
    tell(f"  What to do: {letter.remedy}.")
    if letter.closed_at:
        why = f": {letter.closed_because}" if letter.closed_because else ""
        tell(f"  {(letter.closed_as or '').capitalize()} {instant_text(letter.closed_at)}{why}.")
    if letter.original is not None:
        write_line(letter.original.decode("utf-8", errors="replace"))


@app.command()
def resubmit(
    numbers: Numbers = None,
    *,
    reason: Reason = "",
    source: Source = "",
    corrected: Annotated[Path | None, typer.Option("--with", metavar="FILE", help=_WITH)] = None,
    discarded: Discarded = False,
    trying: Trying = False,
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Put dead letters into the log again, as they are or corrected; each keeps its event id.

    As they are is right when the cause was elsewhere: the agreement, the currency, a missing import. With
    --try it is done on a copy of the store, and what would change is shown.

    Example: relevo dead resubmit 3 --with corrected.json
    """
    if corrected is not None and (reason or source or len(numbers or ()) != 1):
        raise Refused("--with corrects one dead letter; name one number")
    asked = _Asked(tuple(numbers or ()), reason, source, discarded)
    _put_back(asked, corrected, trying=trying, store=store, agreement=agreement, json=json)


@app.command()
def fix(
    number: Number,
    *,
    corrected: Annotated[Path, typer.Option("--with", metavar="FILE", help=_WITH)],
    discarded: Discarded = False,
    trying: Trying = False,
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Put one dead letter into the log again, corrected: what resubmit does with --with.

    Example: relevo dead fix 3 --with corrected.json --try
    """
    _put_back(
        _Asked((number,), discarded=discarded),
        corrected,
        trying=trying,
        store=store,
        agreement=agreement,
        json=json,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which dead letters are meant: by their numbers, and all of a reason, of a source, or of both."""

    numbers: tuple[int, ...] = ()
    reason: str = ""
    source: str = ""
    discarded: bool = False
    """Whether one that was discarded may be meant, by its number."""

    def chosen(self, connection: "Transaction") -> "list[DeadLetterRow]":
        from infra.store.reading.dead_letters import dead_letters_like

        if not (self.numbers or self.reason or self.source):
            raise Refused("name dead letters by their numbers, or all with one --reason or from one --source")
        _check_reason(self.reason)
        found = [_letter(connection, number) for number in dict.fromkeys(self.numbers)]
        if self.reason or self.source:
            like = dead_letters_like(connection, reason=self.reason, source=self.source)
            found += [one for one in like if one.id not in self.numbers]
        return found


def _put_back(
    asked: _Asked,
    corrected: Path | None,
    *,
    trying: bool,
    store: str,
    agreement: Path | None,
    json: bool,
) -> None:
    from infra.store.reading.standing import grown_since, mark
    from services.cli.resubmitting import again, resubmit_letters
    from services.cli.signing import put_in_force
    from services.line import open_line

    if trying and agreement is not None:
        raise Refused("--try changes nothing, and --agreement signs; leave out one of them")
    with open_line(store, told=tell) as line:
        with line.database.reading() as connection:
            letters = asked.chosen(connection)
            before = mark(connection)
        values = again(line, letters, _content(corrected), discarded=asked.discarded)
        if trying:
            _show_effect(line, letters, values, json=json)
            return
        put_in_force(line, agreement)
        resubmit_letters(line, letters, values)
        line.decide()
        with line.database.reading() as connection:
            admitted, dead_again = grown_since(connection, before)
    if json:
        write_json({"resubmitted_count": len(letters), "admitted_count": admitted, "dead_count": dead_again})
    else:
        tell(f"Resubmitted {len(letters):,}: {admitted:,} admitted, {dead_again:,} dead again.")
    if dead_again:
        raise FoundWrong("")


def _show_effect(
    line: "OpenLine", letters: "list[DeadLetterRow]", values: list[bytes], *, json: bool
) -> None:
    from services.cli.effect_told import effect_told, write_effect
    from services.cli.resubmitting import resubmit_letters
    from services.trial import effect_of

    effect = effect_of(line.database, lambda copy: resubmit_letters(copy, letters, values))
    told = effect_told(effect)
    if json:
        write_json({"tried_count": len(letters), "effect": told})
        return
    write_effect(told)
    came = f"{effect.admitted_count:,} admitted, {effect.dead_count:,} dead again"
    tell(f"Tried {counted(len(letters), 'dead letter')} on a copy: {came}. Nothing has been changed.")


@app.command()
def discard(
    numbers: Numbers = None,
    *,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with them.")],
    reason: Reason = "",
    source: Source = "",
    store: Store = "",
    json: Json = False,
) -> None:
    """Let dead letters wait no longer: nothing more will be done about them. They are kept, and so is why.

    Example: relevo dead discard 3 --because "a test of the form"
    """
    from infra.store.burying import close_letters
    from infra.store.opening import open_store
    from infra.time_source import system_time
    from schemas.dead_letters import Closing

    if not because.strip():
        raise Refused("--because is blank; write why nothing more will be done")
    with open_store(store, create=False) as database, database.writing() as connection:
        letters = _Asked(tuple(numbers or ()), reason, source).chosen(connection)
        for letter in letters:
            if letter.closed_as is not None:
                raise Refused(f"dead letter {letter.id} waits no longer: it is {letter.closed_as}")
        close_letters(
            connection, [one.id for one in letters], system_time(), Closing.DISCARDED, because.strip()
        )
    if json:
        write_json({"discarded_count": len(letters)})
    else:
        tell(f"Discarded {counted(len(letters), 'dead letter')}; relevo dead list --all still shows them.")


def _check_reason(reason: str) -> None:
    from schemas.dead_letters import DeadReason

    if reason and reason not in list(DeadReason):
        raise Refused(f"--reason {reason}: choose from {', '.join(DeadReason)}")


def _letter(connection: "Transaction", number: int) -> "DeadLetterRow":
    from infra.store.reading.dead_letters import dead_letter

    found = dead_letter(connection, number)
    if found is None:
        raise Refused(f"there is no dead letter {number}; relevo dead list shows those there are")
    return found


def _content(corrected: Path | None) -> bytes | None:
    if corrected is None:
        return None
    if str(corrected) == "-":
        return sys.stdin.buffer.read().strip()
    return corrected.read_bytes().strip()


def _json(letter: "DeadLetterRow") -> dict[str, object]:
    return {
        "id": letter.id,
        "received_at": instant_text(letter.received_at),
        "reason": letter.reason,
        "detail": letter.detail,
        "remedy": letter.remedy,
        "source": letter.source,
        "event_id": letter.event_id,
        "original": letter.original,
        "original_base64": None if letter.original is None else b64encode(letter.original).decode(),
        "closed_at": letter.closed_at and instant_text(letter.closed_at),
        "closed_as": letter.closed_as,
        "closed_because": letter.closed_because,
    }


def _draw(found: "list[DeadLetterRow]", wall: "Wall") -> None:
    heads = ("number", "received", "reason", "what is wrong", "what to do")
    drawn = table(wall.over("Dead letters"), *heads, right=("number",), whole=("received", "reason"))
    for letter in found:
        closed = f" ({letter.closed_as})" if letter.closed_as else ""
        drawn.add_row(
            str(letter.id),
            wall(letter.received_at),
            letter.reason + closed,
            letter.detail[:200],
            letter.remedy if letter.closed_as is None else letter.closed_because or "nothing",
        )
    screen().print(drawn)


def _counted(found: "list[DeadLetterRow]", counts: dict[str, int], reason: str) -> str:
    """Say how many of those asked for wait, of how many, and how to see the rest."""
    every = sum(counts.values())
    asked = counts.get(reason, 0) if reason else every
    waiting = sum(letter.closed_at is None for letter in found)
    if not every:
        said = "No dead letter waits"
    elif reason:
        said = f"{asked:,} of {every:,} that wait {'is' if asked == 1 else 'are'} for {reason}"
    else:
        by_reason = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        said = f"{counted(every, 'dead letter')} {'waits' if every == 1 else 'wait'}: {by_reason}"
    closed = f"; {len(found) - waiting:,} more wait no longer" if len(found) > waiting else ""
    rest = f"; {waiting:,} shown, --limit {len(found) + asked - waiting} shows all" if waiting < asked else ""
    return f"{said}{closed}{rest}."
