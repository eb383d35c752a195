"""The one shape of a rule: ``(state, event, agreement) -> Step(state, conclusions, timers)``.

A rule is pure: no I/O, no clock, no chance. It is called with an **event**: an entry in its place, a timer
of its own that fell due, or the signing of a new agreement. It returns the lead's new state, what it
concludes, and when it next wants waking: one live timer a lead and kind; arming it again replaces it;
``None`` cancels it. Who keeps the timers and calls the rule is a host's business.

Given as words, not as a base class: hosts know this shape and no rule.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from schemas.agreement import Agreement
from schemas.entries import Conclusion, Entry
from schemas.records import record
from schemas.vocabulary import LeadId

S = TypeVar("S")


@record(frozen=True, slots=True)
class TimerDue:
    """A timer that this rule armed fell due.

    ``at`` is its ``due_at``, however late it is noticed. ``noticed_at`` is the log's time at which it was:
    for deciding whether to say something again, never for what is true of a lead.
    """

    lead_id: LeadId
    kind: str
    at: datetime
    noticed_at: datetime


@record(frozen=True, slots=True)
class AgreementChanged:
    """A new version is in force; the ``agreement`` that the rule is called with is the new one."""

    lead_id: LeadId
    seq: int
    at: datetime


Event = Entry | TimerDue | AgreementChanged
"""What a rule is called with. In an ``Entry``, ``conclusions`` are what stands upstream at that place."""


@record(frozen=True, slots=True)
class Timer:
    """When a rule wants waking; ``None`` cancels."""

    kind: str
    due_at: datetime | None


@record(frozen=True, slots=True)
class Step(Generic[S]):
    """What a rule decided."""

    state: S
    conclusions: tuple[Conclusion, ...] = ()
    timers: tuple[Timer, ...] = ()


Rule = Callable[[S | None, Event, Agreement], Step[S]]
"""A worker's ``rule.step``."""
