"""Records as the consumer hands them over, and batches of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.kafka.work import Fetched


@dataclass
class Record:
    """A record as the consumer hands it over."""

    offset: int
    topic: str = "leads.journal"
    timestamp: int = 0
    timestamp_type: int = 1
    value: bytes | None = b"x"
    headers: Sequence[tuple[str, bytes | None]] = ()


def fetched(begin: int, *offsets: int) -> Fetched:
    """Return what was fetched from an offset on."""
    return Fetched(0, begin, [Record(offset) for offset in offsets])
