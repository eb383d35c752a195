"""When most of what comes in cannot be read, the worker stops instead of burying all of it.

One bad record goes to the dead letters and the line goes on. A whole stream of them is something else: a tool
that changed its format, or a topic that is not ours. More than half of the last 1,000 records, and at least
50, is where a person should look; what was buried until then is kept, and nothing behind it is touched.
"""

from collections import Counter, deque
from collections.abc import Iterable

from infra.kafka.errors import TooMuchPoison
from schemas.dead_letters import DeadReason

WINDOW, FEWEST = 1000, 50

HARMLESS = frozenset((DeadReason.ERASED,))
"""Reasons that say nothing about who sends: a person asked to be forgotten."""


class Poison:
    """What became of the last records: a reason, or None for one that was taken."""

    def __init__(self) -> None:
        self._last: deque[DeadReason | None] = deque(maxlen=WINDOW)

    def take(self, fates: Iterable[DeadReason | None]) -> None:
        """Take note of what became of some records.

        Args:
            fates: In their order, why each could not be taken, or None; heartbeats, our own, left out.

        Raises:
            TooMuchPoison: Most of the last ones could not be taken.
        """
        self._last.extend(None if fate in HARMLESS else fate for fate in fates)
        found = Counter(reason for reason in self._last if reason is not None)
        if (count := found.total()) >= FEWEST and 2 * count > len(self._last):
            raise TooMuchPoison(count, len(self._last), found.most_common(1)[0][0])
