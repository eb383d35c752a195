"""What people hear after a refold: the difference between what was open and what is open, and no more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.agreements import AgreementBook
from infra.fold import Folding, fold
from infra.partition import Partition
from infra.store.memory import StoredMemory
from schemas.alerts import NoticeOpened, NoticeResolved
from schemas.entries import Change, Conclusion, Entry
from schemas.handoffs import ClockEnd
from schemas.records import replace
from schemas.step import Timer
from schemas.vocabulary import WorkerName
from services.alerts.rule import AlertsState, step
from services.alerts.settling import resumes, settled
from services.pipeline import ALERTS
from tests.builders import agreement, entry, instant
from tests.infra.saying import signed
from tests.services.alerts.said import (
    BREACH,
    STALL,
    WARNING,
    alerting,
    breached,
    ended,
    ids,
    line,
    moved,
    owned_by,
    stall_ended,
    stalled,
    warned,
)
from tests.stores import new_store

NOW = instant("2026-03-04 09:30")

BREACHED = ("2026-03-02 13:00", breached())
ANSWERED_IN_TIME = ("2026-03-02 12:00", ended(ClockEnd.MET))
ANSWERED_LATE = ("2026-03-02 15:00", ended())
STALLED = ("2026-03-02 09:00", stalled())
MOVED_ON = ("2026-03-03 09:00", stall_ended())


def history(*said: tuple[str, Conclusion]) -> list[Entry]:
    """Return a history in which each conclusion stands at its instant."""
    return [entry(at=at, seq=seq, said=(one,)) for seq, (at, one) in enumerate(said, start=1)]


def folded(*said: tuple[str, Conclusion]) -> tuple[AlertsState | None, list[Conclusion]]:
    """Fold a history in silence up to ``NOW``; return the state, and what it would have said."""
    lead = Folding(WorkerName.ALERTS, "L1", step, lambda _: agreement())
    would_say = [one.body for one in fold(lead, history(*said), NOW)]
    return lead.state, would_say


def test_an_imported_history_is_silent_about_what_it_opened_and_resolved() -> None:
    after, would_say = folded(BREACHED, ANSWERED_LATE, STALLED, MOVED_ON)
    assert would_say
    assert settled(None, after, "L1", NOW, would_say).conclusions == ()


def test_what_an_imported_history_leaves_open_is_said_once_as_new() -> None:
    after, would_say = folded(STALLED, BREACHED)
    told = settled(None, after, "L1", NOW, would_say)
    assert ids(list(told.conclusions), NoticeOpened) == [STALL, BREACH]
    assert [one.said_count for one in told.state.open] == [1, 1]
    assert told.state.open[1].opened_at == instant("2026-03-02 13:00")
    assert told.timers == (Timer("repeat", instant("2026-03-04 13:30")),)


def test_what_goes_on_being_open_is_not_said_and_keeps_its_memory() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),))
    day.until("2026-03-02 17:00").until("2026-03-02 21:00")
    before = day.state
    after, would_say = folded(("2026-03-02 10:00", owned_by("bo")), BREACHED)
    told = settled(before, after, "L1", instant("2026-03-02 22:00"), would_say)
    assert told.conclusions == ()
    assert before is not None
    assert (told.state.open[0].said_count, before.open[0].said_count) == (3, 3)
    assert told.timers == (Timer("repeat", instant("2026-03-03 01:00")),)


def test_what_goes_on_being_open_takes_its_sentence_from_the_fold() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(owner="bo"),))
    after, _ = folded(BREACHED)
    (one,) = settled(day.state, after, "L1", NOW).state.open
    assert one.found.owner == "ana"


def test_a_breach_that_was_answered_in_time_after_all_is_withdrawn() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),))
    after, would_say = folded(ANSWERED_IN_TIME)
    (end,) = settled(day.state, after, "L1", NOW, would_say).conclusions
    assert isinstance(end, NoticeResolved)
    assert (end.alert.alert_id, end.reason, end.resolved_at) == (BREACH, "withdrawn", NOW)


def test_an_alert_whose_end_is_known_to_the_fold_ends_as_it_did() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(), stalled()))
    after, would_say = folded(STALLED, BREACHED, ANSWERED_LATE, MOVED_ON)
    ends = settled(day.state, after, "L1", NOW, would_say).conclusions
    reasons = [(one.reason, one.resolved_at) for one in ends if isinstance(one, NoticeResolved)]
    assert reasons == [
        ("answered", instant("2026-03-02 15:00")),
        ("moved", instant("2026-03-03 09:00")),
    ]


def test_an_alert_that_was_answered_the_very_moment_it_opened_is_answered() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),))
    at_once = ("2026-03-02 13:00", ended(at="2026-03-02 13:00"))
    after, would_say = folded(BREACHED, at_once)
    (end,) = settled(day.state, after, "L1", NOW, would_say).conclusions
    assert isinstance(end, NoticeResolved)
    assert (end.reason, end.resolved_at) == ("answered", instant("2026-03-02 13:00"))


def test_a_fold_goes_on_from_where_people_had_been_told_of_nothing() -> None:
    day = line().until("2026-03-02 13:00")
    assert resumes(day.state)
    assert not resumes(day.say(said=(breached(),)).state)
    assert resumes(day.say(said=(ended(),)).state)


def test_without_the_folds_conclusions_every_end_is_a_withdrawal() -> None:
    day = line().until("2026-03-02 13:00").say(said=(breached(),))
    after, _ = folded(BREACHED, ANSWERED_LATE)
    (end,) = settled(day.state, after, "L1", NOW).conclusions
    assert isinstance(end, NoticeResolved)
    assert end.reason == "withdrawn"


def test_a_lead_that_was_absorbed_ends_all_that_it_had() -> None:
    day = line().say(said=(breached(), stalled()))
    told = settled(day.state, None, "L1", NOW)
    assert ids(list(told.conclusions), NoticeResolved) == [BREACH, STALL]
    assert told.state == AlertsState()
    assert told.timers == (Timer("repeat", None),)


def test_the_new_opens_before_the_old_ends() -> None:
    day = line().say(said=(warned(),))
    after, would_say = folded(BREACHED)
    notices = settled(day.state, after, "L1", NOW, would_say).conclusions
    assert [(one.kind, one.alert.alert_id) for one in notices if hasattr(one, "alert")] == [
        ("notice_opened", BREACH),
        ("notice_resolved", WARNING),
    ]


def test_what_the_fold_holds_through_a_pause_stays_held_and_silent() -> None:
    day = line().say(said=(warned(),))
    after, would_say = folded(("2026-03-02 11:00", warned()), ("2026-03-02 12:00", moved(None, "paused")))
    told = settled(day.state, after, "L1", NOW, would_say)
    assert ids(list(told.conclusions), NoticeResolved) == [WARNING]
    assert len(told.state.held) == 1


def test_an_end_reaches_everybody_who_heard_of_the_alert() -> None:
    day = line(alerting({"on": "stalled", "channels": ["chat"]})).say(said=(stalled(),))
    (end,) = settled(day.state, None, "L1", NOW).conclusions
    assert isinstance(end, NoticeResolved)
    assert end.alert.recipients == ("chat",)


# --- in the hands of a partition


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Callable[..., list[Conclusion]]]:
    """Hand a partition one lead's entries, each by itself; return what it says of the last."""
    partition = Partition(ALERTS, 0, AgreementBook([signed(1, "2026-01-01 00:00")]))
    with new_store(tmp_path / "relevo.db") as database, database.reading() as connection:

        def tell(*entries: Entry) -> list[Conclusion]:
            decided = [partition.decide(StoredMemory(connection), [one]) for one in entries]
            return [row.concluded.body for row in decided[-1].timeline]

        yield tell


