"""A lead's life with marketing: a stranger looks around, says who they are, is cared for, warms up or not.

``Life`` collects what the tools have to say of one person. What happens is drawn from chance, in an order
that a funnel has; what sales makes of it is in ``selling.py``. The names of pages and forms are those that
the example agreement scores.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

from schemas.facts import Captured, Engaged, Enriched, LeadFact, Recycled
from schemas.vocabulary import EngagementChannel
from services.demo.cast import Cast
from services.demo.people import Match, Person
from services.demo.tools import ADS, ENRICHMENT, EVENTS, FORMS, MAIL, WEB, Draft, Tool, heard_at

_BUSY = (1, 1, 1, 1, 1, 2, 6, 14, 26, 34, 36, 30, 22, 20, 26, 32, 30, 22, 14, 12, 12, 9, 5, 2)
"""How busy each hour of the day is (UTC)."""
_HOURS = tuple(hour for hour, weight in enumerate(_BUSY) for _ in range(weight))

_ORIGINS = ("organic_search", "paid_search", "social", "referral", "direct", "email", "event")
_BY_ORIGIN = tuple(accumulate((30, 18, 16, 10, 8, 10, 8)))
_WITH_CAMPAIGN = frozenset(("paid_search", "social", "email", "event"))

_PAGES = ("/", "/product", "/product/integrations", "/blog/sla", "/customers", "/about")
_LANDING = ("/", "/blog/lead-response-time", "/blog/sla", "/product", "/landing/guide")
_FIRST_FORMS = ("download guide", "newsletter", "webinar", "contact")


@cache
def engaged(
    channel: EngagementChannel, action: str, name: str, origin: str | None = None, campaign: str | None = None
) -> Engaged:
    """Return the fact; the same one for the same words, because a year says few different ones."""
    return Engaged(channel=channel, action=action, name=name, origin=origin, campaign=campaign)


def page(name: str, origin: str | None = None, campaign: str | None = None) -> Engaged:
    """A page was looked at."""
    return engaged(EngagementChannel.PAGE, "viewed", name, origin, campaign)


def form(name: str) -> Engaged:
    """A form was sent."""
    return engaged(EngagementChannel.FORM, "submitted", name)


@dataclass(slots=True)
class Life:
    """What there is to say of one person."""

    rng: random.Random
    cast: Cast
    person: Person
    until: datetime
    """When the year ends: what would happen later need not be told."""
    drafts: list[Draft] = field(default_factory=list)

    def say(self, tool: Tool, at: datetime, fact: LeadFact) -> None:
        """Have a tool say that something happened."""
        key = f"{tool.source}-{self.person.number:06}-{len(self.drafts)}"
        self.drafts.append(Draft(at, heard_at(tool, at, self.rng.random()), tool, fact, self.person, key))

    def days_later(self, at: datetime, days: int) -> datetime:
        """Return some time of the day that comes so many days later; rarely on a weekend."""
        day = at + timedelta(days=days)
        if day.weekday() >= 5 and self.rng.random() < 0.75:
            day += timedelta(days=2)
        hour = self.rng.choice(_HOURS)
        moment = day.replace(
            hour=hour, minute=self.rng.randrange(60), second=self.rng.randrange(60), microsecond=0
        )
        return max(moment, at + timedelta(minutes=1))

    def minutes_later(self, at: datetime, most: int) -> datetime:
        """Return an instant up to so many minutes later."""
        return at + timedelta(seconds=self.rng.randrange(5, most * 60))

    def chance(self, share: float) -> bool:
        """Say whether something happens that happens in this share of cases."""
        return self.rng.random() < share


def become_known(life: Life, at: datetime) -> datetime:
    """Tell how the person came to be a lead; returns when they were captured."""
    rng, cast = life.rng, life.cast
    origin = rng.choices(_ORIGINS, cum_weights=_BY_ORIGIN)[0]
    campaign = rng.choice(cast.campaigns) if cast.campaigns and origin in _WITH_CAMPAIGN else None
    captured = Captured(origin=origin, campaign=campaign)
    if origin == "event":
        life.say(EVENTS, at, engaged(EngagementChannel.EVENT, "registered", "trade fair", origin, campaign))
        return _captured(life, EVENTS, at, captured)
    if origin == "social" and life.chance(0.5):
        life.say(ADS, at, engaged(EngagementChannel.AD, "submitted", "lead ad", origin, campaign))
        return _captured(life, ADS, at, captured)
    landing = rng.choice(_LANDING)
    at = _look_around(life, at, page(landing, origin, campaign))
    life.say(FORMS, at, form(rng.choice(_FIRST_FORMS)))
    return _captured(life, FORMS, at, captured.model_copy(update={"landing_page": landing}))


def _look_around(life: Life, at: datetime, first: Engaged) -> datetime:
    """Tell of a visit or two without a name; returns when the last page was left."""
    life.say(WEB, at, first)
    for _ in range(life.rng.randrange(3)):
        at = life.minutes_later(at, 4) if life.chance(0.7) else life.days_later(at, life.rng.randrange(1, 6))
        life.say(WEB, at, page(life.rng.choice(_PAGES)))
    return life.minutes_later(at, 4)


def _captured(life: Life, tool: Tool, at: datetime, fact: Captured) -> datetime:
    life.say(tool, at, fact.model_copy(update={"attributes": life.person.introduction}))
    life.say(ENRICHMENT, life.minutes_later(at, 30), Enriched(attributes=life.person.company_data))
    return at


def stay_in_touch(life: Life, at: datetime, weeks: int) -> datetime:
    """Tell of some weeks of newsletters, the first after a fortnight; returns when the last one went out."""
    at += timedelta(days=7 if weeks else 0)
    for _ in range(weeks):
        if at > life.until:
            break
        at = life.days_later(at, 7)
        if life.chance(0.4):
            life.say(MAIL, at, engaged(EngagementChannel.EMAIL, "open", "newsletter"))
        if life.chance(0.12):
            read_at = life.minutes_later(at, 5)
            life.say(MAIL, read_at, engaged(EngagementChannel.EMAIL, "click", "newsletter"))
            life.say(WEB, life.minutes_later(read_at, 2), page(life.rng.choice(_PAGES)))
    return at


def warm_up(life: Life, at: datetime) -> datetime:
    """Tell how somebody comes to want it; returns when they did what is asked of an MQL.

    Those who fit well need no more than a webinar; the others ask for a demonstration.
    """
    if life.person.fit is Match.GOOD and life.chance(0.3):
        life.say(EVENTS, at, engaged(EngagementChannel.EVENT, "attended", "webinar"))
        return at
    for name in ("/product", "/customers", "/pricing"):
        life.say(WEB, at, page(name))
        at = life.minutes_later(at, 6)
    life.say(FORMS, at, form("demo"))
    return at


def fade_away(life: Life, at: datetime) -> None:
    """Tell of somebody whom newsletters do not warm, and of marketing giving them up: mostly in time."""
    stay_in_touch(life, at, life.rng.randrange(3, 12))
    if life.chance(0.96):
        days = life.rng.randrange(55, 86) if life.chance(0.9) else life.rng.randrange(90, 120)
        life.say(MAIL, life.days_later(at, days), Recycled(reason=life.cast.recycle_reasons[-1]))
