"""What a commit has to say, on its way through the outbox: records as bytes, one row a commit.

A row is lines of JSON, and a letter's line is marked, so that whoever takes a partition over sends the very
same bytes to the very same place. Nothing enters that no topic would take, because it could never leave:
a letter that is too large goes without the bytes that it is about, and a record of the line is refused before
anything is written. The line splits what it has to say long before that (``infra.partition``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from infra.wire import read_record, write_record
from schemas.dead_letters import PublishedLetter
from schemas.entries import Entry, JournalRecord
from schemas.topics import LARGEST_RECORD_BYTES
from schemas.vocabulary import LeadId

ROOM_BYTES = 4096
"""For what travels with a record: its key, its headers, and what the broker adds."""
_LETTER = b"!"
"""Marks a line of the outbox as a letter; no JSON begins with it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record on its way out.

    A letter goes to the dead letters. Anything else without a lead is for every partition that the worker
    writes.
    """

    lead_id: LeadId | None
    value: bytes
    is_letter: bool = False


Publish = Callable[[Sequence[Outgoing]], None]
"""Sends records in their order, and returns when all of them are acknowledged."""


class RecordTooBig(Exception):
    """A record is larger than topics take; nothing of its batch was written."""

    def __init__(self, one: Outgoing, limit: int) -> None:
        about = f"about lead {one.lead_id}" if one.lead_id else "for every partition"
        super().__init__(
            f"a record {about} has {len(one.value)} bytes, and topics take {limit}; nothing of its batch was "
            "written. Raise LARGEST_RECORD_BYTES in schemas/topics.py, and with it the topics' "
            "max.message.bytes, as relevo topics check says"
        )


def outgoing(record: JournalRecord, limit: int = LARGEST_RECORD_BYTES - ROOM_BYTES) -> Outgoing:
    """Return a record of the line as it goes out.

    Raises:
        RecordTooBig: No topic takes it.
    """
    one = _written(record)
    if len(one.value) > limit:
        raise RecordTooBig(one, limit)
    return one


def outgoing_letter(letter: PublishedLetter, limit: int = LARGEST_RECORD_BYTES - ROOM_BYTES) -> Outgoing:
    """Return a dead letter as it goes out; without the bytes that it is about where no topic takes both."""
    value = letter.model_dump_json().encode()
    if len(value) > limit:
        detail = f"{letter.detail} (the bytes are left out here: too many for a topic)"
        value = letter.model_copy(update={"original": None, "detail": detail}).model_dump_json().encode()
    return Outgoing(None, value, is_letter=True)


def in_steps(records: Sequence[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """Yield records in the steps in which they may be sent, each when the one before it is acknowledged.

    What is for every partition stands alone. A producer may lose the last record of a lead and deliver the
    tick behind it, and no reader could tell; nor may what follows a signing be read before it.
    """
    for alone, some in groupby(records, key=lambda one: one.lead_id is None and not one.is_letter):
        if alone:
            yield from ([one] for one in some)
        else:
            yield list(some)


def packed(records: Sequence[Outgoing]) -> bytes:
    """Return records as a row of the outbox."""
    # JSON on one line holds no line break
    return b"\n".join(_LETTER + one.value if one.is_letter else one.value for one in records)


def unpacked(row: bytes) -> list[Outgoing]:
    """Return the records of a row of the outbox."""
    return [
        Outgoing(None, line[1:], is_letter=True) if line.startswith(_LETTER) else _written(read_record(line))
        for line in row.split(b"\n")
    ]


def _written(record: JournalRecord) -> Outgoing:
    return Outgoing(record.lead_id if isinstance(record, Entry) else None, write_record(record))
