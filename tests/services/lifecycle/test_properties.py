"""What holds of any lead's life, whatever happens in it."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from infra.fold import fold, place_of
from schemas.entries import Concluded, Entry
from schemas.handoffs import (
    ClockEnded,
    ClockMoved,
    ClockStarted,
    Escalated,
    HandoffClosed,
    HandoffOpened,
    SlaBreached,
    SlaWarned,
)
from schemas.lifecycle import CycleOpened, LeadStalled, MoveRefused, StageChanged, StallEnded
from services.lifecycle.rule import matters, step
from services.lifecycle.state import LifecycleState
from tests.builders import entry
from tests.effort import examples
from tests.services.lifecycle.fingers import worked
from tests.services.lifecycle.leads import STATE
from tests.services.lifecycle.strategies import (
    END,
    ENGAGEMENTS,
    START,
    VERSIONS,
    Event,
    Folded,
    folding,
    histories,
    pass_time,
    run,
)

FEW = examples(8)


@given(histories(), st.integers(0, 20))
def test_snapshot_and_resume_at_any_prefix_equals_straight_through(events: list[Event], cut: int) -> None:
    straight, stopped = folding(events), folding(events)
    expected = run(straight, events)
    first = run(stopped, events[:cut], START)
    resumed = folding(events)
    if stopped.state is not None:
        resumed.state = STATE.validate_json(STATE.dump_json(stopped.state))
        assert resumed.state == stopped.state
    resumed.timers = dict(stopped.timers)
    assert first + run(resumed, events[cut:]) == expected
    assert resumed.state == straight.state


@given(histories(), st.randoms(use_true_random=False))
def test_a_shuffled_history_folds_the_same_once_it_is_in_order(events: list[Event], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = folding(events), folding(events)
    assert fold(one, events, END) == fold(other, sorted(shuffled, key=place_of), END)
    assert one.state == other.state


@given(histories())
def test_every_timer_fires_once_when_it_is_due_and_has_something_to_say(events: list[Event]) -> None:
    lead = folding(events)
    for event in [*events, None]:
        until = event.at if event else END
        while due := lead.next_due(until):
            before = lead.state
            lead.apply(due)
            assert lead.state != before, f"{due.kind} fired at {due.at} for nothing"
            assert all(at >= due.at for at in lead.timers.values())
        if event:
            lead.apply(event)
            assert all(at >= event.at for at in lead.timers.values())


@given(histories())
def test_a_timer_that_was_cancelled_is_not_wanted_by_the_state_either(events: list[Event]) -> None:
    lead = folding(events)
    for event in events:
        pass_time(lead, event.at)
        lead.apply(event)
        state = lead.state
        assert state is not None
        wanted = {} if state.stale_at is None or state.stalled else {"stale": state.stale_at}
        handoff = state.open_handoff
        due = [clock.next_at for clock in handoff.running if clock.next_at] if handoff else []
        wanted |= {"clocks": min(due)} if due else {}
        assert lead.timers.keys() == wanted.keys()
        # What a signing makes due falls due right behind it.
        assert all(
            lead.timers[kind] - at in (timedelta(), timedelta.resolution) for kind, at in wanted.items()
        )


@given(histories())
def test_a_refusal_changes_nothing(events: list[Event]) -> None:
    lead = folding(events)
    for event in events:
        pass_time(lead, event.at)
        before, timers = lead.state, dict(lead.timers)
        said = lead.apply(event)
        refused = any(isinstance(one.body, MoveRefused) for one in said)
        if refused and isinstance(event, Entry) and not event.conclusions and before and before.stage:
            assert (lead.state, lead.timers) == (before, timers)
            assert len(said) == 1


@given(histories())
def test_moves_form_one_chain_and_cycles_are_counted_up(events: list[Event]) -> None:
    lead = folding(events)
    stage, cycle, entered = None, 1, None
    for one in run(lead, events):
        match one.body:
            case CycleOpened():
                assert one.body.cycle == cycle + 1
                cycle = one.body.cycle
            case StageChanged():
                assert (one.body.from_stage, one.body.cycle) == (stage, cycle)
                assert one.body.to_stage != stage
                if entered is not None:
                    assert one.body.seconds_in_from_stage == (one.at - entered) // timedelta(seconds=1)
                stage, entered = one.body.to_stage, one.at
            case _:
                pass
    state = lead.state or LifecycleState("L1")
    assert (state.stage, state.cycle) == (stage, cycle)


@FEW
@given(st.lists(histories(signings=False), max_size=6))
def test_stage_counts_sum_to_leads(lives: list[list[Event]]) -> None:
    counts: Counter[str] = Counter()
    for events in lives:
        for one in run(folding(events), events):
            if isinstance(one.body, StageChanged):
                counts[one.body.to_stage] += 1
                counts.subtract([one.body.from_stage] if one.body.from_stage else [])
    assert sum(counts.values()) == sum(bool(events) for events in lives)
    assert min(counts.values(), default=0) >= 0


@given(histories())
def test_no_two_conclusions_of_a_life_have_the_same_id(events: list[Event]) -> None:
    ids = [one.id for one in run(folding(events), events)]
    assert len(ids) == len(set(ids))


@given(histories())
def test_hand_offs_and_clocks_begin_and_end_once_and_say_nothing_after(events: list[Event]) -> None:
    said = [one.body for one in run(folding(events), events)]
    open_handoffs, running = set[str](), set[tuple[str, str, int]]()
    for body in said:
        match body:
            case HandoffOpened():
                assert not open_handoffs
                open_handoffs.add(body.handoff_id)
            case HandoffClosed():
                open_handoffs.remove(body.handoff_id)
                assert not running
            case ClockStarted():
                assert body.handoff_id in open_handoffs
                running.add((body.handoff_id, body.clock, body.turn))
            case ClockEnded():
                running.remove((body.handoff_id, body.clock, body.turn))
            case SlaWarned() | SlaBreached() | Escalated() | ClockMoved():
                assert (body.handoff_id, body.clock, body.turn) in running
            case _:
                pass
    opened = Counter((one.handoff_id, one.clock, one.turn) for one in said if isinstance(one, ClockStarted))
    assert set(opened.values()) <= {1}


@given(histories())
def test_a_stall_is_said_once_a_stay_and_ends_with_it(events: list[Event]) -> None:
    stalled = False
    for one in run(folding(events), events):
        match one.body:
            case LeadStalled():
                assert not stalled
                assert one.at - one.body.due_at in (timedelta(), timedelta.resolution)
                stalled = True
            case StallEnded():
                assert stalled
                stalled = False
            case StageChanged():
                assert not stalled
            case _:
                pass


@FEW
@given(histories(signings=False, most=20, long=False))
def test_the_time_that_a_clock_uses_is_conserved_over_pauses_and_owners(events: list[Event]) -> None:
    lead = folding(events)
    said = run(lead, events)
    for one in said:
        if isinstance(one.body, ClockEnded):
            expected = worked(said, one.body, events)
            assert one.body.working_seconds == expected * 60


@FEW
@given(histories(signings=False, most=20, long=False))
def test_a_clock_breaches_at_the_minute_that_uses_up_its_allowance(events: list[Event]) -> None:
    lead = folding(events)
    said = run(lead, events)
    granted = {"acceptance": 240, "first_touch": 120, "next_touch": 480}
    for one in said:
        if isinstance(one.body, SlaBreached) and one.body.clock in granted:
            assert one.at == one.body.breached_at
            assert worked(said, one.body, events) == granted[one.body.clock]


@given(histories())
def test_a_clock_breaches_when_it_was_last_said_to_be_due(events: list[Event]) -> None:
    due: dict[str, datetime | None] = {}
    for one in run(folding(events), events):
        if isinstance(one.body, ClockStarted | ClockMoved):
            due[one.body.subject] = one.body.due_at
        elif isinstance(one.body, SlaBreached):
            assert one.body.breached_at == due[one.body.subject]


@given(histories(signings=False), ENGAGEMENTS, st.integers(0, 100), st.integers(0, 14))
def test_a_late_page_view_concludes_the_same_live_as_folded_again(
    events: list[Event], fact: object, percent: int, arrives: int
) -> None:
    """Its place does not matter, so a host decides it where it arrives."""
    if not events:
        return
    span = events[-1].at - events[0].at
    at = events[0].at + timedelta(minutes=span // timedelta(minutes=1) * percent // 100)
    late = entry(fact, at=at, seq=arrives * 2 + 1)  # type: ignore[arg-type]
    renumbered = [
        Entry(e.lead_id, i * 2 + 2, e.at, e.stamp, 0, e.fact, e.source, conclusions=e.conclusions)
        for i, e in enumerate(events)
        if isinstance(e, Entry)
    ]
    in_order = sorted([*renumbered, late], key=place_of)
    live = [one for one in renumbered if one.seq < late.seq]
    live = [*live, late, *(one for one in renumbered if one.seq > late.seq)]
    place = live.index(late)
    if matters(late, VERSIONS[0]) or place == 0:
        return
    one, other = folding(events), folding(events)
    assert concluded(run(one, in_order)) == concluded(run_late(other, live, late))


def run_late(lead: Folded, events: list[Entry], late: Entry) -> list[Concluded]:
    """Fold events as they arrive, one of them out of its place."""
    said = list[Concluded]()
    for event in events:
        if event is not late:
            said += pass_time(lead, event.at)
        said += lead.apply(event)
    return said + pass_time(lead, END)


def concluded(said: list[Concluded]) -> list[tuple[str, datetime, object]]:
    """Return conclusions without the causes that arrival numbers."""
    return [(one.id, one.at, one.body) for one in said]


@given(histories())
def test_a_step_is_a_function_of_what_it_is_given(events: list[Event]) -> None:
    state: LifecycleState | None = None
    for event in events:
        terms = VERSIONS[0]
        once, twice = step(state, event, terms), step(state, event, terms)
        assert once == twice
        state = once.state
    assert isinstance(state, LifecycleState) == bool(events)
