"""What Kafka's clients log, thinned: while a broker is away they say so again and again.

aiokafka does every tenth of a second, in five ways. The first of each way is let through, and then one a
minute, which says how many it stands for.
"""

import logging
import time
from collections.abc import Callable, Container

EVERY_SECONDS = 60.0
MOST_WAYS = 256
"""So many are remembered: an error that is logged for words has a way of its own each time."""

_Way = tuple[str, ...]


class Thinned(logging.Filter):
    """Lets a way of saying something pass once a minute.

    A way is what the program says, apart from what it says it of: the logger, the words before anything is
    put into them, and the first thing that is (a node, or librdkafka's kind of event).

    Args:
        loggers: The first part of the names of those that are thinned; all others pass.
        now: A clock that never goes back, in seconds.
    """

    def __init__(self, loggers: Container[str], now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._loggers = loggers
        self._now = now
        self._passed: dict[_Way, float] = {}
        """When each way was let through last, the oldest first."""
        self._left_out: dict[_Way, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record passes; one that stands for others says for how many."""
        if record.name.partition(".")[0] not in self._loggers:
            return True
        way, now = _way(record), self._now()
        if now < self._passed.get(way, -EVERY_SECONDS) + EVERY_SECONDS:
            self._left_out[way] = self._left_out.get(way, 0) + 1
            return False
        self._passed.pop(way, None)
        self._passed[way] = now
        if len(self._passed) > MOST_WAYS:
            self._forget(next(iter(self._passed)))
        if like_it := self._left_out.pop(way, 0):
            record.msg, record.args = "%s (and %d more like it)", (record.getMessage(), like_it)
        return True

    def _forget(self, way: _Way) -> None:
        del self._passed[way]
        self._left_out.pop(way, None)


def _way(record: logging.LogRecord) -> _Way:
    first = record.args[:1] if isinstance(record.args, tuple) else ()
    return (record.name, str(record.msg), *map(str, first))  # an error may stand for the words


LIBRDKAFKA = logging.getLogger("librdkafka")
"""What its clients are to log to; left alone they write to standard error themselves, once a second each."""
LIBRDKAFKA.addFilter(Thinned({LIBRDKAFKA.name}))
