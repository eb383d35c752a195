"""What is in hand of a lead's recent history, so that most folds of it need not ask the store.

A lead that is in hand has brought its entries along, and what its worker said of them: enough to fold again
what lies behind one of its milestones. What came before it was taken up, or was changed by a merge, is read
from the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.fold import FIRST, Place, place_said
from infra.memory import History
from infra.refold import stand
from schemas.entries import Concluded, Entry
from schemas.vocabulary import WorkerName

MOST = 64
"""Facts and conclusions of a lead; beyond that, what lies before its milestones is let go of."""

NEVER: Place = (datetime.max.replace(tzinfo=UTC), 1, 0)
"""Behind every event of a history: nothing is known."""


@dataclass(slots=True)
class Recent:
    """Facts of a lead, and what stands upstream and of its own worker's: all of them behind a place.

    Attributes:
        since: The place; what lies before it may be here, too.
        facts: By their numbers: behind a gap the store knows of some before they come.
        heard: What the worker upstream said, by id.
        said: What the lead's worker said, by id.
    """

    since: Place = NEVER
    facts: dict[int, Entry] = field(default_factory=dict)
    heard: dict[str, Concluded] = field(default_factory=dict)
    said: dict[str, Concluded] = field(default_factory=dict)

    def take(self, entry: Entry, upstream: WorkerName | None) -> None:
        """Take note of an entry that came in its turn."""
        if entry.rewritten:
            self._forget()
        if self.since == NEVER:
            return
        if entry.fact is not None:
            self.facts[entry.seq] = entry
        if entry.conclusions and upstream is not None:
            stand(self.heard, (one for one in entry.conclusions if one.worker == upstream))

    def say(self, said: Iterable[Concluded]) -> None:
        """Take note of what the lead's worker said."""
        if self.since != NEVER:
            stand(self.said, said)

    def covers(self, after: Place | None) -> bool:
        """Say whether everything behind a place is here; behind None is everything."""
        return (after or FIRST) >= self.since

    def history(self, after: Place | None = None) -> History:
        """Return what is here of the time behind a place, and of its instant, as the store would give it."""
        since = (after or FIRST)[0]
        facts = [_bare(one) for one in self.facts.values() if one.at >= since]
        return History(facts, [one for one in self.heard.values() if one.at >= since])

    def said_after(self, after: Place | None) -> dict[str, Concluded]:
        """Return what stands of what the lead's worker said of the time behind a place, by id."""
        return {key: one for key, one in self.said.items() if after is None or place_said(one) > after}

    def trim(self, oldest: Place) -> None:
        """Let go of what lies before the oldest milestone, once there is much; of all, if it stays much."""
        if len(self) <= MOST:
            return
        if oldest > self.since:
            self.since, at = oldest, oldest[0]
            self.facts = {seq: one for seq, one in self.facts.items() if one.at >= at}
            self.heard = {key: one for key, one in self.heard.items() if one.at >= at}
            self.said = {key: one for key, one in self.said.items() if one.at >= at}
        if len(self) > 2 * MOST:
            self._forget()

    def __len__(self) -> int:
        """Return how many facts and conclusions are here."""
        return len(self.facts) + len(self.heard) + len(self.said)

    def _forget(self) -> None:
        self.since = NEVER
        self.facts, self.heard, self.said = {}, {}, {}


def _bare(one: Entry) -> Entry:
    """Return an entry as the fact that it brought, without what was said of it on its way."""
    return Entry(
        one.lead_id,
        one.seq,
        one.at,
        one.stamp,
        0,
        one.fact,
        one.source,
        one.event_id,
        one.test,
        one.flags,
        one.traits,
    )
