"""A row that comes again tells what has changed, and nothing that would be counted twice."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from schemas.facts import (
    Assigned,
    Attributes,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    FactEvent,
    LeadFact,
    OpportunityOpened,
    StageClaimed,
    Subject,
    Won,
)
from schemas.vocabulary import EngagementChannel, Money
from services.imports.changes import change_id, retold, stays
from services.imports.source import RowFacts, fact_event

T = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = Subject(email="ana@b.example", external_ids={"crm": "17"})


def row(fact: LeadFact, *, time: datetime = T, subject: Subject = ANA) -> FactEvent:
    return fact_event(fact, source="crm", event_id="x:17", time=time, subject=subject)


def news(
    *said: FactEvent,
    now: FactEvent,
    changed_at: datetime | None = None,
    of_subject: bool = True,
    reads: Iterable[str] = ("staff", "country", "job", "industry"),
) -> FactEvent | None:
    read = RowFacts((now,), changed_at, frozenset(reads))
    return retold(said, now, read, of_subject=of_subject, region="ES")


def won(euros: int | None, opportunity_id: str | None = "o") -> Won:
    amount = None if euros is None else Money(amount_minor=euros * 100, currency="EUR")
    return Won(opportunity_id=opportunity_id, amount=amount)


def test_equal_words_are_no_news() -> None:
    for fact in (Captured(origin="web", attributes={"staff": 5}), Assigned(owner="lu"), won(5)):
        assert news(row(fact), now=row(fact)) is None
        assert not stays([row(fact)], row(fact))


def test_attributes_that_read_otherwise_are_told_and_those_that_are_gone_forgotten() -> None:
    first = row(Captured(origin="web", attributes={"staff": 5, "country": "ES", "job": "CEO"}))
    now = row(Captured(origin="web", attributes={"staff": 6, "country": "ES", "industry": "steel"}))
    told = news(first, now=now)
    assert told is not None
    assert told.data.fact == Enriched(attributes={"staff": 6, "industry": "steel", "job": None})
    assert (told.id, told.type, told.time) == ("x:17~001", "relevo.lead.enriched", None)
    assert news(first, told, now=now) is None


def test_attributes_are_told_in_the_same_order_by_every_process_and_no_more_than_a_fact_may_set() -> None:
    old: Attributes = {f"a{number:03d}": "x" for number in range(100)}
    new: Attributes = {f"n{number:03d}": "x" for number in range(100)}
    first, now = row(Captured(attributes=old)), row(Captured(attributes=new))
    told = news(first, now=now, reads=old.keys() | new.keys())
    assert told is not None
    rest = news(first, told, now=now, reads=old.keys() | new.keys())
    assert rest is not None
    names = [[*each.data.fact.attributes] for each in (told, rest) if isinstance(each.data.fact, Enriched)]
    assert names == [[*new, *sorted(old)[:28]], sorted(old)[28:]]


def test_what_another_mapping_reads_of_the_row_is_not_gone() -> None:
    first, now = row(Captured(attributes={"staff": 5})), row(Captured(attributes={"job": "CEO"}))
    told = news(first, now=now, reads=["job"])
    assert told is not None
    assert told.data.fact == Enriched(attributes={"job": "CEO"})
    assert news(first, told, now=first, reads=["staff"]) is None


def test_what_goes_back_to_what_it_was_is_a_change_too() -> None:
    one, other = (row(Captured(attributes={"staff": staff})) for staff in (5, 6))
    first = news(one, now=other)
    assert first is not None
    second = news(one, first, now=one)
    assert second is not None
    assert (second.id, second.data.fact) == ("x:17~002", Enriched(attributes={"staff": 5}))
    assert news(one, first, second, now=one) is None


def test_a_subject_is_told_anew_by_one_fact_and_blanks_take_nothing_back() -> None:
    now = row(Captured(), subject=ANA.model_copy(update={"phone": "600112233"}))
    told = news(row(Captured()), now=now)
    assert told is not None
    assert (told.data.fact, told.data.subject.phone) == (Enriched(), "600112233")
    assert news(row(Captured()), now=now, of_subject=False) is None
    assert news(row(Captured()), told, now=row(Captured())) is None
    assert news(row(Engaged(channel=EngagementChannel.PAGE, action="v")), now=now) is not None


def test_a_row_about_somebody_else_is_said_as_it_stands_and_contradicts() -> None:
    now = row(Captured(), subject=Subject(email="bo@b.example"))
    assert news(row(Captured()), now=now) is now


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (Subject(email="Ana@b.example"), Subject(email="ana@B.example")),
        (Subject(phone="600 11 22 33"), Subject(phone="+34600112233")),
        (
            Subject(external_ids={"salesforce": "00Q5f000006k0AB"}),
            Subject(external_ids={"salesforce": "00Q5f000006k0ABEAY"}),
        ),
    ],
)
def test_a_row_that_writes_who_it_is_about_otherwise_is_about_the_same_one(
    before: Subject, now: Subject
) -> None:
    told = news(row(Captured(), subject=before), now=row(Captured(attributes={"staff": 5}), subject=now))
    assert told is not None
    assert (told.id, told.data.fact) == ("x:17~001", Enriched(attributes={"staff": 5}))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (Assigned(owner="lu"), Assigned(owner="mo")),
        (StageClaimed(stage="mql"), StageClaimed(stage="sql")),
        (ConsentChanged(granted=True), ConsentChanged(granted=False)),
    ],
)
def test_of_what_the_latest_counts_it_is_told_anew_as_of_its_own_time_if_that_has_moved(
    before: LeadFact, now: LeadFact
) -> None:
    times = [
        told and (told.data.fact, told.time)
        for told in (
            news(row(before), now=row(now)),
            news(row(before), now=row(now), changed_at=T + DAY),
            news(row(before), now=row(now, time=T + 2 * DAY), changed_at=T + 3 * DAY),
            news(row(before), now=row(before, time=T + 2 * DAY)),
        )
    ]
    assert times == [(now, None), (now, T + DAY), (now, T + 2 * DAY), None]
    assert not stays([row(before)], row(now))


def test_the_amount_of_an_opportunity_that_has_an_id_is_corrected_where_it_stands() -> None:
    told = news(row(won(5)), now=row(won(7)), changed_at=T + DAY)
    assert told is not None
    assert (told.data.fact, told.time) == (won(7), T)
    assert not stays([row(won(5))], row(won(7)))
    opened = [OpportunityOpened(opportunity_id="o", amount=won(euros).amount) for euros in (5, 7)]
    assert news(row(opened[0]), now=row(opened[1])) is not None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (won(5, None), won(7, None)),
        (won(5), won(None)),
        (won(5), won(5, "p")),
        (Captured(origin="web"), Captured(origin="fair")),
        (
            Engaged(channel=EngagementChannel.PAGE, action="viewed"),
            Engaged(channel=EngagementChannel.PAGE, action="read"),
        ),
    ],
)
def test_what_would_count_twice_stays_as_it_was_said(before: LeadFact, now: LeadFact) -> None:
    assert news(row(before), now=row(now)) is None
    assert stays([row(before)], row(now))
    assert stays([row(before)], row(before, time=T + DAY))


def test_a_change_counts_as_of_when_the_row_was_written_and_older_rows_are_no_news() -> None:
    first, now = row(Captured()), row(Captured(attributes={"staff": 6}))
    told = news(first, now=now, changed_at=T + 2 * DAY)
    assert told is not None
    assert told.time == T + 2 * DAY
    assert news(first, told, now=first, changed_at=T + DAY) is None
    assert news(first, told, now=first, changed_at=T + 2 * DAY) is not None


def test_what_is_known_of_a_person_counts_as_of_its_own_time_if_that_has_moved() -> None:
    first = row(Enriched(attributes={"staff": 5}))
    told = news(first, now=row(Enriched(attributes={"staff": 6}), time=T + DAY))
    assert told is not None
    assert told.time == T + DAY


def test_changes_sort_behind_the_fact_and_one_another() -> None:
    ids = [change_id("won:17", number) for number in (0, 1, 2, 10, 999, 1000, 9999, 10_000)]
    assert ids == sorted(ids)
    assert [*ids[:3], ids[5]] == ["won:17", "won:17~001", "won:17~002", "won:17~~1000"]
