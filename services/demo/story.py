"""One life that is written by hand: everything that the agreement is about happens in it.

A stranger reads, says who she is, warms up, is handed over and accepted late, after a warning; it is not the
time, and she is recycled. She comes back and is rejected. She comes back once more and is won. The days are
counted back from the end of the year, so that the story is over by then; the seller's hours and the clock
that is missed are the agreement's.
"""

import random
from datetime import datetime, timedelta

from schemas.facts import (
    Accepted,
    Assigned,
    Captured,
    Enriched,
    OpportunityOpened,
    Recycled,
    Rejected,
    Touched,
    Won,
)
from schemas.vocabulary import Actor, EngagementChannel, Money, Side, TouchChannel
from services.demo.cast import Cast, Seller
from services.demo.life import Life, engaged, form, page
from services.demo.people import Match, Person
from services.demo.tools import CALENDAR, CRM, CRM_ACCOUNT, ENRICHMENT, FORMS, MAIL, WEB, Draft

_MARKETING = Actor(side=Side.MARKETING)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


def story_lead_external_id(seed: int) -> str:
    """Return the CRM's id (``external_ids["crm"]``) of the lead whose story is written by hand."""
    return f"S-{seed:04}"


def told(rng: random.Random, cast: Cast, seed: int, until: datetime) -> list[Draft]:
    """Return the story, which ends some weeks before ``until``."""
    seller = next((one for one in cast.sellers if not one.away), cast.sellers[0])
    life = Life(rng, cast, _heroine(seed, seller.country), until)
    monday = until - 300 * _DAY
    monday -= monday.weekday() * _DAY
    morning = monday.replace(hour=9, minute=10, second=0, microsecond=0)
    _accepted_late_and_not_now(life, seller, _warm_up_slowly(life, morning))
    _rejected(life, seller, _comes_back(life, morning + 91 * _DAY))
    _won(life, seller, _comes_back(life, morning + 196 * _DAY))
    return life.drafts


def _heroine(seed: int, country: str) -> Person:
    return Person(
        number=0,
        name="Nora Vidal",
        company="Hilados Sierra Alta",
        email="nora.vidal@hilados-sierra-alta.test",
        private_email="nora@mail.example.com",
        phone=None,
        anonymous_id=f"story-{seed:04}",
        job_title="Operations Director",
        country=country,
        employees=320,
        industry="manufacturing",
        fit=Match.GOOD,
        crm_id=story_lead_external_id(seed),
    )


def _warm_up_slowly(life: Life, at: datetime) -> datetime:
    for days, name in ((0, "/blog/lead-response-time"), (0, "/product"), (2, "/blog/sla"), (2, "/customers")):
        life.say(WEB, at + days * _DAY + len(life.drafts) * 3 * _MINUTE, page(name, "organic_search"))
    known_at = at + 2 * _DAY + 20 * _MINUTE
    life.say(FORMS, known_at, form("download guide"))
    landing = "/blog/lead-response-time"
    captured = Captured(origin="organic_search", landing_page=landing, attributes=life.person.introduction)
    life.say(FORMS, known_at, captured)
    life.say(ENRICHMENT, known_at + _MINUTE, Enriched(attributes=life.person.company_data))
    life.say(MAIL, at + 7 * _DAY, engaged(EngagementChannel.EMAIL, "click", "newsletter"))
    return _ask(life, at + 10 * _DAY)


def _ask(life: Life, at: datetime) -> datetime:
    """Look at prices and ask for a demonstration; returns when."""
    for place, name in enumerate(("/product", "/customers", "/pricing", "/pricing")):
        life.say(WEB, at + place * 4 * _MINUTE, page(name))
    at += 20 * _MINUTE
    life.say(FORMS, at, form("demo"))
    return at


def _comes_back(life: Life, at: datetime) -> datetime:
    life.say(MAIL, at - 7 * _DAY, engaged(EngagementChannel.EMAIL, "click", "newsletter"))
    return _ask(life, at)


def _hand_over(life: Life, seller: Seller, at: datetime) -> datetime:
    life.say(CRM_ACCOUNT, at + 3 * _MINUTE, Assigned(owner=seller.id, by=_MARKETING))
    return at + 3 * _MINUTE


def _accepted_late_and_not_now(life: Life, seller: Seller, asked_at: datetime) -> None:
    at = seller.later(_hand_over(life, seller, asked_at), life.cast.answer_minutes * 1.1)
    life.say(CRM, at, Accepted(by=seller.actor))
    at = seller.later(at, 45)
    life.say(CRM, at, Touched(channel=TouchChannel.CALL, outcome="no_answer", by=seller.actor))
    at = seller.later(at, 400)
    promised = "call again in spring"
    life.say(
        CRM, at, Touched(channel=TouchChannel.CALL, outcome="connected", by=seller.actor, promised=promised)
    )
    life.say(CRM, seller.later(at, 90), Recycled(reason=life.cast.recycle_reasons[0], by=seller.actor))


def _rejected(life: Life, seller: Seller, asked_at: datetime) -> None:
    at = seller.later(_hand_over(life, seller, asked_at), 50)
    life.say(CRM, at, Rejected(reason=life.cast.rejection_reasons[:2][-1], by=seller.actor))


def _won(life: Life, seller: Seller, asked_at: datetime) -> None:
    at = seller.later(_hand_over(life, seller, asked_at), 12)
    life.say(CRM, at, Accepted(by=seller.actor))
    at = seller.later(at, 20)
    life.say(CRM, at, Touched(channel=TouchChannel.CALL, outcome="connected", by=seller.actor))
    at = seller.later(at, 900)
    promised = "send the offer and two references"
    life.say(
        CALENDAR,
        at,
        Touched(channel=TouchChannel.MEETING, outcome="held", by=seller.actor, promised=promised),
    )
    price = Money(amount_minor=1_180_000, currency=life.cast.currency)
    at = seller.later(at, 60)
    life.say(CRM, at, OpportunityOpened(opportunity_id="O-story", amount=price, by=seller.actor))
    for _ in range(3):
        at = seller.later(at, 1300)
        life.say(CRM, at, Touched(channel=TouchChannel.CALL, outcome="connected", by=seller.actor))
    life.say(CRM, seller.later(at, 700), Won(opportunity_id="O-story", amount=price, by=seller.actor))
