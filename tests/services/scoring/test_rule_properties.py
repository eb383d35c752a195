"""What holds of every history under every agreement."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from infra.fold import Folding
from schemas.agreement import Agreement
from schemas.entries import Concluded, Entry
from schemas.scoring import ScoreChanged
from schemas.vocabulary import WorkerName
from services.scoring.book import book_of
from services.scoring.explain import explain
from services.scoring.rule import matters, step
from services.scoring.state import ScoringState
from tests.effort import examples
from tests.services.scoring.histories import agreements, arrived, histories, scored

LONG = timedelta(days=400)
STATE = TypeAdapter(ScoringState)


def lived(
    history: list[Entry], terms: Agreement, *, frozen: bool = False
) -> tuple[ScoringState, list[Concluded]]:
    """Return the state and every conclusion of a whole life; ``frozen``: by way of JSON after each event."""
    folding = Folding(WorkerName.SCORING, "L1", step, lambda _: terms)
    said: list[Concluded] = []
    for event in (*history, None):
        until = history[-1].at + LONG if event is None else event.at
        while due := folding.next_due(until):
            said += folding.apply(due)
        if event is not None:
            said += folding.apply(event)
        if frozen and folding.state is not None:
            folding.state = STATE.validate_json(STATE.dump_json(folding.state))
    assert folding.state is not None
    return folding.state, said


def changes(said: list[Concluded]) -> list[tuple[datetime, ScoreChanged]]:
    return [(one.at, one.body) for one in said if isinstance(one.body, ScoreChanged)]


@examples(5)
@given(terms=agreements(), history=histories(), spots=st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_at_every_second_the_cell_is_the_one_that_was_last_said(
    terms: Agreement, history: list[Entry], spots: list[float]
) -> None:
    state, said = lived(history, terms)
    last = history[-1].at
    said_at = [(max(at, last), body) for at, body in changes(said)]
    ends = [at for at, _ in said_at[1:]] + [last + LONG]
    for (since, body), until in zip(said_at, ends[: len(said_at)], strict=True):
        whole = int((until - since).total_seconds()) - 1
        for second in {0, whole, *(int(spot * whole) for spot in spots)} if since < until else ():
            assert explain(state, terms, since + timedelta(seconds=second)).cell == body.cell


@examples(5)
@given(terms=agreements(), history=histories())
def test_decay_is_said_at_the_second_at_which_the_cell_changes(
    terms: Agreement, history: list[Entry]
) -> None:
    state, said = lived(history, terms)
    for at, body in changes(said):
        if body.reason == "decay" and at > history[-1].at:
            before, now = explain(state, terms, at - timedelta(seconds=1)), explain(state, terms, at)
            assert (now.cell, now.engagement, now.band) == (body.cell, body.engagement, body.band)
            assert before.cell != now.cell


@examples(5)
@given(terms=agreements(), history=histories(), data=st.data())
def test_in_which_order_facts_arrive_does_not_matter(
    terms: Agreement, history: list[Entry], data: st.DataObject
) -> None:
    shuffled = arrived(data.draw(st.permutations(history)))
    one, other = scored(history, terms), scored(shuffled, terms)
    assert (one.earned, one.profile) == (other.earned, other.profile)
    at = history[-1].at + data.draw(st.sampled_from((timedelta(0), timedelta(days=3))))
    assert explain(one, terms, at) == explain(other, terms, at)


@examples(5)
@given(terms=agreements(limits=False), history=histories(), data=st.data())
def test_without_frequency_limits_facts_may_even_be_heard_in_any_order(
    terms: Agreement, history: list[Entry], data: st.DataObject
) -> None:
    at = history[-1].at
    other = scored(data.draw(st.permutations(history)), terms)
    assert explain(scored(history, terms), terms, at) == explain(other, terms, at)


@examples(5)
@given(terms=agreements(), history=histories())
def test_resuming_from_a_snapshot_at_every_prefix_equals_straight_through(
    terms: Agreement, history: list[Entry]
) -> None:
    assert lived(history, terms, frozen=True) == lived(history, terms)


@examples(5)
@given(terms=agreements(), history=histories())
def test_what_does_not_matter_changes_nothing(terms: Agreement, history: list[Entry]) -> None:
    state: ScoringState | None = None
    for one in history:
        taken = step(state, one, terms)
        if state is not None and not matters(one, terms):
            assert (taken.state is state, taken.conclusions, taken.timers) == (True, (), ())
        state = taken.state
    read = [one for one in history if matters(one, terms)]
    assert changes(lived(history, terms)[1]) == (changes(lived(read, terms)[1]) if read else [])


@examples(5)
@given(terms=agreements(), first=histories(8), second=histories(8))
def test_state_is_bounded_by_what_the_agreement_reads(
    terms: Agreement, first: list[Entry], second: list[Entry]
) -> None:
    state = scored(arrived([*first, *second]), terms)
    book = book_of(terms)
    assert set(state.earned.marks) <= set(book.earning)
    assert all(len(marks) <= book.earning[name].keep for name, marks in state.earned.marks.items())
    for sayings in (state.profile.stated, state.profile.derived):
        names = [name for saying in sayings for name in saying[3]]
        assert len(names) == len(set(names))
        assert set(names) <= terms.attributes_read
