"""Bytes to facts and back; what is unreadable becomes a dead letter with a reason.

One door: ``read_fact`` either returns a valid fact or says, with a typed reason and a path, why there is
none. It never raises on input, and takes no longer than the input is long. What is not JSON is refused by
``infra.json_text``, before pydantic looks at the shape; what pydantic finds is put into words by
``infra.misfit``.

``subjects_in`` is for what was refused: whose personal data it holds, as far as it can be told.
"""

import json
import re
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from infra.around import around
from infra.json_text import JsonRefused, check_depth, read_object
from infra.misfit import misfit
from schemas.alerts import Notice
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry, JournalRecord
from schemas.facts import FactEvent, Subject

MAX_BYTES = 256 * 1024

RECORD: TypeAdapter[JournalRecord] = TypeAdapter(JournalRecord)
"""What travels from ``leads.journal`` on; ``read_record`` and ``write_record`` are what a worker uses."""

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_ENTRY_BEGINS = b'{"lead_id":'
"""As ours do: an entry's first field. Neither a tick nor a signing has it."""

NOTICE: TypeAdapter[Notice] = TypeAdapter(Notice)
"""Reads and writes what stands in ``alerts.notices``."""


def read_fact(value: bytes) -> FactEvent | DeadLetter:
    """Read a fact from a CloudEvent in structured mode.

    Args:
        value: The bytes of one record.

    Returns:
        The fact, or the dead letter that says why there is none.
    """
    try:
        document = _parse(value)
    except JsonRefused as refused:
        return DeadLetter(reason=refused.reason, detail=refused.detail)
    try:
        return FactEvent.model_validate(document)
    except ValidationError as error:
        return misfit(document, error)


def write_fact(event: FactEvent) -> bytes:
    """Write a fact as a CloudEvent in structured mode."""
    return event.model_dump_json(exclude_none=True).encode()


def read_record(value: bytes) -> JournalRecord:
    """Read what a worker of the line wrote.

    What begins as an entry is one or nothing. Asked whether it is any of the three, a bad one would come out
    as a tick, for which a stamp is enough; and a good one would take an eighth longer.

    Raises:
        ValidationError: No worker wrote this.
    """
    return (_ENTRY if value.startswith(_ENTRY_BEGINS) else RECORD).validate_json(value)


def write_record(record: JournalRecord) -> bytes:
    """Write what a worker of the line says."""
    return _ENTRY.dump_json(record) if isinstance(record, Entry) else RECORD.dump_json(record)


def subjects_in(value: bytes) -> tuple[tuple[Subject, ...], bool]:
    """Return whom a record that could not be taken is about, and whether it calls itself a test.

    Forgiving where ``read_fact`` is not: what is wrong elsewhere does not matter here. Where no subject can
    be made out, it is about whoever's e-mail address stands in it.
    """
    text = value.decode("utf-8", errors="replace")
    try:
        check_depth(value)
        document = json.loads(text)
    except ValueError:
        document = None
    data = _member(document, "data")
    named = (_member(data, "subject"), _member(_member(data, "fact"), "other"))
    subjects = tuple(_subject(one) for one in named if isinstance(one, dict)) or _addressed(text)
    return subjects, _member(data, "test") is True


_AT = re.compile("@")
_LOCAL_PART = re.compile(r"([^\s@\"'<>()\[\]:;,\\]{1,64})")
_DOMAIN = re.compile(r"([^\s@\"'<>()\[\]:;,\\]{1,255})")
MOST_ADDRESSES = 100


def _addressed(text: str) -> tuple[Subject, ...]:
    found = islice(around(text, _AT, _LOCAL_PART, _DOMAIN), MOST_ADDRESSES)
    return tuple(Subject(email=f"{local}@{domain}") for local, domain in dict.fromkeys(found))


def _member(document: object, name: str) -> object:
    return document.get(name) if isinstance(document, dict) else None


def _subject(fields: dict[str, Any]) -> Subject:
    """Return what of a subject is as it should be."""
    found: dict[str, Any] = {}
    for name in Subject.model_fields.keys() & fields.keys():
        try:
            found |= Subject.model_validate({name: fields[name]}).model_dump(include={name})
        except ValidationError:
            continue
    return Subject.model_validate(found)


def _parse(value: bytes) -> dict[str, Any]:
    if len(value) > MAX_BYTES:
        raise JsonRefused(DeadReason.TOO_LARGE, f"{len(value)} bytes; at most {MAX_BYTES}")
    return read_object(value)
