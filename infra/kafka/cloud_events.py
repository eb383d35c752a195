"""CloudEvents on Kafka: what a record of ``leads.facts`` says, in either of the binding's two modes.

In structured mode the value is the whole event, and is taken as it is. In binary mode the value is the
event's ``data`` and its attributes are headers that begin with ``ce_``; here the event is put together again,
so that one reader (``infra.wire.read_fact``) judges both. The value goes in as it was written, byte for byte,
because parsing it here would forgive what that reader refuses. Attributes that Relevo does not know are left
out, as the specification asks of intermediaries that have no use for them. A record without a value says
nothing, and is nothing that can be read.

Source: CloudEvents 1.0.2, Kafka protocol binding, sections 3.2 and 3.3.
"""

import json
from collections.abc import Sequence

from infra.json_text import JsonRefused, read_object

ATTRIBUTES = ("specversion", "id", "source", "type", "time")
_PREFIX = "ce_"


def event_of(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    """Return the event that a record carries, in structured mode.

    Args:
        value: The record's value; None is a tombstone.
        headers: The record's headers; of several with one name, the last counts.
    """
    if value is None:
        return b""
    found = {name.lower(): text for name, text in headers if text is not None}
    if _PREFIX + "specversion" not in found:
        return value
    try:
        read_object(value)
        attributes = {name: found[_PREFIX + name].decode() for name in ATTRIBUTES if _PREFIX + name in found}
    except (JsonRefused, UnicodeDecodeError):
        return value  # whose problem the reader of facts then names
    return json.dumps(attributes).encode()[:-1] + b', "data": ' + value + b"}"
