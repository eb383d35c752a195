"""A witness decides what the rule decides, and forgets no clock of any hand-off."""

from datetime import timedelta
from typing import Any

from hypothesis import given

from infra.fold import Folding
from schemas.entries import Concluded
from schemas.facts import Assigned, Recycled
from schemas.handoffs import ClockEnded, ClockStarted
from schemas.vocabulary import WorkerName
from services.clock_proof import SegmentKind
from services.lifecycle.proofs import SlaProof, Verdict, clock_proofs
from services.lifecycle.state import (
    MOST_ENDED_CLOCKS,
    MOST_HANDOFFS,
    MOST_STRETCHES,
    LifecycleState,
)
from services.lifecycle.witness import Witness, clock_runs
from tests.builders import agreement, instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    BAD_FIT,
    CALL,
    CAPTURED,
    DEMO,
    NEXT_TOUCH,
    SALES,
    Lead,
    cold,
    hot,
)
from tests.services.lifecycle.strategies import END, START, VERSIONS, Event, folding, histories, run
from tests.services.lifecycle.test_running import BACK, IN_LISBON, TO_BO, WAIT, paused
from tests.timeline import Timeline

HOUR = timedelta(hours=1)
AGREED = {**IN_LISBON, **paused()}


class Watched:
    """A lead under the eyes of a witness."""

    def __init__(self, changes: dict[str, Any] | None = None) -> None:
        self._witness = Witness()
        self.story: Lead = Timeline(WorkerName.LIFECYCLE, self._witness.step, agreement(changes))
        self.story.until("2026-03-02 09:00").say(CAPTURED).until("2026-03-02 10:00").say(DEMO, said=(hot(),))

    def proofs(self, now: str) -> tuple[SlaProof, ...]:
        """Return the proof of every clock."""
        return clock_proofs(self._witness.runs, agreement(), instant(now))


def shown(proof: SlaProof) -> list[tuple[str, timedelta]]:
    """Return the pieces of a proof."""
    return [(one.kind.value, one.duration) for each in proof.stretches for one in each.segments]


def opened(proof: SlaProof) -> timedelta:
    """Return what the open pieces of a proof add up to."""
    return sum((time for kind, time in shown(proof) if kind == SegmentKind.OPEN), timedelta())


def recycled_twice() -> Watched:
    """Return a lead on its third hand-off, which each time found something in its way."""
    lead = Watched(AGREED)
    story = lead.story
    # 1: Ana's lead in Madrid waits an hour, and becomes Bo's in Lisbon, who rejects it.
    story.until("2026-03-02 11:00").say(WAIT).until("2026-03-02 12:00").say(BACK)
    story.until("2026-03-02 12:30").say(TO_BO).until("2026-03-02 14:00").say(BAD_FIT)
    # 2: Ana has it when it comes back on Wednesday; hours are agreed anew at noon; she answers on Thursday.
    story.until("2026-03-04 08:00").say(Assigned(owner="ana"))
    story.until("2026-03-04 09:00").say(DEMO, said=(hot(9000),))
    short = {"calendars.office.week": {"wed": [["09:00", "14:00"]], "thu": [["09:00", "14:00"]]}}
    story.until("2026-03-04 12:00").sign(agreement({**AGREED, **short, "version": "test-2"}))
    story.until("2026-03-05 10:00").say(ACCEPTED).until("2026-03-05 10:30").say(Recycled(by=SALES))
    # 3: back on Thursday of the week after, accepted at once, not called yet.
    story.until("2026-03-12 09:00").say(DEMO, said=(hot(14000),)).until("2026-03-12 09:15").say(ACCEPTED)
    return lead


def test_every_clock_of_every_hand_off_of_a_lead_that_was_recycled_twice_is_proven() -> None:
    proofs = recycled_twice().proofs("2026-03-12 10:00")
    assert [(one.handoff_number, one.cycle, one.clock, one.verdict.value) for one in proofs] == [
        (1, 1, "acceptance", "met"),
        (2, 2, "acceptance", "breached"),
        (2, 2, "first_touch", "cancelled"),
        (3, 3, "acceptance", "met"),
        (3, 3, "first_touch", "running"),
    ]
    assert [one.used for one in proofs] == [3 * HOUR, 6 * HOUR, HOUR / 2, HOUR / 4, 3 * HOUR / 4]
    assert [one.paused_for for one in proofs] == [HOUR, *[timedelta()] * 4]
    assert all(opened(one) == one.used + one.forgiven for one in proofs)


