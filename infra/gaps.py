"""Records that are missing from a topic, and how long a reader does without them.

A producer may lose one record and deliver later ones. Its worker notices, and before it says anything else
it sends again what the outbox holds: the lost record and all behind it. So a reader that comes upon a
version beyond the next passes it over and reads on; the lost one comes, and then the later one again.

Meanwhile no time comes, because a timer must not fire before what lies before it has been decided; the tick
comes again, too, or a higher one. And the position stays before the first record that was passed over, so
that whoever goes on after a crash misses the same records. A worker that says ticks 60 seconds apart without
having sent what is missing will not send it: the reader stops and names it. The time counts from the first
tick heard, not from what came too early: that tick may have been sent together with what was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.entries import Entry
from schemas.vocabulary import LeadId

LONGEST = timedelta(seconds=60)
"""Of the log's own time. A worker that lost a record sends it again at once, or is not there to say ticks."""
NAMED = 5
"""Leads that a message names; there may be thousands."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Of one lead: the last version taken, and the highest that came too early."""

    lead_id: LeadId
    taken: int
    came: int

    def __str__(self) -> str:
        """Say what is missing, as in ``lead L1 from version 3 on (5 came)``."""
        return f"lead {self.lead_id} from version {self.taken + 1} on ({self.came} came)"


class Gap(Exception):
    """Records are missing: the upstream worker said something of a lead that did not arrive."""

    def __init__(self, worker: str, missing: Sequence[Missing]) -> None:
        others = f", and of {len(missing) - NAMED} leads more" if len(missing) > NAMED else ""
        named = "; ".join(map(str, missing[:NAMED]))
        super().__init__(f"{worker}: records are missing from the topic that it reads: {named}{others}")


class Awaited:
    """What is missing from what one worker reads of one partition."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._missing: dict[LeadId, Missing] = {}
        self._offset: int | None = None
        self._since: datetime | None = None

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is missing now."""
        return tuple(self._missing.values())

    def pass_over(self, entry: Entry, taken: int) -> None:
        """Take note that a record came too early."""
        known = self._missing.get(entry.lead_id)
        came = max(entry.version, known.came) if known else entry.version
        self._missing[entry.lead_id] = Missing(entry.lead_id, taken, came)

    def took(self, entry: Entry) -> None:
        """Take note that a record came in its turn."""
        known = self._missing.get(entry.lead_id)
        if known is None:
            return
        del self._missing[entry.lead_id]
        if entry.version < known.came:
            self._missing[entry.lead_id] = Missing(entry.lead_id, entry.version, known.came)

    def stand(self, first: int, next_offset: int) -> int:
        """Return where the position may stand after records from offset ``first`` on were looked at."""
        if not self._missing:
            self._offset = self._since = None
            return next_offset
        if self._offset is None:
            self._offset = first
        return self._offset

    def holds(self, stamp: datetime) -> bool:
        """Say whether time must not come to ``stamp`` yet.

        Raises:
            Gap: It has been held for too long.
        """
        if not self._missing:
            return False
        self._since = self._since or stamp
        if stamp - self._since >= LONGEST:
            raise Gap(self._worker, self.missing)
        return True


class NothingAwaited(Awaited):
    """Where nothing can be lost, whatever is missing is a gap at once."""

    def pass_over(self, entry: Entry, taken: int) -> None:
        """Refuse a record that came too early.

        Raises:
            Gap: Always.
        """
        raise Gap(self._worker, [Missing(entry.lead_id, taken, entry.version)])
