"""What holds of alerts whatever the lifecycle says, in whatever order, under whatever agreements."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from infra.fold import Folding
from schemas.agreement import Agreement
from schemas.alerts import NoticeOpened, NoticeRepeated, NoticeResolved
from schemas.entries import Concluded, Conclusion
from schemas.facts import Captured, Erased
from schemas.handoffs import ClockEnd, CloseReason
from schemas.step import AgreementChanged
from schemas.vocabulary import WorkerName
from services.alerts.rule import AlertsState, step
from services.alerts.settling import settled
from services.alerts.state import OpenAlert
from tests.builders import agreement, entry, instant
from tests.services.alerts.said import (
    alerting,
    breached,
    closed,
    ended,
    escalated,
    moved,
    owned_by,
    stage_changed,
    stall_ended,
    stalled,
    warned,
)

LATER = instant("2026-04-01 09:00")
SMALL = agreement()
ADAPTER = TypeAdapter(AlertsState)
QUIET = alerting()
LOUD = alerting(
    {"on": "sla_breach", "repeat_every_minutes": 60, "channels": ["chat"]},
    {"on": "escalation", "repeat_every_minutes": 90, "channels": ["chat", "mail"]},
    {"on": "sla_warning", "repeat_every_minutes": 30},
    {"on": "stalled", "repeat_every_minutes": 60},
    **{"handoff.on_change": {"owner": "restart"}},
)

conclusions = st.one_of(
    st.builds(warned, rate=st.sampled_from([0.5, 0.8]), turn=st.integers(1, 2)),
    st.builds(breached, owner=st.sampled_from(["ana", None]), turn=st.integers(1, 2)),
    st.builds(escalated, st.integers(1, 2)),
    st.builds(
        moved,
        st.sampled_from([None, "2026-03-02 08:00", "2026-03-09 12:00"]),
        st.sampled_from(["paused", "resumed", "owner"]),
    ),
    st.builds(ended, st.sampled_from(ClockEnd)),
    st.builds(closed, st.sampled_from(CloseReason)),
    st.builds(stalled, cycle=st.integers(1, 2)),
    st.builds(stall_ended),
    st.builds(stage_changed),
    st.builds(owned_by, st.sampled_from(["ana", "bo", None])),
)
# One of a kind an entry: the lifecycle says what a step came to, not the way there and back.
entries = st.fixed_dictionaries(
    {"said": st.lists(conclusions, max_size=3, unique_by=lambda one: one.kind).map(tuple)},
    optional={"fact": st.sampled_from([Captured(), Erased()]), "test": st.just(True)},
)
Happening = tuple[int, dict[str, Any] | Agreement]
histories: st.SearchStrategy[list[Happening]] = st.lists(
    st.tuples(st.integers(0, 300), entries | st.sampled_from([SMALL, QUIET, LOUD])), max_size=12
)
"""What happens, each after so many minutes: an entry, or the signing of an agreement."""


def play(history: list[Happening], *, resumed: bool = False) -> tuple[Folding[AlertsState], list[Concluded]]:
    """Play a history, timers in their place; ``resumed``: through JSON and back after every event."""
    terms = [SMALL]
    lead = Folding(WorkerName.ALERTS, "L1", step, lambda _: terms[-1])
    now = instant("2026-03-02 09:00")
    said: list[Concluded] = []
    for seq, (minutes, happening) in enumerate(history, start=1):
        now += timedelta(minutes=minutes)
        while due := lead.next_due(now):
            said += lead.apply(due)
        if isinstance(happening, Agreement):
            terms.append(happening)
            said += lead.apply(AgreementChanged("L1", seq, now))
        else:
            said += lead.apply(entry(at=now, seq=seq, **happening))
        assert all(due_at > now for due_at in lead.timers.values())
        if resumed:
            lead.state = ADAPTER.validate_json(ADAPTER.dump_json(lead.state or AlertsState()))
    return lead, said


def open_after(said: Iterable[Conclusion], before: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the alerts that are open after these notices, and see that the notices make sense."""
    open_now = set(before)
    for one in said:
        assert isinstance(one, NoticeOpened | NoticeRepeated | NoticeResolved)
        alert_id = one.alert.alert_id
        assert (alert_id in open_now) != isinstance(one, NoticeOpened)
        if isinstance(one, NoticeResolved):
            open_now.remove(alert_id)
        else:
            open_now.add(alert_id)
    return frozenset(open_now)


def open_in(state: AlertsState | None) -> dict[str, OpenAlert]:
    """Return the alerts that a state has open, by id."""
    return {f"L1/{one.found.key}": one for one in state.open} if state else {}


@given(histories)
def test_an_alert_is_open_if_and_only_if_it_was_opened_and_not_resolved(history: list[Happening]) -> None:
    lead, said = play(history)
    assert open_after(one.body for one in said) == open_in(lead.state).keys()


@given(histories)
def test_no_two_notices_have_the_same_id(history: list[Happening]) -> None:
    _, said = play(history)
    assert len({one.id for one in said}) == len(said)


@given(histories)
def test_an_alert_counts_how_often_it_was_said(history: list[Happening]) -> None:
    lead, said = play(history)
    told: dict[str, int] = {}
    for one in said:
        if isinstance(one.body, NoticeOpened):
            told[one.body.alert.alert_id] = 1
        elif isinstance(one.body, NoticeRepeated):
            told[one.body.alert.alert_id] += 1
            assert one.body.count == told[one.body.alert.alert_id]
    assert all(alert.said_count == told[alert_id] for alert_id, alert in open_in(lead.state).items())


@given(histories)
def test_the_timer_is_armed_for_as_long_as_something_is_left_to_repeat(history: list[Happening]) -> None:
    lead, _ = play(history)
    repeating = {one.next_repeat_at for one in open_in(lead.state).values() if one.every}
    assert bool(lead.timers) == bool(repeating)
    assert set(lead.timers.values()) <= repeating


@given(histories)
def test_snapshot_and_resume_equals_straight_through(history: list[Happening]) -> None:
    straight, said = play(history)
    resumed, said_again = play(history, resumed=True)
    assert said == said_again
    assert (resumed.state or AlertsState(), resumed.timers) == (
        straight.state or AlertsState(),
        straight.timers,
    )


@given(histories, histories)
def test_settling_leaves_open_what_the_fold_leaves_open(was: list[Happening], now: list[Happening]) -> None:
    before = play(was)[0].state
    after, folded = play(now)
    told = settled(before, after.state, "L1", LATER, [one.body for one in folded])
    assert open_after(told.conclusions, frozenset(open_in(before))) == open_in(after.state).keys()
    assert open_in(told.state).keys() == open_in(after.state).keys()
    assert not any(isinstance(one, NoticeRepeated) for one in told.conclusions)


@given(histories, histories)
def test_settling_remembers_what_was_said_and_when_it_is_next_due(
    was: list[Happening], now: list[Happening]
) -> None:
    known, told = open_in(play(was)[0].state), settled(play(was)[0].state, play(now)[0].state, "L1", LATER)
    for alert_id, alert in open_in(told.state).items():
        if alert_id in known:
            before = known[alert_id]
            assert (alert.said_count, alert.next_repeat_at) == (before.said_count, before.next_repeat_at)
        else:
            assert alert.said_count == 1
            assert alert.next_repeat_at is None or alert.next_repeat_at > LATER


@given(histories)
def test_settling_what_has_not_changed_says_nothing(history: list[Happening]) -> None:
    state = play(history)[0].state
    told = settled(state, state, "L1", LATER)
    assert told.conclusions == ()
    assert told.state == (state or AlertsState())
