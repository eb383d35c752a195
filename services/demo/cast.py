"""What the demo takes from the agreement: who sells, in which hours, and the words that people choose from.

The story is invented; the names in it are the agreement's: owners with their calendars, campaigns, reasons,
the currency. So the demo runs under an agreement that was changed, and shows what the change does.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.agreement import Agreement
from schemas.agreement.handoff import Handoff, Reason
from schemas.calendars import BusinessAllowance, BusinessCalendar
from schemas.vocabulary import Actor, OwnerId, Side
from services.business_time import due_at
from services.imports.source import SourceUnusable

_HOME = {"Europe/Madrid": "ES", "Europe/London": "GB", "America/Mexico_City": "MX"}
"""The country of an office, as far as the demo knows its zone."""

_ABROAD = ("PT", "CO", "AR", "FR", "GB", "IE", "US")

_ANSWERS_AFTER = (20, 75, 240)
"""Working minutes after which a quick, a steady and a slow owner have usually answered: the median."""


@dataclass(frozen=True, slots=True)
class Seller:
    """An owner of the team that leads are handed to."""

    id: OwnerId
    calendar: BusinessCalendar
    country: str
    usual_minutes: int
    """How long the seller usually takes to answer: the median, in working minutes."""
    away: tuple[tuple[datetime, datetime], ...] = ()
    """From when to when the seller does not work."""

    @property
    def actor(self) -> Actor:
        """The seller, as facts name who says them."""
        return Actor(side=Side.SALES, owner=self.id)

    def later(self, at: datetime, minutes: float) -> datetime:
        """Return the instant by which the seller has worked so many more minutes."""
        return due_at(at, timedelta(seconds=round(minutes * 60)), self.calendar, self.away)

    def in_own_time(self, rng: random.Random, at: datetime, share: float = 1.0) -> datetime:
        """Return when the seller gets round to something: near the usual time, now and then far beyond."""
        return self.later(at, min(self.usual_minutes * share * rng.lognormvariate(0, 0.8), 9600))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the demo's facts may name."""

    sellers: tuple[Seller, ...]
    by_country: dict[str, tuple[Seller, ...]]
    campaigns: tuple[str, ...]
    rejection_reasons: tuple[str, ...]
    recycle_reasons: tuple[str | None, ...]
    lost_reasons: tuple[str | None, ...]
    answer_minutes: float
    """Working minutes that sales has to answer a hand-off."""
    currency: str

    @property
    def home(self) -> tuple[str, ...]:
        """The countries where the team sells."""
        return tuple(self.by_country)

    @property
    def abroad(self) -> tuple[str, ...]:
        """Countries where it does not."""
        return tuple(country for country in _ABROAD if country not in self.by_country)

    def seller_for(self, rng: random.Random, country: str) -> Seller:
        """Return who gets a lead from a country: somebody who works there, or anybody."""
        return rng.choice(self.by_country.get(country, self.sellers))


def cast_of(agreement: Agreement) -> Cast:
    """Return what the demo takes from an agreement.

    Raises:
        SourceUnusable: Nothing is handed over, or there is nobody to hand it to.
    """
    handoff = agreement.handoff
    sellers = tuple(_sellers(agreement, handoff.to_team)) if handoff else ()
    if handoff is None or not sellers:
        problem = f"under agreement {agreement.version!r} nobody is handed leads, so there is no year to tell"
        raise SourceUnusable(problem, "add a handoff, and owners to the team that it goes to")
    return Cast(
        sellers=sellers,
        by_country=_by_country(sellers),
        campaigns=tuple(campaign.id for campaign in agreement.campaigns),
        rejection_reasons=tuple(reason.id for reason in handoff.rejection_reasons),
        recycle_reasons=_ids(handoff.recycle_reasons),
        lost_reasons=_ids(handoff.lost_reasons),
        answer_minutes=_answer_minutes(handoff),
        currency=agreement.currency,
    )


def _ids(reasons: tuple[Reason, ...]) -> tuple[str | None, ...]:
    """Return the reasons to pick from; none at all where the agreement lists none."""
    return tuple(reason.id for reason in reasons) or (None,)


def _answer_minutes(handoff: Handoff) -> float:
    """Return what the first clock of a new hand-off grants; four hours where none counts working time."""
    allowances = [clock.allowance for clock in handoff.clocks if clock.starts == "opened"]
    return next((grant.minutes for grant in allowances if isinstance(grant, BusinessAllowance)), 240)


def _sellers(agreement: Agreement, team_id: str) -> Iterator[Seller]:
    """Yield the team, without its manager unless she is all there is."""
    team = agreement.team(team_id)
    if team is None:
        return
    members = [owner for owner in agreement.owners if owner.team == team_id]
    for place, owner in enumerate([one for one in members if one.id != team.manager] or members):
        calendar = agreement.calendars[owner.calendar or team.calendar]
        country = _HOME.get(calendar.time_zone, "ES")
        away = tuple((gone.start, gone.end) for gone in agreement.absences if gone.owner == owner.id)
        yield Seller(owner.id, calendar, country, _ANSWERS_AFTER[place % len(_ANSWERS_AFTER)], away)


def _by_country(sellers: tuple[Seller, ...]) -> dict[str, tuple[Seller, ...]]:
    found: dict[str, tuple[Seller, ...]] = {}
    for seller in sellers:
        found[seller.country] = (*found.get(seller.country, ()), seller)
    return found
