"""What is in hand of a lead's recent history: it is what the store would give, or it is not used."""

from dataclasses import replace

from infra.fold import FIRST, place_of
from infra.memory import History
from infra.recent import MOST, NEVER, Recent
from schemas.entries import Change, Concluded, Entry, conclusion_id
from schemas.facts import Captured
from schemas.vocabulary import WorkerName
from tests.builders import entry, instant
from tests.infra.toy import said

NINE = instant("2026-03-02 09:00")
UPSTREAM, OWN = WorkerName.SCORING, WorkerName.LIFECYCLE


def concluded(worker: WorkerName, cause: int, count: int = 1) -> Concluded:
    body = said(count)
    return Concluded(conclusion_id(worker, "L1", body, cause), worker, "L1", NINE, cause, "test-1", body)


def heard(seq: int, *conclusions: Concluded, rewritten: bool = False) -> Entry:
    fact = entry(Captured(), at=NINE, seq=seq)
    return replace(fact, version=seq, conclusions=conclusions, rewritten=rewritten, more=True)


def bare(seq: int) -> Entry:
    return replace(entry(Captured(), at=NINE, seq=seq), version=0)


def test_a_history_is_the_facts_alone_and_what_stands_of_the_worker_upstream() -> None:
    recent, one = Recent(FIRST), concluded(UPSTREAM, 1)
    recent.take(heard(1, one, concluded(WorkerName.SEQUENCER, 1)), UPSTREAM)
    restated = replace(one, body=said(2), change=Change.RESTATED)
    recent.take(heard(2, restated), UPSTREAM)
    assert recent.history() == History([bare(1), bare(2)], [restated])
    recent.take(heard(3, replace(restated, change=Change.WITHDRAWN)), UPSTREAM)
    assert recent.history().said == []


def test_a_worker_that_reads_facts_alone_keeps_nothing_that_was_said() -> None:
    recent = Recent(FIRST)
    recent.take(heard(1, concluded(UPSTREAM, 1)), None)
    assert recent.history() == History([bare(1)], [])


def test_what_lies_before_the_place_from_which_all_is_known_is_for_the_store() -> None:
    first, second = place_of(bare(1)), place_of(bare(2))
    assert [Recent(FIRST).covers(after) for after in (None, first)] == [True, True]
    assert [Recent(first).covers(after) for after in (None, first, second)] == [False, True, True]
    assert not Recent(NEVER).covers(second)


def test_a_history_that_was_rewritten_is_for_the_store() -> None:
    recent = Recent(FIRST)
    recent.take(heard(1, concluded(UPSTREAM, 1)), UPSTREAM)
    recent.take(heard(2, rewritten=True), UPSTREAM)
    recent.take(heard(3), UPSTREAM)
    recent.say([concluded(OWN, 3)])
    assert (recent.covers(place_of(bare(3))), len(recent)) == (False, 0)


def test_what_the_worker_itself_said_of_the_time_behind_a_place() -> None:
    recent, early, late = Recent(FIRST), concluded(OWN, 1), concluded(OWN, 2)
    recent.say([early, late])
    assert recent.said_after(None) == {early.id: early, late.id: late}
    assert recent.said_after(place_of(bare(1))) == {late.id: late}


def taken(*days: int) -> Recent:
    """Return what is in hand after a fact on each of these days of March."""
    recent = Recent(FIRST)
    for seq, day in enumerate(days, start=1):
        recent.take(replace(heard(seq), at=NINE.replace(day=day)), UPSTREAM)
    return recent


def test_little_is_kept_whatever_the_oldest_milestone() -> None:
    recent = taken(2, 3, 4)
    recent.trim((NINE.replace(day=4), 1, 3))
    assert (len(recent), recent.since) == (3, FIRST)


def test_much_is_trimmed_to_what_lies_behind_the_oldest_milestone() -> None:
    recent, oldest = taken(*[2] * MOST, 3, 4), (NINE.replace(day=3), 1, MOST + 1)
    recent.trim(oldest)
    assert ([one.at.day for one in recent.facts.values()], recent.since) == ([3, 4], oldest)
    assert recent.covers(oldest)
    assert not recent.covers(place_of(bare(1)))


def test_more_than_twice_as_much_behind_it_is_left_to_the_store() -> None:
    recent = taken(2, *[3] * 2 * MOST)
    recent.trim((NINE.replace(day=2), 1, 1))
    assert (len(recent), recent.since) == (0, NEVER)
