"""Any history of a lead: facts and conclusions in any order, sensible or not.

The rule of metrics must keep its promises whatever it is told, so what is drawn here need not be what a
lifecycle would say. Plain choices among things made beforehand, because what is drawn in pieces is drawn a
hundred times slower.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from schemas.entries import Conclusion, Entry
from schemas.facts import (
    Assigned,
    Captured,
    Engaged,
    Enriched,
    LeadFact,
    Lost,
    OpportunityOpened,
    Won,
)
from schemas.handoffs import ClockEnd, CloseReason
from schemas.lifecycle import (
    CycleOpened,
    LeadStalled,
    MoveReason,
    MoveRefused,
    OwnerChanged,
    RefusalReason,
    StallEnded,
)
from schemas.vocabulary import EngagementChannel, Flag
from tests.builders import instant
from tests.services.metrics.leads import (
    accepted,
    breached,
    called,
    closed,
    ended,
    euros,
    moved,
    on,
    opened,
    rejected,
)

BEGIN = instant("2026-03-02 09:00")

Saying = Conclusion | Callable[[datetime], Conclusion]


def _facts() -> Iterator[LeadFact]:
    for name in (None, "search", "social", "unknown"):
        yield Captured(origin=name, campaign="spring", attributes={"employees": 300})
        yield Engaged(channel=EngagementChannel.PAGE, action="view", origin=name)
    for employees in (None, 5, 300):
        yield Enriched(attributes={"employees": employees})
    yield called()
    yield Assigned(owner="ana")
    yield OpportunityOpened()
    yield Lost(reason="price")
    for cents in (None, 0, 100, 99_999):
        yield Won(opportunity_id="O1", amount=None if cents is None else euros(cents))
        yield Won(amount=None if cents is None else euros(cents))


def _stalled(at: datetime, stage: str) -> LeadStalled:
    return LeadStalled(stage=stage, cycle=1, since=at, due_at=at)


def _sayings() -> Iterator[Saying]:
    for stage in ("lead", "mql", "customer", "lost", "nurture"):
        yield partial(moved, to=stage)
        yield partial(moved, to=stage, cycle=2, skipped=("sal", "sql"))
        yield partial(_stalled, stage=stage)
    yield StallEnded(stage="lead", cycle=1, stalled_seconds=1)
    yield CycleOpened(cycle=2, reason=MoveReason.REOPENED)
    yield MoveRefused(asked="won", reason=RefusalReason.CLOSED, at_stage="lost")
    for owner in (None, "ana", "bo"):
        yield OwnerChanged(owner=owner, team=None, reason="assigned")
    for number in (1, 2):
        yield partial(opened, number=number)
        yield partial(accepted, number=number)
        yield partial(rejected, number=number)
        yield partial(closed, why=CloseReason.RECYCLED, number=number)
    for clock in ("acceptance", "first_touch"):
        yield partial(breached, clock=clock)
        for end in ClockEnd:
            yield partial(ended, end=end, clock=clock)


_choices = st.tuples(
    st.sampled_from([0, 7, 600, 20_000]),
    st.sampled_from(tuple(_facts())),
    st.lists(st.sampled_from(tuple(_sayings())), max_size=2),
    st.sampled_from([(), (), (Flag.CLOCK_SKEW,), (Flag.BEFORE_CAPTURE,)]),
    st.sampled_from([{}, {}, {"free_mail": True}]),
)


def histories() -> st.SearchStrategy[list[Entry]]:
    """Draw entries of one lead, in the order of their places; some at the same instant."""
    return st.lists(_choices, min_size=1, max_size=12).map(_entries)


def _entries(choices: list[Any]) -> list[Entry]:
    at, found = BEGIN, []
    for seq, (minutes, fact, sayings, flags, traits) in enumerate(choices, 1):
        at += timedelta(minutes=minutes)
        said = [saying(at) if callable(saying) else saying for saying in sayings]
        found.append(on(at, fact, *said, seq=seq, flags=flags, traits=traits))
    return found
