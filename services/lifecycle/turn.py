"""One step in the making: the state so far, what has been concluded, and when to wake.

A step is pure seen from outside; inside it is a short story told in order (the fact is answered, the lead
moves, a hand-off opens, its clocks start). ``Turn`` carries that story. The state in it is frozen and only
ever replaced. Timers and moved deadlines are not told one by one: they are the difference between the state
at the start and at the end, so that nothing is armed, cancelled or said twice however many parts had a hand
in it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from schemas.entries import Conclusion
from schemas.handoffs import ClockMoved
from schemas.records import replace
from schemas.step import Step, Timer
from schemas.vocabulary import Actor
from services.lifecycle.clocks import used_by
from services.lifecycle.plan import Plan
from services.lifecycle.state import HandoffState, LifecycleState, SlaClock

STALE = "stale"
CLOCKS = "clocks"

Why = Literal["paused", "resumed", "owner", "calendar", "policy"]


@dataclass(slots=True)
class Turn:
    """A lead in the hands of one step."""

    state: LifecycleState
    plan: Plan
    at: datetime
    seq: int | None
    """What was known when: the number of the event's entry; None for a timer."""
    actor: Actor | None = None
    works: bool = False
    """Whether somebody works the lead in this step (the table in ``stages.py``)."""
    said: list[Conclusion] = field(default_factory=list)
    moved: dict[tuple[str, int], Why] = field(default_factory=dict)
    """Why the deadline of a clock may have changed."""
    signs: bool = False
    """Whether a new agreement comes into force in this step."""

    def say(self, conclusion: Conclusion) -> None:
        """Conclude something."""
        self.said.append(conclusion)

    def keep(self, **changes: Any) -> None:
        """Replace parts of the state."""
        self.state = replace(self.state, **changes)

    def keep_handoff(self, handoff: HandoffState) -> None:
        """Replace the newest hand-off."""
        self.keep(handoffs=(*self.state.handoffs[:-1], handoff))


def finished(turn: Turn, before: LifecycleState, fired: str | None = None) -> Step[LifecycleState]:
    """Return what the step comes to.

    Args:
        turn: The story, told.
        before: The state that the step began with.
        fired: The kind of timer that the step was called for; it is no longer armed.
    """
    if turn.moved:
        turn.said += _moved_clocks(turn, before)
    timers = _timers(before, turn.state, fired)
    return Step(turn.state, tuple(turn.said), _behind(turn.at, timers) if turn.signs else timers)


def _behind(signing: datetime, timers: tuple[Timer, ...]) -> tuple[Timer, ...]:
    """Return timers that a signing armed, those for its very instant put off by the least there is.

    A timer comes before all else of its instant: it would be judged, here and further down the line, by the
    agreement that the signing replaced.
    """
    soonest = signing + timedelta.resolution
    return tuple(replace(timer, due_at=timer.due_at and max(timer.due_at, soonest)) for timer in timers)


def _timers(before: LifecycleState, after: LifecycleState, fired: str | None) -> tuple[Timer, ...]:
    same_stay = after.stale_at is before.stale_at and after.stalled is before.stalled
    if fired is None and same_stay and after.handoffs is before.handoffs:
        return ()  # the usual case, and worth the shortcut
    was = {STALE: _stale_due(before), CLOCKS: _clocks_due(before)}
    if fired in was:
        was[fired] = None
    wanted = {STALE: _stale_due(after), CLOCKS: _clocks_due(after)}
    return tuple(Timer(kind, due) for kind, due in wanted.items() if due != was[kind])


def _stale_due(state: LifecycleState) -> datetime | None:
    return None if state.stalled else state.stale_at


def _clocks_due(state: LifecycleState) -> datetime | None:
    handoff = state.open_handoff
    if handoff is None:
        return None
    return min((clock.next_at for clock in handoff.running if clock.next_at), default=None)


def _moved_clocks(turn: Turn, before: LifecycleState) -> list[ClockMoved]:
    handoff, earlier = turn.state.open_handoff, before.open_handoff
    if handoff is None or earlier is None:
        return []
    was = {(clock.clock, clock.turn): clock for clock in earlier.running}
    return [
        _moved(turn, handoff, clock)
        for clock in handoff.running
        if (key := (clock.clock, clock.turn)) in turn.moved
        and key in was
        and clock.breached_at is None
        and clock.due_at != was[key].due_at
    ]


def _moved(turn: Turn, handoff: HandoffState, clock: SlaClock) -> ClockMoved:
    return ClockMoved(
        handoff_id=handoff.handoff_id,
        clock=clock.clock,
        turn=clock.turn,
        due_at=clock.due_at,
        reason=turn.moved[clock.clock, clock.turn],
        used_seconds=int(used_by(clock, turn.at, handoff.calendars).total_seconds()),
    )
