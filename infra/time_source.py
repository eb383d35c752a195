"""The only place where the time is read.

Everything downstream of the log takes its time from the log's stamps; who needs "now" is handed a
``TimeSource``, so that a test may hand in another. Not a mock: virtual time is a time source like any
other.
"""

from collections.abc import Callable
from datetime import UTC, datetime

TimeSource = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


def system_time() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)
