"""The desk: one lead's alerts in hand while an entry is heard.

What a rule does with alerts, as four verbs: ``open`` (or say again what now reads differently), ``drop``
(resolve), ``hold`` (resolve, but remember while the clock stands still) and ``assign``. The desk does not
know what any conclusion means. It is made for a step and gone after it: ``done`` returns the step, with the
very state it began with when nothing came of it.
"""

from collections.abc import Iterable
from datetime import datetime

from schemas.agreement import Agreement
from schemas.alerts import ResolveReason
from schemas.entries import Conclusion
from schemas.records import replace
from schemas.step import Step, Timer
from schemas.vocabulary import LeadId, OwnerId, TeamId
from services.alerts.findings import with_owner
from services.alerts.state import (
    REPEAT,
    AlertsState,
    ClockTurn,
    Finding,
    next_repeat_at,
    state_of,
)
from services.alerts.telling import again, begun, opened, passed_over, repeated, resolved


class Desk:
    """One lead's alerts in hand.

    Args:
        before: What was open.
        lead_id: Whose.
        agreement: The one in force.
        at: The business instant in hand.
        said_at: The log's time in hand, when what is said now is said.
        mute: Whether nothing may be opened: the lead, or the fact, is a test.
    """

    def __init__(
        self,
        before: AlertsState,
        lead_id: LeadId,
        agreement: Agreement,
        *,
        at: datetime,
        said_at: datetime,
        mute: bool,
    ) -> None:
        self.lead_id = lead_id
        self.agreement = agreement
        self.at = at
        self._before = before
        self._said_at = said_at
        self._mute = mute
        self._open = {one.found.key: one for one in before.open}
        self._held = {found.key: found for found in before.held}
        self._said: list[Conclusion] = []

    def findings(self) -> list[Finding]:
        """Return all that is held or open, the greatest about a clock last."""
        return [*self._held.values(), *(one.found for one in self._open.values())]

    def about(self, clock: ClockTurn) -> list[Finding]:
        """Return what is held or open about a clock, the greatest last."""
        return [found for found in self.findings() if found.clock == clock]

    def open(self, found: Finding) -> None:
        """Tell people, unless they know; where it reads differently now, tell them again."""
        if self._mute:
            return
        self._held.pop(found.key, None)
        policy = self.agreement.policy_on(found.kind)
        known = self._open.get(found.key)
        if policy is None:
            return
        if known is None:
            self._open[found.key] = one = begun(found, policy, at=self.at, said_at=self._said_at)
            self._said.append(opened(one, self.lead_id))
        elif (known.found.what, known.found.due_at) != (found.what, found.due_at):
            one = replace(known, found=found)
            self._open[found.key] = one = again(one, policy, said_at=self._said_at, noticed_at=self._said_at)
            self._said.append(repeated(one, self.lead_id))

    def drop(self, over: Iterable[Finding], reason: ResolveReason) -> None:
        """Resolve those of the findings that are open, and forget those that are held."""
        for found in over:
            self._held.pop(found.key, None)
            one = self._open.pop(found.key, None)
            if one is not None:
                self._said.append(resolved(one, self.lead_id, self.at, reason))

    def hold(self, clock: ClockTurn) -> None:
        """Resolve what is open about a clock that stands still; keep it in mind until it runs again."""
        kept = self.about(clock)
        self.drop(kept, "moved")
        self._held.update((found.key, found) for found in kept)

    def assign(self, owner: OwnerId | None, team: TeamId | None) -> None:
        """Have what is said from now on name this owner."""
        for key, one in self._open.items():
            self._open[key] = replace(one, found=with_owner(one.found, owner, team))
        self._held = {key: with_owner(found, owner, team) for key, found in self._held.items()}

    def done(self) -> Step[AlertsState]:
        """Return what came of it."""
        before = self._before
        after = state_of(passed_over(self._open.values(), self.at), tuple(self._held.values()), before)
        due = next_repeat_at(after.open)
        timers = (Timer(REPEAT, due),) if due != next_repeat_at(before.open) else ()
        return Step(after, tuple(self._said), timers)
