"""What has been published of the numbers, and what there is to publish: the difference of two sets.

The topic itself is the memory: whoever begins to publish reads it from its beginning, so that nothing has to
agree with it, and a store that was put back, or a topic that was made anew, is a difference like any other.
A total that is no more (its last lead was merged away, say) leaves a record without a value, by which the
brokers forget it. Pure: where records come from and go to is the caller's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from schemas.metrics import MetricRow, Total, total_key


@dataclass(frozen=True, slots=True)
class Look:
    """Every number that is published, as the store had it when the log's time had come to ``as_of``."""

    as_of: datetime
    rows: Sequence[MetricRow]


class Board:
    """What the topic says.

    Attributes:
        revision: The highest that was published.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._said: dict[str, Total | None] = {}

    def __len__(self) -> int:
        """Return how many totals are published."""
        return sum(total is not None for total in self._said.values())

    def read(self, key: bytes | None, value: bytes | None) -> None:
        """Take in a record of the topic; of two of one key the later counts.

        What no publisher wrote is taken for nothing, so that the right total goes over it.
        """
        name = (key or b"").decode(errors="replace")
        if value is None:
            self._said.pop(name, None)
            return
        try:
            total = self._said[name] = Total.model_validate_json(value)
        except ValidationError:
            self._said[name] = None
        else:
            self.revision = max(self.revision, total.revision)

    def differences(self, look: Look) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield the records, key and value, that make the topic say what was looked at."""
        there = set()
        for row in look.rows:
            key = total_key(row)
            there.add(key)
            if not self._says(key, row):
                total = Total(**dict(row), revision=self.revision + 1, as_of=look.as_of)
                yield key.encode(), total.model_dump_json().encode()
        for key in self._said.keys() - there:
            yield key.encode(), None

    def _says(self, key: str, row: MetricRow) -> bool:
        said = self._said.get(key)
        return said is not None and all(getattr(said, name) == value for name, value in row)