def heard(seq: int, at: str, said: Conclusion) -> Entry:
    return entry(at=at, seq=seq, said=(said,), by=WorkerName.LIFECYCLE)


def changed_mind(about: Entry, *, instead: tuple[Entry, ...] = ()) -> Entry:
    """Return the entry in which the lifecycle takes back what it said in one, and says others instead."""
    withdrawn = tuple(replace(one, change=Change.WITHDRAWN) for one in about.conclusions)
    others = tuple(one for other in instead for one in other.conclusions)
    last = heard(9, "2026-03-04 09:00", owned_by("ana"))
    return replace(last, version=about.version + 1, refold=True, conclusions=(*withdrawn, *others))


def test_the_end_of_an_earlier_alert_about_the_same_is_not_the_end_of_this_one(
    told: Callable[..., list[Conclusion]],
) -> None:
    open_all_along = heard(1, "2026-02-27 13:00", breached(at="2026-02-27 13:00"))
    first = heard(2, "2026-03-01 09:00", stalled()), heard(3, "2026-03-01 15:00", stall_ended())
    again = heard(4, "2026-03-02 13:00", stalled())
    (end,) = told(open_all_along, *first, again, changed_mind(again))
    assert isinstance(end, NoticeResolved)
    assert (end.alert.alert_id, end.reason) == (STALL, "withdrawn")


def test_a_breach_that_came_earlier_and_was_answered_before_people_were_told_is_answered(
    told: Callable[..., list[Conclusion]],
) -> None:
    late = heard(1, "2026-03-02 13:00", breached())
    sooner = heard(2, "2026-03-02 10:00", breached(at="2026-03-02 10:00"))
    answer = heard(3, "2026-03-02 12:00", ended(at="2026-03-02 12:00"))
    (end,) = told(late, changed_mind(late, instead=(sooner, answer)))
    assert isinstance(end, NoticeResolved)
    assert (end.alert.alert_id, end.reason, end.resolved_at) == (
        BREACH,
        "answered",
        instant("2026-03-02 12:00"),
    )
