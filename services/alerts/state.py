"""What alerts keeps of one lead: the alerts that are open, and nothing of those that are over.

A **finding** is what is the case; an **open alert** is a finding that people were told of, with the memory
of what was said: how often, when, to whom, and when it is next due to be said. The tuple is in the order in
which they opened, and about one clock the ladder only climbs (warning, breach, escalation step by step), so
of two alerts about one clock the later one is the greater.

``held`` are findings about clocks that stand still: over for people, but true again when the clock runs.
Both are bounded by the clocks of a hand-off and their escalation steps.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from schemas.alerts import Alert, AlertKind, Severity
from schemas.frozen import Instant
from schemas.records import record
from schemas.vocabulary import LeadId, Name, OwnerId, TeamId, Text


class ClockTurn(NamedTuple):
    """One run of one clock of one hand-off."""

    handoff_id: str
    clock: str
    turn: int


@record(frozen=True, slots=True)
class Finding:
    """Something that wants attention. ``clock`` is null for a lead that stands still."""

    kind: AlertKind
    about: Text
    what: Text
    due_at: Instant | None
    owner: OwnerId | None
    team: TeamId | None
    clock: ClockTurn | None = None

    @property
    def key(self) -> str:
        """What tells it from the lead's other findings."""
        return f"{self.kind}/{self.about}"


@record(frozen=True, slots=True)
class OpenAlert:
    """A finding that people were told of."""

    found: Finding
    opened_at: Instant
    severity: Severity
    recipients: tuple[Name, ...]
    """Who heard it last."""
    told: tuple[Name, ...]
    """Who ever heard it: they hear of its end, too."""
    said_count: int
    said_at: Instant
    every: timedelta | None
    next_repeat_at: Instant | None


@record(frozen=True, slots=True)
class AlertsState:
    """One lead's alerts, in the order in which they opened. A lead known from tests alone has none."""

    open: tuple[OpenAlert, ...] = ()
    held: tuple[Finding, ...] = ()
    test: bool = False


REPEAT = "repeat"
"""The worker's one timer: the earliest repeat among a lead's alerts."""

EMPTY = AlertsState()
"""A lead that nothing is the matter with: nearly all of them, so they share it."""

EMPTY_TEST = AlertsState(test=True)


def state_of(
    open_alerts: tuple[OpenAlert, ...], held: tuple[Finding, ...], before: AlertsState
) -> AlertsState:
    """Return the state that these make: the one before when they are equal, the shared one when empty."""
    if (open_alerts, held) == (before.open, before.held):
        return before
    if not open_alerts and not held:
        return EMPTY_TEST if before.test else EMPTY
    return AlertsState(open_alerts, held, before.test)


def next_repeat_at(open_alerts: Sequence[OpenAlert]) -> datetime | None:
    """Return when the earliest repeat is due; None when nothing is left to repeat."""
    return min((one.next_repeat_at for one in loud(open_alerts) if one.next_repeat_at), default=None)


def loud(open_alerts: Sequence[OpenAlert]) -> list[OpenAlert]:
    """Return the alerts that may repeat: those that no greater one about the same clock speaks for.

    Alertmanager's inhibition mutes the lesser whoever listens. Here the greater must itself repeat, and to
    everybody whom it mutes the lesser for; otherwise an escalation said once would end all reminders.
    """
    return [
        one
        for place, one in enumerate(open_alerts)
        if not any(_speaks_for(greater, one) for greater in open_alerts[place + 1 :])
    ]


def _speaks_for(greater: OpenAlert, lesser: OpenAlert) -> bool:
    return (
        greater.found.clock is not None
        and greater.found.clock == lesser.found.clock
        and greater.every is not None
        and set(greater.recipients) >= set(lesser.recipients)
    )


@lru_cache(maxsize=1024)
def alert_of(one: OpenAlert, lead_id: LeadId) -> Alert:
    """Return an open alert as it was last said; what is said of it and what is shown are made from one."""
    found = one.found
    return Alert(
        alert_id=f"{lead_id}/{found.key}",
        kind=found.kind,
        about=found.about,
        severity=one.severity,
        opened_at=one.opened_at,
        summary=summary(found),
        lead_id=lead_id,
        owner=found.owner,
        team=found.team,
        recipients=one.recipients,
        due_at=found.due_at,
    )


_DUE = {
    AlertKind.SLA_WARNING: ", due ",
    AlertKind.SLA_BREACH: " at ",
    AlertKind.ESCALATION: ", was due ",
    AlertKind.STALLED: ", due to move on by ",
}


def summary(found: Finding) -> str:
    """Say a finding in one sentence that names nobody but by id.

    ``acceptance of L1-h1 breached at 2026-03-02 13:00Z; owner ana``.
    """
    due = f"{_DUE[found.kind]}{minute(found.due_at)}" if found.due_at else ""
    whose = f"; owner {found.owner}" if found.owner else f"; team {found.team}" if found.team else ""
    return f"{found.what}{due}{whose}"


def minute(instant: datetime) -> str:
    """Write a UTC instant as people read it."""
    return f"{instant.isoformat(' ', 'minutes')[:16]}Z"
