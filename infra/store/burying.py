"""Dead letters put aside: those of the log, in the sequencer's commit, and those that never were a record.

A row of a file that is no fact has nothing to put into the log; it goes aside here. Either way a letter is
told from others by a keyed digest of what was sent, and is put aside once, however often it is sent and under
whatever name a file is read. A letter is **closed** when it waits for nobody any more (``Closing``); one that
was resubmitted and dies again is a new one.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from infra.decision import DeadRow
from infra.journal.letters import EMPTIED, emptied, filing, fresh_letters, is_about, letter_clues, letter_key
from infra.keyring import Keyring
from infra.store.filing import TOMBSTONE, buried, file_clues, tombstones
from infra.store.forgetting import forget_requests
from infra.store.journal_memory import identity_secret
from infra.store.memory import CHUNK
from infra.store.tables.read_model import dead_letters
from schemas.dead_letters import Closing, DeadLetter, DeadReason


def bury(connection: Connection, letters: Sequence[tuple[DeadLetter, bytes]], received_at: datetime) -> int:
    """Put what never was a record aside; what is there already is left as it is.

    Args:
        connection: In a writing transaction.
        letters: What is wrong, and the bytes.
        received_at: When they were read.

    Returns:
        How many were new.
    """
    keyring = Keyring(identity_secret(connection))
    clues = [letter_clues(keyring, original, letter) for letter, original in letters]
    forgotten = tombstones(connection, list({key for each in clues for key in each}))
    rows = []
    for (letter, original), found in zip(letters, clues, strict=True):
        key, filed = letter_key(keyring, original, letter), filing(keyring, found)
        row = DeadRow(letter, None, received_at, original, key, filed)
        rows.append(emptied(row) if is_about(found, forgotten) else row)
    fresh = fresh_letters(rows, buried(connection, [row.key for row in rows]))
    put_aside(connection, fresh)
    return len(fresh)


def put_aside(connection: Connection, rows: Sequence[DeadRow]) -> None:
    """Put dead letters aside, each filed under its clues."""
    if not rows:
        return
    statement = insert(dead_letters).returning(dead_letters.c.id, sort_by_parameter_order=True)
    # Read to the end at once: SQLite cannot commit, even another transaction, while an INSERT is under way.
    numbers = connection.execute(statement, [_values(row) for row in rows]).scalars().all()
    empty = [row.letter for row in rows if row.original is None]
    forget_requests(connection, [(one.source or "", one.event_id or "") for one in empty])
    file_clues(
        connection, [(key, number) for number, row in zip(numbers, rows, strict=True) for key in row.clues]
    )


def empty_letters(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget the bytes of dead letters, and whatever their details tell of them: as if they came empty."""
    for start in range(0, len(numbers), CHUNK):
        some = dead_letters.c.id.in_(numbers[start : start + CHUNK])
        forget_requests(connection, _events(connection, some))
    closed = {"closed_at": dead_letters.c.received_at, "closed_as": Closing.FORGOTTEN}
    _change(connection, numbers, {"original": None, "event_ids": None, **closed, **EMPTIED})


def name_rows(connection: Connection, rows: Sequence[tuple[str, str, Sequence[str]]]) -> None:
    """Note which facts bad rows would say, if they could be read.

    Args:
        connection: In a writing transaction.
        rows: Source, event id (what tells the row from others), and the ids of the facts.
    """
    for source, event_id, event_ids in rows:
        this = dead_letters.c.source == source, dead_letters.c.event_id == event_id
        waits = dead_letters.c.closed_at.is_(None)
        connection.execute(update(dead_letters).where(*this, waits).values(event_ids=json.dumps(event_ids)))


def bury_clues(connection: Connection, keys: Sequence[bytes]) -> None:
    """Leave the clues of people who were forgotten behind."""
    file_clues(connection, [(key, TOMBSTONE) for key in keys])


def close_letters(
    connection: Connection, numbers: Sequence[int], at: datetime, how: Closing, because: str | None = None
) -> None:
    """Note that nobody needs to look after dead letters any more.

    Args:
        connection: In a writing transaction.
        numbers: Which.
        at: Since when.
        how: What became of them.
        because: Why, in a person's words.
    """
    _change(connection, numbers, {"closed_at": at, "closed_as": how, "closed_because": because})


def _events(connection: Connection, these: ColumnElement[bool]) -> list[tuple[str, str]]:
    named = select(dead_letters.c.source, dead_letters.c.event_id).where(
        these, dead_letters.c.source.is_not(None), dead_letters.c.event_id.is_not(None)
    )
    return [(row.source, row.event_id) for row in connection.execute(named)]


def _change(connection: Connection, numbers: Sequence[int], values: Mapping[str, object]) -> None:
    for start in range(0, len(numbers), CHUNK):
        some = dead_letters.c.id.in_(numbers[start : start + CHUNK])
        connection.execute(update(dead_letters).where(some).values(values))


def _values(row: DeadRow) -> dict[str, object]:
    forgotten = row.letter.reason is DeadReason.ERASED
    return {
        "offset": row.offset,
        "received_at": row.received_at,
        "key": row.key,
        "reason": row.letter.reason.value,
        "detail": row.letter.detail,
        "source": row.letter.source,
        "event_id": row.letter.event_id,
        "original": row.original,
        "closed_at": row.received_at if forgotten else None,
        "closed_as": Closing.FORGOTTEN if forgotten else None,
    }
