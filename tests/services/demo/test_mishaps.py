"""Mishaps change how things are told, and not what happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from infra.wire import read_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import Captured, FactEvent, Merged, Subject, Won
from services.demo.mishaps import ask_to_be_forgotten, be_known_twice, delivered, nonsense, withdraw_consent
from services.demo.tools import CRM, FORMS, Draft, Tool
from tests.services.demo.years import UNTIL, life

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def draft(tool: Tool = FORMS, at: datetime = AT) -> Draft:
    return Draft(at, at, tool, Captured(), life().person, "forms-1")


def deliveries(one: Draft, count: int = 4000) -> list[list[Draft]]:
    rng = Random(3)
    return [list(delivered(rng, one, UNTIL)) for _ in range(count)]


def test_most_things_arrive_once_and_as_they_are() -> None:
    usual = [found for found in deliveries(draft()) if found == [draft()]]
    assert 3800 < len(usual) < 3950


def test_what_arrives_twice_says_the_same() -> None:
    twice = [found for found in deliveries(draft()) if len(found) == 2]
    assert twice
    assert all(late.event(None) == first.event(None) for late, first in twice)
    assert all(late.arrives_at > first.arrives_at for late, first in twice)


def test_what_arrives_late_still_says_when_it_happened() -> None:
    late = [one for (one, *more) in deliveries(draft()) if not more and one.arrives_at > AT]
    assert late
    assert all(one.at == AT and one.arrives_at <= AT + timedelta(days=3) for one in late)


def test_a_clock_that_is_ahead_says_more_than_the_line_can_believe() -> None:
    ahead = [one for (one, *_) in deliveries(draft()) if one.at > one.arrives_at]
    assert ahead
    assert all(one.at - one.arrives_at >= timedelta(minutes=10) for one in ahead)


def test_while_the_crm_is_cut_off_its_news_waits_in_order() -> None:
    down_at = UNTIL - timedelta(days=47)
    morning, evening = (draft(CRM, down_at + timedelta(hours=hours)) for hours in (1, 8))
    (first,), (second,) = (next(iter(deliveries(one, 1))) for one in (morning, evening))
    assert down_at + timedelta(hours=9) <= first.arrives_at < second.arrives_at
    (other,) = next(iter(deliveries(replace(morning, tool=FORMS), 1)))
    assert other.arrives_at == morning.arrives_at


def test_nonsense_is_of_every_kind_and_none_of_it_can_be_taken() -> None:
    rng = Random(5)
    found = [nonsense(rng, draft(), "EUR", "demo") for _ in range(200)]
    letters = [read_fact(item) for item in found if isinstance(item, bytes)]
    assert {letter.reason for letter in letters if isinstance(letter, DeadLetter)} == {
        DeadReason.NOT_JSON,
        DeadReason.DUPLICATE_KEY,
        DeadReason.NOT_FINITE,
        DeadReason.UNKNOWN_TYPE,
    }
    assert not [letter for letter in letters if isinstance(letter, FactEvent)]
    events = [item for item in found if isinstance(item, FactEvent)]
    assert all(event.time and event.id == "forms-1-odd" for event in events)
    assert [event for event in events if event.time and event.time.year == 9999]
    assert [event for event in events if event.data.subject == Subject(name="somebody")]
    assert [event for event in events if event.data.subject.email == "ana at example dot com"]
    amounts = [event.data.fact.amount for event in events if isinstance(event.data.fact, Won)]
    assert {amount.currency for amount in amounts if amount} == {"USD"}


def test_money_is_foreign_in_any_currency() -> None:
    rng = Random(5)
    found = [nonsense(rng, draft(), "USD", None) for _ in range(60)]
    facts = [item.data.fact for item in found if isinstance(item, FactEvent)]
    assert {fact.amount.currency for fact in facts if isinstance(fact, Won) and fact.amount} == {"EUR"}


def test_two_addresses_turn_out_to_be_one_person() -> None:
    told = life()
    be_known_twice(told, AT)
    merged = told.drafts[-1]
    assert merged.fact == Merged(other=Subject(email=told.person.private_email))
    assert merged.tool.names(told.person).email == told.person.email
    assert {one.tool.names(told.person).email for one in told.drafts[:-1]} == {told.person.private_email}


def test_consent_is_withdrawn_and_somebody_is_forgotten() -> None:
    told = life()
    withdraw_consent(told, AT)
    ask_to_be_forgotten(told, AT)
    assert [one.fact.kind for one in told.drafts] == ["engaged", "consent_changed", "erased", "engaged"]
    assert told.drafts[-1].at > told.drafts[-2].at
