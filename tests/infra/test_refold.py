"""The refold: a history as a rule meets it, and what is to be said when it has changed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from infra.agreements import AgreementBook
from infra.fold import place_of
from infra.memory import History
from infra.refold import differences, events_of, standing_after
from schemas.entries import Change, Concluded, Entry, FiredTimer, conclusion_id
from schemas.facts import Captured
from schemas.step import AgreementChanged
from schemas.vocabulary import WorkerName
from tests.builders import entry, instant
from tests.infra.saying import signed
from tests.infra.toy import said

NINE = instant("2026-03-02 09:00")
NAP = FiredTimer(WorkerName.SCORING, "nap", instant("2026-03-03 09:00"))
BOOK = AgreementBook([signed(1, "2026-01-01 00:00")])


def concluded(cause: int | FiredTimer, count: int = 1, ordinal: int = 0) -> Concluded:
    at = NINE if isinstance(cause, int) else cause.due_at
    name = WorkerName.SCORING
    return Concluded(
        f"{conclusion_id(name, 'L1', said(count), cause)}.{ordinal}",
        name,
        "L1",
        at,
        cause,
        "test-1",
        said(count),
        ordinal=ordinal,
    )


# --- a history as events


def test_facts_come_in_the_order_in_which_they_happened() -> None:
    facts = [entry(Captured(), at="2026-03-02 09:00", seq=2), entry(Captured(), at="2026-03-01 09:00", seq=3)]
    assert events_of("L1", History(facts), BOOK, 9) == [facts[1], facts[0]]


def test_what_was_said_of_a_fact_upstream_stands_beside_it_in_its_order() -> None:
    fact = entry(Captured(), at=NINE, seq=2, test=True, traits={"free_mail": True})
    first, second = concluded(2, ordinal=0), concluded(2, ordinal=1)
    (event,) = events_of("L1", History([fact], [second, first]), BOOK, 9)
    assert event == replace(fact, conclusions=(first, second))


def test_what_was_said_of_no_fact_is_an_event_of_its_own() -> None:
    fact = entry(Captured(), at=NINE, seq=2)
    of_timer, of_signing = concluded(NAP), replace(concluded(5), at=instant("2026-03-04 09:00"))
    _, nap, signing = events_of("L1", History([fact], [of_signing, of_timer]), BOOK, 9)
    assert isinstance(nap, Entry)
    assert isinstance(signing, Entry)
    assert (nap.timer, nap.at, nap.cause, nap.conclusions) == (NAP, NAP.due_at, NAP, (of_timer,))
    assert (signing.timer, signing.seq, signing.conclusions) == (None, 5, (of_signing,))


def test_a_lead_meets_the_signings_that_it_lived_through() -> None:
    book = AgreementBook(
        [signed(1, "2026-01-01 00:00"), signed(3, "2026-03-02 10:00"), signed(9, "2026-03-02 12:00")]
    )
    before, after = entry(Captured(), at=NINE, seq=2), entry(Captured(), at="2026-03-02 11:00", seq=4)
    change = AgreementChanged("L1", 3, instant("2026-03-02 10:00"))
    assert events_of("L1", History([after, before]), book, 4) == [before, change, after]
    assert events_of("L1", History([after]), book, 4) == [after]


def test_of_what_comes_after_a_place_no_signing_is_left_out() -> None:
    book = AgreementBook([signed(1, "2026-01-01 00:00"), signed(3, "2026-03-02 10:00")])
    before, after = entry(Captured(), at=NINE, seq=2), entry(Captured(), at="2026-03-02 11:00", seq=4)
    change = AgreementChanged("L1", 3, instant("2026-03-02 10:00"))
    assert events_of("L1", History([before, after]), book, 4, place_of(before)) == [change, after]
    assert events_of("L1", History([before, after]), book, 4, place_of(change)) == [after]


def test_a_signing_comes_before_what_was_concluded_from_it() -> None:
    book = AgreementBook([signed(1, "2026-01-01 00:00"), signed(3, "2026-03-02 10:00")])
    upstream = replace(concluded(3), at=instant("2026-03-02 10:00"))
    events = events_of("L1", History([entry(Captured(), at=NINE, seq=2)], [upstream]), book, 4)
    assert [type(event) for event in events] == [Entry, AgreementChanged, Entry]


def test_a_lead_without_a_history_meets_nothing() -> None:
    assert events_of("L1", History(), BOOK, 9) == []


# --- what stands, and what differs


def test_the_last_word_about_a_conclusion_stands() -> None:
    one = concluded(1)
    other = replace(one, body=said(7), change=Change.RESTATED, was=one.body)
    gone = replace(one, change=Change.WITHDRAWN, was=other.body)
    assert standing_after([one, other]) == {one.id: other}
    assert standing_after([one, other, gone]) == {}
    assert standing_after([one, gone, one]) == {one.id: one}


def test_what_is_found_again_is_not_said_again() -> None:
    one = concluded(1)
    assert differences({one.id: one}, [one]) == []


def test_what_is_new_is_said_what_differs_restated_and_what_is_untrue_withdrawn() -> None:
    kept, changed, gone, new = (concluded(seq) for seq in (1, 2, 3, 4))
    better = replace(changed, body=said(9))
    found = differences({one.id: one for one in (kept, changed, gone)}, [kept, better, new])
    assert found == [
        replace(better, change=Change.RESTATED, was=changed.body),
        new,
        replace(gone, change=Change.WITHDRAWN, was=gone.body),
    ]


def test_a_conclusion_that_comes_in_another_place_is_restated() -> None:
    one = concluded(1)
    other = replace(one, ordinal=1)
    assert differences({one.id: one}, [other]) == [replace(other, change=Change.RESTATED, was=one.body)]


stood = st.dictionaries(st.integers(1, 6), st.integers(1, 3)).map(
    lambda some: [concluded(seq, count) for seq, count in some.items()]
)


def by_cause(all_of: list[Concluded]) -> dict[str, Concluded]:
    return {one.id: one for one in all_of}


@given(stood, stood)
def test_saying_the_differences_makes_the_new_fold_stand(
    before: list[Concluded], after: list[Concluded]
) -> None:
    found = differences(by_cause(before), after)
    standing = standing_after([*before, *found])
    assert {one.id: one.body for one in standing.values()} == {one.id: one.body for one in after}
    assert differences(standing, after) == []
