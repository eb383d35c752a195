"""Dead letters back into the log: as they are or corrected, under the event id they had.

One that belonged to an import whose close is past goes back as a small import of its own, so that it is
decided in the history's own time all the same. Appending comes first and the note that it was done second: a
crash in between has the letter resubmitted twice, and the second time is a duplicate.
"""

from collections.abc import Sequence

from infra.store.burying import close_letters
from infra.store.reading.dead_letters import DeadLetterRow
from infra.store.reading.standing import imports_of
from infra.time_source import system_time
from infra.wire import read_fact, write_fact
from schemas.dead_letters import OF_ROWS, Closing, DeadLetter, DeadReason
from schemas.facts import FactEvent, ImportClosed, ImportOpened
from services.cli.failures import Refused
from services.line import OpenLine
from services.line_host import control_event

_LONGEST_NAME = 100
_ERASED = "dead letter {} has been erased; there is nothing to resubmit"


def again(
    line: OpenLine, letters: Sequence[DeadLetterRow], corrected: bytes | None, *, discarded: bool = False
) -> list[bytes]:
    """Return what to append to the log so that dead letters are decided again.

    Args:
        line: The line.
        letters: Which.
        corrected: What to say instead of the original, for a single letter.
        discarded: Whether those that were discarded are taken, too.

    Raises:
        Refused: One cannot be resubmitted; then none is.
    """
    with line.database.reading() as connection:
        open_imports = {one.import_id for one in imports_of(connection) if one.closed_seq is None}
    values: list[bytes] = []
    for letter in letters:
        values += _again(letter, _checked(letter, corrected, discarded=discarded), open_imports)
    return values


def resubmit_letters(line: OpenLine, letters: Sequence[DeadLetterRow], values: Sequence[bytes]) -> None:
    """Append what ``again`` made of dead letters to the log, and note that it was done."""
    line.host.append(values)
    with line.database.writing() as connection:
        numbers = [letter.id for letter in letters]
        close_letters(connection, numbers, system_time(), Closing.RESUBMITTED)


def _checked(letter: DeadLetterRow, corrected: bytes | None, *, discarded: bool) -> bytes:
    if letter.closed_as is not None and not (discarded and letter.closed_as == Closing.DISCARDED):
        raise Refused(_closed(letter))
    if corrected is None:
        if letter.reason in OF_ROWS:
            raise Refused(f"dead letter {letter.id} is a row of a file; {letter.remedy}")
        if (
            letter.reason == DeadReason.UNMAPPED
        ):  # a tool's own words: the log would make a worse letter of them
            raise Refused(f"dead letter {letter.id} is no event yet; {letter.remedy}")
        if letter.original is None:
            raise Refused(_ERASED.format(letter.id))
        return letter.original
    event = read_fact(corrected)
    if isinstance(event, DeadLetter):
        raise Refused(f"the corrected event cannot be read either: {event.detail}; {event.remedy}")
    _check_name(letter, event)
    return corrected


def _closed(letter: DeadLetterRow) -> str:
    """Say of a letter that waits no longer why it does not, and the way there is all the same."""
    match letter.closed_as:
        case Closing.RESUBMITTED:
            return f"dead letter {letter.id} was resubmitted before; if it died again, it has a new number"
        case Closing.DISCARDED:
            return (
                f"dead letter {letter.id} was discarded ({letter.closed_because}); add --discarded if it "
                "counts after all"
            )
        case Closing.SUPERSEDED:
            return f"dead letter {letter.id} is superseded: its row was read since; there is nothing to do"
        case _:
            return _ERASED.format(letter.id)


def _check_name(letter: DeadLetterRow, event: FactEvent) -> None:
    """Refuse a corrected event whose name would have it admitted twice, or not at all."""
    if letter.reason == DeadReason.CONFLICTING_REPEAT:
        if (letter.source, letter.event_id) == (event.source[:128], event.id[:128]):
            raise Refused(f"the id {event.id!r} is taken by what was said first; give the event another")
        return
    for name, was, now in (("id", letter.event_id, event.id), ("source", letter.source, event.source)):
        if was is not None and letter.reason not in OF_ROWS and was != now[:128]:
            raise Refused(
                f"the corrected event's {name} is {now!r}; keep {was!r}, so that it is admitted once"
            )


def _again(letter: DeadLetterRow, value: bytes, open_imports: set[str]) -> list[bytes]:
    """Return what to append: the event alone, or within an import of its own."""
    event = read_fact(value)
    if isinstance(event, DeadLetter):
        return [value]
    import_id = event.data.import_id
    if import_id is None or import_id in open_imports:
        return [value]
    own = f"{import_id[:_LONGEST_NAME]}-dead-{letter.id}"
    opened = control_event(ImportOpened(import_id=own), f"{own}:opened")
    closed = control_event(ImportClosed(import_id=own), f"{own}:closed")
    return [write_fact(opened), write_fact(_moved(event, own)), write_fact(closed)]


def _moved(event: FactEvent, import_id: str) -> FactEvent:
    return event.model_copy(update={"data": event.data.model_copy(update={"import_id": import_id})})
