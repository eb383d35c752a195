"""What alerts concludes: notices that open, repeat, and resolve.

A notice has one stable id for as long as it is open, so that a receiver that hears it twice knows it, and
so that the message that resolves finds the one that opened. Notices about numbers out of bounds have a
metric's name where the others have a lead.
"""

from enum import StrEnum
from typing import Literal

from schemas.frozen import Frozen, Instant
from schemas.records import record
from schemas.vocabulary import LeadId, Name, OwnerId, TeamId, Text


class AlertKind(StrEnum):
    """What a notice is about."""

    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    ESCALATION = "escalation"
    STALLED = "stalled"
    OUT_OF_BOUNDS = "out_of_bounds"


class Severity(StrEnum):
    """How much it matters, mildest first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


ResolveReason = Literal["answered", "moved", "withdrawn", "superseded", "back_in_bounds", "no_longer_agreed"]
"""Why an alert is over.

Somebody answered; what it was about moved on; it turned out untrue; a greater one about the same thing took
its place; the number came back; the agreement in force no longer sets the bound.
"""


class Alert(Frozen):
    """Something that wants attention, for as long as it does."""

    alert_id: Text
    """Names lead, kind and clock, each of which may be as long as a name."""
    kind: AlertKind
    about: Text
    """The hand-off's clock, the stage, or the metric."""
    severity: Severity
    opened_at: Instant
    summary: Text
    lead_id: LeadId | None = None
    owner: OwnerId | None = None
    team: TeamId | None = None
    recipients: tuple[Name, ...] = ()
    """Channels of the agreement."""
    due_at: Instant | None = None


class NoticeOpened(Frozen):
    """An alert began."""

    kind: Literal["notice_opened"] = "notice_opened"
    alert: Alert

    @property
    def subject(self) -> str:
        """The alert."""
        return self.alert.alert_id


class NoticeRepeated(Frozen):
    """An alert is still open after the interval that the agreement sets."""

    kind: Literal["notice_repeated"] = "notice_repeated"
    alert: Alert
    count: int
    """How often it has been said, the opening included."""

    @property
    def subject(self) -> str:
        """The alert and the repeat."""
        return f"{self.alert.alert_id}#{self.count}"


class NoticeResolved(Frozen):
    """An alert is over."""

    kind: Literal["notice_resolved"] = "notice_resolved"
    alert: Alert
    resolved_at: Instant
    reason: ResolveReason

    @property
    def subject(self) -> str:
        """The alert."""
        return self.alert.alert_id


Notice = NoticeOpened | NoticeRepeated | NoticeResolved
"""What is said of an alert."""


@record(frozen=True, slots=True)
class OutOfBounds:
    """A number that lies outside a bound of the agreement, as metrics finds it; not a conclusion itself."""

    metric: str
    value: float
    bound: str
    """The bound in words, ``at least 0.6 over 28 days``; with the metric it tells two bounds apart."""
    severity: Severity | None = None
    """None: as the agreement's policy says."""
    channels: tuple[str, ...] = ()
    """None named: those of the policy."""
