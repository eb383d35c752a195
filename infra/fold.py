"""The fold: what is true of a lead, computed from nothing.

A lead's truth is the fold of its entries by (``at``, ``seq``), its own timers in their place, up to the
clock in hand. A host works live by doing one entry of it at a time (``infra.partition``) and does all of it
when history changes (refold) or is checked (``relevo verify``). There is one definition, and it is here;
which rule is folded, and where the history came from, is the caller's.

Order: a lead's own timers due at or before an event's ``at`` fire before it; entries born of an upstream
timer come before facts of the same instant.

A lead's newest **milestones** (what its fold had come to, and where) are kept while it is in hand: what
arrives late is seldom very late, and history before it need not be folded again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic

from schemas.agreement import Agreement
from schemas.entries import Cause, Concluded, Entry, FiredTimer, conclusion_id
from schemas.records import record
from schemas.step import AgreementChanged, Event, Rule, S, Step, TimerDue
from schemas.vocabulary import LeadId, WorkerName

Place = tuple[datetime, int, int]
"""Where an event stands in a lead's history.

(``at``, 0 for a timer and 1 for anything with a number, ``seq``).
"""

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""Before all history."""

FIRST: Place = (BEGINNING, 0, 0)
"""The place before every event of a history."""

AgreementAt = Callable[[Place], Agreement]
"""The agreement in force at a place (the first one signed also covers what lies before it)."""


def place_of(event: Entry | AgreementChanged | TimerDue) -> Place:
    """Return an event's place in its lead's history."""
    if isinstance(event, Entry):
        return (event.at, 1, event.seq) if event.timer is None else (event.at, 0, 1)
    return (event.at, 0, 0) if isinstance(event, TimerDue) else (event.at, 1, event.seq)


MOST_MILESTONES = 12


@record(frozen=True, slots=True)
class Milestone(Generic[S]):
    """What the fold of everything known up to a place had come to."""

    place: Place
    state: S | None
    timers: Mapping[str, datetime]


def place_said(one: Concluded) -> Place:
    """Return the place of the event that a conclusion follows from, in the fold of its own worker."""
    if isinstance(one.cause, int):
        return (one.at, 1, one.cause)
    return (one.at, 0, 0 if one.cause.worker == one.worker else 1)


@dataclass(slots=True)
class Folding(Generic[S]):
    """One lead in the hands of one rule: its state, its timers, and how far it has been decided.

    ``apply`` is one step; it returns what was concluded by it, in order. ``timers`` are replaced and never
    changed: milestones share them.
    """

    worker: WorkerName
    lead_id: LeadId
    step: Rule[S]
    agreement_at: AgreementAt
    state: S | None = None
    timers: Mapping[str, datetime] = field(default_factory=dict)
    frontier: Place | None = None
    milestones: deque[Milestone[S]] = field(default_factory=lambda: deque(maxlen=MOST_MILESTONES))
    """In order of their places."""

    def apply(self, event: Event) -> list[Concluded]:
        """Decide one event."""
        place = place_of(event)
        agreement = self.agreement_at(place)
        step: Step[S] = self.step(self.state, event, agreement)
        self.take(step)
        self.forget_from(place)
        if self.frontier is None or place >= self.frontier:
            self.frontier = place
            self.milestones.append(Milestone(place, self.state, self.timers))
        if not step.conclusions:
            return []
        cause = self._cause(event)
        return [
            Concluded(
                id=conclusion_id(self.worker, self.lead_id, body, cause),
                worker=self.worker,
                lead_id=self.lead_id,
                at=event.at,
                cause=cause,
                agreement=agreement.version,
                body=body,
                ordinal=ordinal,
            )
            for ordinal, body in enumerate(step.conclusions)
        ]

    def take(self, step: Step[S]) -> None:
        """Go on with a step's state and timers."""
        self.state = step.state
        if not step.timers:
            return
        timers = dict(self.timers)
        for timer in step.timers:
            if timer.due_at is None:
                timers.pop(timer.kind, None)
            else:
                timers[timer.kind] = timer.due_at
        self.timers = timers

    def forget_from(self, place: Place) -> None:
        """Forget the milestones that what happens at a place makes untrue: that place's and all after it."""
        while self.milestones and self.milestones[-1].place >= place:
            self.milestones.pop()

    def resume(self, before: "Folding[S]", place: Place, resumes: Callable[[S | None], bool]) -> None:
        """Go on from the last milestone of an earlier fold that lies before a place, if there is one.

        Args:
            before: The earlier fold; its milestones behind that one are forgotten.
            place: From where on it is no longer true.
            resumes: Says whether a fold may go on from a state.
        """
        begun = before.resumed_from(place, resumes)
        while before.milestones and before.milestones[-1].place != begun:
            before.milestones.pop()
        if before.milestones:
            last = before.milestones[-1]
            self.state, self.timers, self.frontier = last.state, last.timers, last.place
            self.milestones = before.milestones

    def resumed_from(self, place: Place, resumes: Callable[[S | None], bool]) -> Place | None:
        """Return the place from which a fold that changes from a place on would go on; None: from nothing."""
        return next(
            (one.place for one in reversed(self.milestones) if one.place < place and resumes(one.state)), None
        )

    def next_due(self, until: datetime, noticed_at: datetime | None = None) -> TimerDue | None:
        """Take the earliest of the lead's timers due by ``until`` off the list; None if there is none.

        Args:
            until: How far the lead's own time has come.
            noticed_at: The log's time in hand, when it is further than that.
        """
        if not self.timers:
            return None
        due = min(((at, kind) for kind, at in self.timers.items() if at <= until), default=None)
        if due is None:
            return None
        self.timers = {kind: at for kind, at in self.timers.items() if kind != due[1]}
        return TimerDue(self.lead_id, due[1], due[0], noticed_at=noticed_at or until)

    def _cause(self, event: Event) -> Cause:
        if isinstance(event, TimerDue):
            return FiredTimer(self.worker, event.kind, event.at)
        return event.seq if isinstance(event, AgreementChanged) else event.cause


def fold(folding: Folding[S], events: Iterable[Entry | AgreementChanged], clock: datetime) -> list[Concluded]:
    """Fold a whole history, and fire the timers that are due by ``clock``.

    Args:
        folding: A fresh lead; afterwards it holds the state, the timers that are left, and the frontier.
        events: The history, ordered by ``place_of``.
        clock: The log's time in hand.

    Returns:
        Every conclusion, in order.
    """
    said: list[Concluded] = []
    for event in events:
        while due := folding.next_due(event.at):
            said += folding.apply(due)
        said += folding.apply(event)
    while due := folding.next_due(clock):
        said += folding.apply(due)
    return said


def write_place(place: Place | None) -> str | None:
    """Write a place down so that ``read_place`` gives it back."""
    return None if place is None else f"{place[0].isoformat()}|{place[1]}|{place[2]}"


def read_place(text: str | None) -> Place | None:
    """Read a place that ``write_place`` wrote."""
    if text is None:
        return None
    at, kind, seq = text.split("|")
    return (datetime.fromisoformat(at), int(kind), int(seq))
