"""How fast each source may send: one bucket a source, and an answer that says when to come again.

Only authentic requests are counted, so that a stranger's flood cannot use up a vendor's share.
"""

import math
from dataclasses import dataclass

from services.intake.sources import Limits


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at: float


class Rates:
    """What each source has left."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def seconds_to_wait(self, source: str, limits: Limits, now: float) -> int:
        """Take one request from a source's bucket.

        Args:
            source: Its name.
            limits: What it may send.
            now: Monotonic seconds.

        Returns:
            0 if the request may pass; else the whole seconds until the next one may.
        """
        bucket = self._buckets.setdefault(source, _Bucket(limits.burst, now))
        bucket.left = min(limits.burst, bucket.left + (now - bucket.filled_at) * limits.requests_per_second)
        bucket.filled_at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return math.ceil((1 - bucket.left) / limits.requests_per_second)


def patience(away_seconds: float) -> int:
    """Return for how many seconds a sender should stay away from a log that has been away for so long.

    It grows with the outage, from 5 s to 5 min: a small number turns an outage into a request a second.
    """
    return min(300, max(5, math.ceil(away_seconds / 2)))
