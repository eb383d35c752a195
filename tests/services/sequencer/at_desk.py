"""The sequencer's rule in virtual time: each fact is decided, and what changed is laid on the desk again."""

from datetime import datetime
from typing import Any

from schemas.agreement import Agreement
from schemas.dead_letters import DeadReason
from schemas.facts import Engaged, Fact, Merged, Unmerged
from schemas.sequencing import Desk, Identified, Placed, Received, Sequenced
from schemas.vocabulary import EngagementChannel, LeadId
from services.sequencer import identify, step
from tests.builders import agreement, instant
from tests.infra.saying import event_of

SMALL = agreement()
ANA: dict[str, Any] = {"email": "ana@example.com"}
CRM: dict[str, Any] = {"external_ids": {"crm": "7"}}
VIEW = Engaged(channel=EngagementChannel.PAGE, action="view")


class AtDesk:
    """One desk, and facts said one after the other, a minute apart."""

    def __init__(self, changes: dict[str, Any] | None = None, now: str = "2026-03-02 09:00") -> None:
        self.agreement: Agreement = agreement(changes) if changes else SMALL
        self.now: datetime = instant(now)
        self.desk = Desk(0, None)
        self._count = 0

    def say(self, fact: Fact | None = None, **about: Any) -> Sequenced:
        """Decide a fact (that a lead was captured)."""
        self._count += 1
        event = event_of(fact, **{"id": f"e{self._count}"} | about)
        region = self.agreement.identity.default_region
        mine = identify(event.data.subject, getattr(event.data.fact, "attributes", {}), region)
        other: Identified | None = None
        if isinstance(event.data.fact, Merged | Unmerged):
            other = identify(event.data.fact.other, {}, region)
        received = Received(event, self.now, mine)
        decided = step(self.desk, received, self.agreement, other)
        self._lay(decided, event.source, event.id)
        return decided

    def place(self, fact: Fact | None = None, **about: Any) -> Placed:
        """Decide a fact that is to be admitted; return its place."""
        placed = self.say(fact, **about).placed
        assert placed is not None
        return placed

    def lead(self, fact: Fact | None = None, **about: Any) -> LeadId:
        """Decide a fact that is to be admitted; return the lead that it is placed on."""
        return self.place(fact, **about).lead_id

    def _lay(self, decided: Sequenced, source: str, event_id: str) -> None:
        self.desk.files |= decided.files
        self.desk.bound |= decided.bound
        if decided.placed is not None:
            self.desk.seq, self.desk.stamp = decided.placed.seq, decided.placed.stamp
            self.desk.seen.add((source, event_id))


def why(decided: Sequenced) -> tuple[DeadReason, str]:
    """Return why a fact was not taken, once it is sure that nothing else came of it."""
    dead = decided.dead
    assert dead is not None
    assert decided == Sequenced(dead=dead)
    return dead.reason, dead.detail


def told(decided: Sequenced) -> list[tuple[LeadId, int, bool]]:
    """Return what the workers are told: of whom, in which version, and whether to fold everything again."""
    return [(one.lead_id, one.version, one.rewritten) for one in decided.entries]


def merged(desk: AtDesk) -> tuple[LeadId, LeadId]:
    """Merge a second lead into a first."""
    first, second = desk.lead(**ANA), desk.lead(**CRM)
    desk.say(**ANA, **CRM)
    return first, second
