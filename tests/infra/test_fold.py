"""The fold: events in their order, timers in their place, and conclusions that are the same each time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fold import Folding, Place, fold, place_of, place_said, read_place, write_place
from infra.worker import any_state
from schemas.agreement import Agreement
from schemas.entries import Cause, Concluded, Entry, FiredTimer, conclusion_id
from schemas.facts import Captured
from schemas.step import AgreementChanged, Event, Step, TimerDue
from schemas.vocabulary import WorkerName
from tests.builders import agreement, entry, instant
from tests.infra.toy import counts, said, step

SMALL = agreement()
NINE = instant("2026-03-02 09:00")
DAY = timedelta(days=1)
SCORING = WorkerName.SCORING


def lead() -> Folding[int]:
    return Folding(SCORING, "L1", step, lambda _: SMALL)


def fact(at: str | datetime, seq: int) -> Entry:
    return entry(Captured(), at=at, seq=seq)


# --- places


def test_timers_come_before_what_happens_at_their_instant_and_numbers_decide_the_rest() -> None:
    born = entry(timer=FiredTimer(WorkerName.LIFECYCLE, "stale", NINE), at=NINE)
    events: list[Entry | AgreementChanged | TimerDue] = [
        TimerDue("L1", "nap", NINE, NINE),
        born,
        fact(NINE, 1),
        AgreementChanged("L1", 2, NINE),
        fact(NINE, 3),
        TimerDue("L1", "nap", NINE + DAY, NINE + DAY),
    ]
    places = [place_of(event) for event in events]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@given(
    st.none()
    | st.tuples(
        st.datetimes().map(lambda at: at.replace(tzinfo=NINE.tzinfo)), st.integers(0, 1), st.integers(0)
    )
)
def test_a_place_is_read_as_it_was_written(place: Place | None) -> None:
    assert read_place(write_place(place)) == place


# --- one step


def test_a_step_leaves_state_timers_and_how_far_the_lead_has_come() -> None:
    folding = lead()
    folding.apply(fact("2026-03-02 09:00", 1))
    assert (folding.state, folding.timers) == (1, {"nap": NINE + DAY})
    assert folding.frontier == (NINE, 1, 1)


def test_a_step_into_the_past_does_not_move_the_frontier_back() -> None:
    folding = lead()
    folding.apply(fact("2026-03-02 09:00", 1))
    folding.apply(fact("2026-03-01 09:00", 2))
    assert folding.frontier == (NINE, 1, 1)
    assert folding.state == 2


def test_a_timer_that_is_armed_again_is_replaced_and_none_cancels_it() -> None:
    folding = lead()
    folding.apply(fact("2026-03-02 09:00", 1))
    folding.apply(fact("2026-03-03 08:00", 2))
    assert folding.timers == {"nap": instant("2026-03-04 08:00")}
    folding.apply(entry(at="2026-03-03 09:00", seq=3))
    assert folding.timers == {}
    folding.apply(entry(at="2026-03-03 10:00", seq=4))
    assert folding.timers == {}


def test_a_conclusion_says_what_it_follows_from() -> None:
    folding = lead()
    (first,) = folding.apply(fact("2026-03-02 09:00", 7))
    assert first == Concluded(
        conclusion_id(SCORING, "L1", said(1), 7), SCORING, "L1", NINE, 7, "test-1", said(1)
    )
    due = folding.next_due(NINE + DAY)
    assert due is not None
    (second,) = folding.apply(due)
    assert second.cause == FiredTimer(SCORING, "nap", NINE + DAY)
    (third,) = folding.apply(AgreementChanged("L1", 8, NINE + 2 * DAY))
    assert (third.cause, third.at) == (8, NINE + 2 * DAY)
    assert len({first.id, second.id, third.id}) == 3


def test_several_conclusions_of_one_cause_keep_their_order() -> None:
    def twice(state: int | None, event: Event, agreement: Agreement) -> Step[int]:
        once = step(state, event, agreement)
        return replace(once, conclusions=once.conclusions * 2)

    folding: Folding[int] = Folding(SCORING, "L1", twice, lambda _: SMALL)
    assert [one.ordinal for one in folding.apply(fact("2026-03-02 09:00", 1))] == [0, 1]


# --- timers


def test_the_earliest_timer_is_taken_off_the_list_first() -> None:
    folding = lead()
    folding.timers = {"b": NINE, "c": NINE + DAY, "a": NINE}
    found = []
    while due := folding.next_due(NINE):
        found.append((due.kind, due.at, due.noticed_at))
    assert found == [("a", NINE, NINE), ("b", NINE, NINE)]
    assert folding.timers == {"c": NINE + DAY}


def test_a_timer_keeps_its_due_time_however_late_it_is_noticed() -> None:
    folding = lead()
    folding.timers = {"nap": NINE}
    assert folding.next_due(NINE - DAY) is None
    assert folding.next_due(NINE + DAY, NINE + 2 * DAY) == TimerDue("L1", "nap", NINE, NINE + 2 * DAY)


# --- a whole history


def test_a_timer_fires_before_the_event_that_it_lies_before_and_the_last_ones_by_the_clock() -> None:
    folding = lead()
    history = [fact("2026-03-02 09:00", 1), fact("2026-03-03 09:00", 2), fact("2026-03-03 10:00", 3)]
    concluded = fold(folding, history, instant("2026-03-04 10:00"))
    assert counts(concluded) == [("fact", 1), ("decay", 2), ("fact", 3), ("fact", 4), ("decay", 5)]
    assert folding.timers == {}


def test_a_timer_beyond_the_clock_is_left() -> None:
    folding = lead()
    assert counts(fold(folding, [fact("2026-03-02 09:00", 1)], instant("2026-03-03 08:59"))) == [("fact", 1)]
    assert folding.timers == {"nap": NINE + DAY}


def test_nothing_folds_to_nothing() -> None:
    folding = lead()
    assert fold(folding, [], NINE) == []
    assert (folding.state, folding.frontier) == (None, None)


histories = st.lists(st.integers(0, 5000), max_size=10).map(
    lambda all_of: [fact(NINE + timedelta(minutes=at), seq) for seq, at in enumerate(sorted(all_of), start=1)]
)


@given(histories)
def test_folding_again_says_the_same_again(history: list[Entry]) -> None:
    clock = NINE + 10 * DAY
    assert fold(lead(), history, clock) == fold(lead(), history, clock)


@given(histories, st.integers(0, 10))
def test_stopping_anywhere_and_going_on_comes_to_the_same(history: list[Entry], cut: int) -> None:
    clock = NINE + 10 * DAY
    whole, part = lead(), lead()
    at_one_go = fold(whole, history, clock)
    reached = max((one.at for one in history[:cut]), default=NINE - DAY)
    before = fold(part, history[:cut], reached)
    rest = lead()
    rest.state, rest.timers, rest.frontier = part.state, dict(part.timers), part.frontier
    assert before + fold(rest, history[cut:], clock) == at_one_go
    assert (rest.state, rest.timers, rest.frontier) == (whole.state, whole.timers, whole.frontier)


def is_even(state: int | None) -> bool:
    return (state or 0) % 2 == 0


@given(histories, st.integers(0, 5000), st.sampled_from([any_state, is_even]))
def test_going_on_from_the_last_milestone_before_a_place_comes_to_the_same(
    history: list[Entry], minutes: int, resumes: Callable[[int | None], bool]
) -> None:
    clock, place = NINE + 10 * DAY, (NINE + timedelta(minutes=minutes), 1, 0)
    whole, resumed = lead(), lead()
    at_one_go = fold(whole, history, clock)
    expected = whole.resumed_from(place, resumes)
    resumed.resume(whole, place, resumes)
    assert resumed.frontier == expected
    after = resumed.frontier
    assert after is None or after < place
    left = [one for one in history if after is None or place_of(one) > after]
    said_again = fold(resumed, left, clock)
    assert said_again == [one for one in at_one_go if after is None or place_said(one) > after]
    assert (resumed.state or 0) == len(at_one_go)


def test_a_step_into_the_past_makes_later_milestones_untrue() -> None:
    folding = lead()
    for day, seq in ((1, 1), (5, 2), (3, 3)):
        folding.apply(fact(NINE + day * DAY, seq))
    assert [one.place[0] for one in folding.milestones] == [NINE + DAY]


@given(histories)
def test_a_timer_is_fired_or_replaced_and_never_early(history: list[Entry]) -> None:
    fired = [one for one in fold(lead(), history, NINE + 10 * DAY) if isinstance(one.cause, FiredTimer)]
    days = [one.at for one in history] + [NINE + 10 * DAY]
    naps = [at + DAY for at, after in pairwise(days) if after >= at + DAY]
    assert [one.at for one in fired] == naps


@pytest.mark.parametrize("kind", ["nap", "other"])
def test_ids_tell_causes_and_kinds_apart(kind: str) -> None:
    causes: list[Cause] = [
        1,
        11,
        FiredTimer(SCORING, kind, NINE),
        FiredTimer(WorkerName.LIFECYCLE, kind, NINE),
    ]
    ids = [conclusion_id(SCORING, "L1", said(1), cause) for cause in causes]
    assert len(set(ids)) == len(ids)
    assert conclusion_id(SCORING, "L1", said(2), 1) == ids[0]
    assert conclusion_id(SCORING, "L2", said(1), 1) != ids[0]