def test_the_proof_of_an_earlier_hand_off_shows_its_pauses_and_whose_hours_counted() -> None:
    first = recycled_twice().proofs("2026-03-12 10:00")[0]
    assert shown(first) == [
        ("open", HOUR),
        ("paused", HOUR),
        ("open", HOUR / 2),
        ("open", 1.5 * HOUR),
    ]
    assert [(one.calendar, one.time_zone) for one in first.stretches] == [
        ("office", "Europe/Madrid"),
        ("lisbon", "Europe/Lisbon"),
    ]
    assert (first.owner, first.due_at) == ("bo", instant("2026-03-02 15:00"))


def test_the_proof_of_an_earlier_hand_off_shows_hours_that_were_agreed_anew_while_it_was_open() -> None:
    second = recycled_twice().proofs("2026-03-12 10:00")[1]
    assert [one.used for one in second.stretches] == [3 * HOUR, 3 * HOUR]
    assert shown(second)[-3:] == [("open", HOUR), ("closed", 19 * HOUR), ("open", 2 * HOUR)]
    assert second.breached_at == second.due_at


def test_a_clock_that_was_passed_on_all_day_is_shown_whole() -> None:
    lead = Watched(IN_LISBON)
    for minute in range(1, 31):
        owner = "bo" if minute % 2 else "ana"
        lead.story.until(f"2026-03-02 10:{minute:02}").say(Assigned(owner=owner))
    (proof,) = lead.proofs("2026-03-02 11:00")
    assert len(proof.stretches) == 31 > MOST_STRETCHES
    assert opened(proof) == proof.used == HOUR


def test_a_clock_that_began_again_and_again_is_proven_each_time() -> None:
    lead = Watched({"handoff.clocks": [NEXT_TOUCH]})
    for minute in range(2 * MOST_ENDED_CLOCKS):
        lead.story.until(instant("2026-03-02 10:00") + timedelta(minutes=minute)).say(CALL)
    proofs = lead.proofs("2026-03-02 11:00")
    assert [one.turn for one in proofs] == [*range(1, 2 * MOST_ENDED_CLOCKS + 1)]
    assert {one.used for one in proofs} == {timedelta(minutes=1)}


def test_hand_offs_that_the_state_has_forgotten_are_proven() -> None:
    lead = Watched()
    for again in range(MOST_HANDOFFS + 2):
        lead.story.until(instant("2026-03-02 10:30") + timedelta(days=again)).say(BAD_FIT)
        lead.story.say(DEMO, said=(cold(),)).say(DEMO, said=(hot(9000),))
    assert [one.handoff_number for one in lead.proofs("2026-04-01 00:00")] == [*range(1, MOST_HANDOFFS + 4)]


def test_a_hand_off_that_ends_as_the_next_begins_is_proven() -> None:
    lead = Watched({"handoff.rejected_stage": "lead"})
    lead.story.until("2026-03-02 11:00").say(BAD_FIT, said=(hot(9000),))
    first, second = lead.proofs("2026-03-02 11:30")
    assert (first.handoff_number, first.verdict, first.used) == (1, Verdict.MET, HOUR)
    assert (second.handoff_number, second.verdict, second.used) == (2, Verdict.RUNNING, HOUR / 2)


@given(histories())
def test_a_witness_decides_what_the_rule_decides(events: list[Event]) -> None:
    plain, witness = folding(events), Witness()
    watched: Folding[LifecycleState] = Folding(plain.worker, plain.lead_id, witness.step, plain.agreement_at)
    assert run(watched, events) == run(plain, events)
    assert watched.state == plain.state
    assert watched.timers == plain.timers


@given(histories())
def test_every_clock_that_ever_started_is_proven_with_the_time_that_was_worked(events: list[Event]) -> None:
    lead = folding(events)
    said = run(lead, events)
    proofs = clock_proofs(clock_runs(lead.lead_id, events, lead.agreement_at, END), VERSIONS[0], END)
    assert _worked(said) == {
        (one.handoff_id, one.clock, one.turn): int(opened(one).total_seconds()) if one.end else None
        for one in proofs
    }
    assert all(opened(one) == one.used + one.forgiven for one in proofs)
    assert all(one.until >= one.started_at >= START for one in proofs)


def _worked(said: list[Concluded]) -> dict[tuple[str, str, int], int | None]:
    """Return the working time of every clock that was said to start; None while it runs."""
    worked: dict[tuple[str, str, int], int | None] = {}
    for one in said:
        if isinstance(one.body, ClockStarted):
            worked[one.body.handoff_id, one.body.clock, one.body.turn] = None
        elif isinstance(one.body, ClockEnded):
            worked[one.body.handoff_id, one.body.clock, one.body.turn] = one.body.working_seconds
    return worked
