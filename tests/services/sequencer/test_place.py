"""When a fact happened: never later than it was heard of, nor, for an answer, longer ago than was agreed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Accepted, Captured, Fact, Rejected, Touched, Won
from schemas.vocabulary import Flag, TouchChannel
from services.sequencer.place import business_time, refused_time
from tests.builders import agreement, instant
from tests.infra.saying import event_of

HEARD = instant("2026-03-02 12:00")
CALL = Touched(channel=TouchChannel.CALL)
SMALL = agreement()


def placed(fact: Fact, time: str | None, **about: Any) -> tuple[datetime, tuple[Flag, ...]]:
    return business_time(event_of(fact, time=time, **about), HEARD, SMALL)


@pytest.mark.parametrize(
    ("time", "at", "flags"),
    [
        (None, "2026-03-02 12:00", ()),
        ("2026-03-02 12:00", "2026-03-02 12:00", ()),
        ("2026-03-02 11:00", "2026-03-02 11:00", ()),
        ("1999-01-01 00:00", "1999-01-01 00:00", ()),
        ("2026-03-02 12:05", "2026-03-02 12:00", ()),
        ("2026-03-02 12:05:01", "2026-03-02 12:00", (Flag.CLOCK_SKEW,)),
        ("2099-12-31 23:59", "2026-03-02 12:00", (Flag.CLOCK_SKEW,)),
    ],
)
def test_a_claim_is_held_to_the_logs_time(time: str | None, at: str, flags: tuple[Flag, ...]) -> None:
    assert placed(Captured(), time) == (instant(at), flags)
    assert placed(CALL, time)[0] <= HEARD


@pytest.mark.parametrize("fact", [Accepted(), Rejected(reason="not_now"), CALL])
def test_an_answer_may_not_be_dated_further_back_than_was_agreed(fact: Fact) -> None:
    assert placed(fact, "2026-03-02 11:00") == (instant("2026-03-02 11:00"), ())
    assert placed(fact, "2026-03-02 10:59:59") == (instant("2026-03-02 11:00"), (Flag.BACKDATED,))
    assert placed(fact, "1970-01-01 00:00") == (instant("2026-03-02 11:00"), (Flag.BACKDATED,))


def test_a_history_may_be_as_old_as_it_is() -> None:
    assert placed(CALL, "1999-01-01 00:00", import_id="i") == (instant("1999-01-01 00:00"), ())


@pytest.mark.parametrize("fact", [Captured(), Won()])
def test_what_answers_nothing_may_be_as_old_as_it_is(fact: Fact) -> None:
    assert placed(fact, "1999-01-01 00:00") == (instant("1999-01-01 00:00"), ())


def test_without_a_hand_off_there_is_nothing_to_answer() -> None:
    alone = agreement({"handoff": None, "alerts": []})
    assert business_time(event_of(CALL, time="1999-01-01 00:00"), HEARD, alone)[1] == ()


@pytest.mark.parametrize("minutes", [10**9, 10**18, 10**30])
def test_an_agreement_may_allow_more_years_than_there_are(minutes: int) -> None:
    lenient = agreement({"handoff.backdating_minutes": minutes})
    assert business_time(event_of(CALL, time="1970-01-01 00:00"), HEARD, lenient)[1] == ()


@pytest.mark.parametrize(
    "time", ["1969-12-31 23:59:59", "0001-01-01 00:00", "2100-01-01 00:00", "9999-12-31 00:00"]
)
def test_a_time_in_another_century_is_refused(time: str) -> None:
    said = refused_time(event_of(time=time))
    assert said is not None
    assert said.endswith("expected an instant between 1970 and 2100")


@pytest.mark.parametrize("time", [None, "1970-01-01 00:00", "2099-12-31 23:59:59"])
def test_a_time_in_ours_is_not(time: str | None) -> None:
    assert refused_time(event_of(time=time)) is None


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.sampled_from([Captured(), CALL]))
def test_nothing_happens_later_than_it_is_heard_of(ahead: timedelta, fact: Fact) -> None:
    at, flags = business_time(event_of(fact, time=HEARD + ahead), HEARD, SMALL)
    assert at <= HEARD
    assert (Flag.CLOCK_SKEW in flags) == (ahead > timedelta(minutes=5))
    assert (Flag.BACKDATED in flags) == (fact is CALL and ahead < timedelta(hours=-1))
    if not flags:
        assert at == min(HEARD, HEARD + ahead)
