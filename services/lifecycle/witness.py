"""A witness: the lifecycle's rule, with a memory for what its state forgets.

A state is kept small. Of a hand-off before the newest it holds results and no terms, of a clock its newest
stretches, of a busy hand-off its newest clocks. Nothing of that changes a decision, but a proof needs it. Who
wants one folds the lead's history again with a witness in the rule's place: it decides what the rule decides,
and notes every run of every clock, with the calendar that each stretch of it was counted in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from infra.fold import AgreementAt, Folding, fold
from schemas.agreement import Agreement
from schemas.calendars import BusinessCalendar
from schemas.entries import Entry
from schemas.frozen import Instant
from schemas.step import AgreementChanged, Event, Step
from schemas.vocabulary import LeadId, Name, WorkerName
from services.lifecycle.rule import decided, small
from services.lifecycle.state import HandoffState, LifecycleState, SlaClock, Stretch


@dataclass(frozen=True, slots=True)
class Counted:
    """A stretch that is over, with the calendar that it was counted in."""

    stretch: Stretch
    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one clock, as it was last seen."""

    handoff: HandoffState
    clock: SlaClock
    calendar: BusinessCalendar
    """What it counts in since ``clock.since``."""
    counted: tuple[Counted, ...]
    """All of its stretches before that, oldest first."""


class Witness:
    """Watches one lead's clocks, step by step."""

    def __init__(self) -> None:
        self._runs: dict[tuple[Name, Name, int], Run] = {}

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run of every clock, in the order in which they started."""
        return tuple(self._runs.values())

    def step(self, state: LifecycleState | None, event: Event, agreement: Agreement) -> Step[LifecycleState]:
        """Decide one event exactly as the rule does, and note what came of it."""
        done = decided(state, event, agreement)
        before = state.handoffs if state else ()
        if done.state.handoffs is not before:
            known = {id(handoff) for handoff in before}
            for handoff in done.state.handoffs:
                if id(handoff) not in known:
                    self._note(handoff)
        return small(done)

    def _note(self, handoff: HandoffState) -> None:
        for run in runs_of(handoff):
            key = (handoff.handoff_id, run.clock.clock, run.clock.turn)
            before = self._runs.get(key, run)
            fresh = (one for one in run.counted if one not in before.counted)
            self._runs[key] = replace(run, counted=(*before.counted, *fresh))


def runs_of(handoff: HandoffState) -> Iterator[Run]:
    """Yield the runs that a hand-off still holds, ended ones first, with the stretches that are left."""
    for clock in (*handoff.ended, *handoff.running):
        counted = (Counted(one, handoff.calendars[one.calendar]) for one in clock.earlier)
        yield Run(handoff, clock, handoff.calendars[clock.calendar], tuple(counted))


def clock_runs(
    lead_id: LeadId, events: Iterable[Entry | AgreementChanged], agreement_at: AgreementAt, until: Instant
) -> tuple[Run, ...]:
    """Fold a lead's history again, and return every run of every clock of every hand-off.

    Args:
        lead_id: Whose.
        events: The history with scoring's conclusions, in order (``infra.refold.events_of``).
        agreement_at: What was agreed when.
        until: The log's time in hand; timers due by then fire.
    """
    witness = Witness()
    fold(Folding(WorkerName.LIFECYCLE, lead_id, witness.step, agreement_at), events, until)
    return witness.runs
