"""A lead's life on sales's side: assigned, answered sooner or later, called, met, won or not.

Sellers work in the hours of their calendars and in their own time: some answer within minutes, some let
clocks run out. Whether a clock was met is for the lifecycle to find; nothing here knows of clocks.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from schemas.facts import (
    Accepted,
    Assigned,
    Lost,
    OpportunityOpened,
    Recycled,
    Rejected,
    Touched,
    Won,
)
from schemas.vocabulary import Actor, Money, Side, TouchChannel
from services.demo.cast import Seller
from services.demo.life import Life, stay_in_touch, warm_up
from services.demo.people import Match
from services.demo.tools import CALENDAR, CRM, CRM_ACCOUNT

Reason = TypeVar("Reason", str, str | None)

_MARKETING = Actor(side=Side.MARKETING)
_DAY_OF_WORK = 8 * 60
_BUSY_DAYS = timedelta(days=12)


def hand_over(life: Life, at: datetime, *, returns: int = 2) -> None:
    """Tell what becomes of a lead that sales has been handed.

    Args:
        life: Whose.
        at: When marketing handed it over.
        returns: How often it may still come back.
    """
    seller = life.cast.seller_for(life.rng, life.person.country)
    assigned_at = life.minutes_later(at, 10)
    life.say(CRM_ACCOUNT, assigned_at, Assigned(owner=seller.id, by=_MARKETING))
    if at > life.until - _BUSY_DAYS and life.chance(0.35):
        return  # too much at once: who is looking now finds hand-offs that are overdue
    ended_at = _answer(life, seller, seller.in_own_time(life.rng, assigned_at))
    if ended_at and returns and life.chance(0.25):
        _come_back(life, ended_at, returns=returns - 1)


def _answer(life: Life, seller: Seller, at: datetime) -> datetime | None:
    """Accept, reject or forget; returns when marketing has the lead again, if it has."""
    luck = life.rng.random()
    if luck < (0.72 if life.person.fit is Match.GOOD else 0.4):
        return _work(life, seller, at)
    return _reject(life, seller, at) if luck < 0.95 else _forget(life, at)


def _come_back(life: Life, at: datetime, *, returns: int) -> None:
    at = stay_in_touch(life, at, life.rng.randrange(4, 16))
    hand_over(life, warm_up(life, life.days_later(at, 3)), returns=returns)


def _reject(life: Life, seller: Seller, at: datetime) -> datetime:
    life.say(CRM, at, Rejected(reason=_pick(life, life.cast.rejection_reasons), by=seller.actor))
    return at


def _forget(life: Life, at: datetime) -> datetime | None:
    """Nobody answers; mostly marketing takes the lead back after some weeks."""
    if life.chance(0.1):
        return None
    at = life.days_later(at, life.rng.randrange(15, 40))
    life.say(CRM, at, Recycled(reason=_pick(life, life.cast.recycle_reasons), by=_MARKETING))
    return at


def _work(life: Life, seller: Seller, at: datetime) -> datetime | None:
    life.say(CRM, at, Accepted(by=seller.actor))
    if life.chance(0.02):  # an impatient finger
        life.say(CRM, at + timedelta(seconds=2), Accepted(by=seller.actor))
    at = _reach(life, seller, at)
    luck = life.rng.random()
    if luck < 0.6:
        return _negotiate(life, seller, _meet(life, seller, at))
    if luck < 0.85:
        return _give_back(life, seller, seller.later(at, life.rng.randrange(30, 4 * _DAY_OF_WORK)))
    if life.chance(0.7):
        return _give_back(life, seller, life.days_later(at, life.rng.randrange(35, 70)))
    return None  # it fell asleep, and is to be found among the stalled


def _give_back(life: Life, seller: Seller, at: datetime) -> datetime:
    life.say(CRM, at, Recycled(reason=_pick(life, life.cast.recycle_reasons), by=seller.actor))
    return at


def _reach(life: Life, seller: Seller, at: datetime) -> datetime:
    """Call until somebody answers, or give up; returns when that was."""
    at = seller.in_own_time(life.rng, at, share=0.8)
    for _ in range(4):
        outcome = life.rng.choices(("connected", "no_answer", "call_later"), cum_weights=(50, 92, 100))[0]
        life.say(CRM, at, _call(outcome, seller.id))
        if outcome == "connected":
            return at
        at = seller.later(at, life.rng.randrange(120, 2 * _DAY_OF_WORK))
    life.say(CRM, at, Touched(channel=TouchChannel.EMAIL, outcome="sent", by=seller.actor))
    return at


@cache
def _call(outcome: str, owner: str) -> Touched:
    return Touched(channel=TouchChannel.CALL, outcome=outcome, by=Actor(side=Side.SALES, owner=owner))


def _meet(life: Life, seller: Seller, at: datetime) -> datetime:
    """Meet, at the second try if need be; returns when they met."""
    at = seller.later(at, life.rng.randrange(_DAY_OF_WORK, 6 * _DAY_OF_WORK))
    if life.chance(0.2):
        life.say(CALENDAR, at, Touched(channel=TouchChannel.MEETING, outcome="no_show", by=seller.actor))
        at = seller.later(at, life.rng.randrange(_DAY_OF_WORK, 4 * _DAY_OF_WORK))
    promised = "send the offer and two references" if life.chance(0.5) else None
    held = Touched(channel=TouchChannel.MEETING, outcome="held", by=seller.actor, promised=promised)
    life.say(CALENDAR, at, held)
    return at


def _negotiate(life: Life, seller: Seller, at: datetime) -> datetime | None:
    opportunity, amount = f"O-{life.person.number:06}-{len(life.drafts)}", _amount(life)
    at = seller.later(at, life.rng.randrange(10, _DAY_OF_WORK))
    life.say(CRM, at, OpportunityOpened(opportunity_id=opportunity, amount=amount, by=seller.actor))
    for _ in range(life.rng.randrange(1, 5)):
        at = seller.later(at, life.rng.randrange(_DAY_OF_WORK // 2, 4 * _DAY_OF_WORK))
        life.say(CRM, at, _call("connected", seller.id))
    luck = life.rng.random()
    if luck < 0.38:
        at = seller.later(at, life.rng.randrange(_DAY_OF_WORK, 10 * _DAY_OF_WORK))
        life.say(CRM, at, Won(opportunity_id=opportunity, amount=amount, by=seller.actor))
    elif luck < 0.93:
        at = life.days_later(at, life.rng.randrange(3, 25 if luck < 0.8 else 100))
        reason = _pick(life, life.cast.lost_reasons)
        life.say(CRM, at, Lost(reason=reason, opportunity_id=opportunity, by=seller.actor))
    return None


def _amount(life: Life) -> Money:
    """A price after the size of the company, to the next 50."""
    price = (2_000 + 18 * life.person.employees) * life.rng.lognormvariate(0, 0.4)
    return Money(amount_minor=round(price / 50) * 50 * 100, currency=life.cast.currency)


def _pick(life: Life, reasons: tuple[Reason, ...]) -> Reason:
    """Pick a reason; the first ones of the agreement are the usual ones."""
    return reasons[min(int(life.rng.expovariate(0.6)), len(reasons) - 1)]
