"""How long nothing falls due, as far as a process knows that has a partition in hand.

Twice a second a tick asks every worker for timers in every partition, and mostly there are none. Only who
holds a partition arms its timers, so it knows when the next one is due: it asks once, and from then on takes
note of what it arms. What is taken off meanwhile makes the lull longer than is known here, never shorter.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from infra.decision import Decision
from schemas.vocabulary import LeadId

LAST = datetime.max.replace(tzinfo=UTC)
"""The last instant there is: nothing is due later."""


class Lull:
    """Until when nothing falls due; nobody knows at first."""

    def __init__(self) -> None:
        self._until: datetime | None = None

    def begin(self, first: Sequence[tuple[LeadId, datetime]]) -> None:
        """Take note of the first timer of all; of none, if there is none."""
        self._until = first[0][1] if first else LAST

    def arm(self, decision: Decision) -> None:
        """Take note of the timers that a decision arms."""
        if self._until is not None:
            armed = [one for one in decision.timers.values() if one is not None]
            self._until = min([self._until, *armed])

    def may_end_by(self, stamp: datetime, decision: Decision) -> bool:
        """Say whether a timer may be due by ``stamp`` once a decision stands."""
        self.arm(decision)
        return self._until is None or self._until <= stamp
