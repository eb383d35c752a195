"""What metrics reads of an agreement, looked up once: zone, segments, outcomes, opening hours.

A rule is called with the agreement for every event; what it needs of it is a few dictionaries. They are kept
by the document's identity, with the document itself, so that an identity cannot come to mean another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.agreement import Agreement, Segment
from schemas.agreement.lifecycle import Outcome
from schemas.calendars import BusinessCalendar
from schemas.metrics import UNKNOWN
from schemas.vocabulary import Scalar
from services.metrics.summary import Holder
from services.zones import zone_info

_KEPT = 16
"""Documents at hand at once; a refold over a long history meets a handful."""

_plans: dict[int, "Plan"] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """One agreement, as metrics reads it."""

    agreement: Agreement
    zone: ZoneInfo
    attributes: frozenset[str]
    """What may travel on the line: more than segments read, because the next version's may read more."""
    outcomes: Mapping[str, Outcome | None]
    currency: str
    segments: tuple[Segment, ...]

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.zone).date()

    def segment(self, attributes: Mapping[str, Scalar]) -> str:
        """Return the first segment whose condition holds, or ``unknown``."""
        return next((segment.id for segment in self.segments if segment.when.holds(attributes)), UNKNOWN)

    def holder(self, team: str | None, owner: str | None) -> Holder:
        """Return who has something in hand; an owner's team is known without being named."""
        known = self.agreement.owner(owner)
        return Holder(team or (known.team if known else UNKNOWN), owner or UNKNOWN)

    def calendar(self, holder: Holder) -> BusinessCalendar | None:
        """Return the opening hours of who holds a lead, as of an SLA clock; None if none are agreed."""
        name = self.agreement.hours_of(holder.owner, holder.team)
        return self.agreement.calendars[name] if name else None


def plan_of(agreement: Agreement) -> Plan:
    """Return the agreement's plan, made when it is first asked for."""
    plan = _plans.get(id(agreement))
    if plan is None:
        if len(_plans) >= _KEPT:
            _plans.clear()
        plan = _plans[id(agreement)] = _made(agreement)
    return plan


def _made(agreement: Agreement) -> Plan:
    return Plan(
        agreement=agreement,
        zone=zone_info(agreement.time_zone),
        attributes=agreement.attributes_read,
        outcomes={stage.id: stage.outcome for stage in agreement.lifecycle.stages},
        currency=agreement.currency,
        segments=agreement.segments,
    )
