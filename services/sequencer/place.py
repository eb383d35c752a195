"""When a fact happened, in business time.

``at`` is the tool's claim, held to the log's time on one side (nothing happens later than it is heard of,
so that no timer can fire early; ADR-0003) and, for facts that answer an SLA, to the agreement's limit on
backdating on the other. What was held is flagged.
"""

from datetime import UTC, datetime, timedelta

from schemas.agreement import Agreement
from schemas.facts import FactEvent
from schemas.vocabulary import Flag

SKEW = timedelta(minutes=5)
"""How far a tool's clock may be ahead before it is worth a flag."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_MICROSECOND = timedelta(microseconds=1)
_ANSWERS = frozenset({"accepted", "rejected", "touched"})


def refused_time(event: FactEvent) -> str | None:
    """Return what is wrong with the time that a fact claims, or None."""
    if event.time is not None and not EARLIEST <= event.time < LATEST:
        return f"time is {event.time.isoformat()}; expected an instant between 1970 and 2100"
    return None


def business_time(
    event: FactEvent, received_at: datetime, agreement: Agreement
) -> tuple[datetime, tuple[Flag, ...]]:
    """Return ``at``, and the flags for what was held."""
    claimed = event.time or received_at
    if claimed > received_at:
        return received_at, (Flag.CLOCK_SKEW,) if claimed > received_at + SKEW else ()
    live = event.data.import_id is None
    if live and agreement.handoff is not None and event.data.fact.kind in _ANSWERS:
        minutes = agreement.handoff.backdating_minutes
        if (received_at - claimed) // _MICROSECOND > minutes * 60_000_000:  # however many years that may be
            return received_at - timedelta(minutes=minutes), (Flag.BACKDATED,)
    return claimed, ()
