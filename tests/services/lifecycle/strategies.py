"""Any life of one lead, under an agreement that has something of everything.

Histories are lists of events in the order of their places, as a host folds them. Instants are whole
minutes, so that time can be counted on fingers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from infra.fold import Folding, Place, place_of
from schemas.agreement import Agreement
from schemas.entries import Concluded, Entry
from schemas.facts import (
    Accepted,
    Assigned,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    LeadFact,
    Lost,
    OpportunityOpened,
    Recycled,
    Rejected,
    Reopened,
    StageClaimed,
    Touched,
    Won,
)
from schemas.step import AgreementChanged
from schemas.vocabulary import Actor, EngagementChannel, Side, TouchChannel, WorkerName
from services.lifecycle.rule import step
from services.lifecycle.state import LifecycleState
from tests.builders import SMALL_AGREEMENT, agreement, entry, instant
from tests.services.lifecycle.leads import cold, hot

Event = Entry | AgreementChanged
Folded = Folding[LifecycleState]

START = instant("2026-03-02 08:00")
END = instant("2026-07-01 00:00")

LISBON = {
    "time_zone": "Europe/Lisbon",
    "week": {day: [["08:30", "17:15"]] for day in ("mon", "tue", "wed", "thu", "sat")},
}
NEXT_TOUCH = {
    "id": "next_touch",
    "label": {"en": "Next touch"},
    "starts": "touched",
    "stops": [{"kind": "touched"}, {"kind": "opportunity_opened"}],
    "allowance": {"kind": "business", "minutes": 480},
    "warn_at": [0.9],
}
FEEDBACK = {
    "id": "feedback",
    "label": {"en": "Feedback"},
    "starts": "opened",
    "stops": [{"kind": "rejected"}, {"kind": "lost"}, {"kind": "opportunity_opened"}],
    "allowance": {"kind": "calendar", "days": 3},
    "escalate": [{"after": {"kind": "elapsed", "minutes": 600}, "to": "bo", "reassign": True}],
}
PAUSES = [
    {
        "id": "asked_to_wait",
        "begins": {"kind": "touched", "outcome": "call_later"},
        "ends": [{"kind": "engaged"}, {"kind": "touched", "outcome": "connected"}],
    },
    {
        "id": "no_consent",
        "begins": {"kind": "consent_changed"},
        "ends": [{"kind": "enriched"}],
        "clocks": ["acceptance"],
    },
]
RICH: dict[str, Any] = {
    "calendars.lisbon": LISBON,
    "owners": [
        {"id": "marta", "team": "sales"},
        {"id": "ana", "team": "sales"},
        {"id": "bo", "team": "sales", "calendar": "lisbon"},
    ],
    "handoff.clocks": [*SMALL_AGREEMENT["handoff"]["clocks"], NEXT_TOUCH, FEEDBACK],
    "handoff.pauses": PAUSES,
    "handoff.lost_reasons": [{"id": "price", "label": {"en": "Price"}}],
    "handoff.brief": {"attributes": ["country"], "activity_count": 2},
    "lifecycle.return_points": 5,
    "lifecycle.stages.5.stale_after": {"kind": "business", "minutes": 2400},
}
HURRIED = {
    **RICH,
    "version": "test-2",
    "handoff.clocks.0.allowance": {"kind": "business", "minutes": 60},
    "handoff.clocks.0.on_breach": "recycle",
    "calendars.office.week": {day: [["10:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "lifecycle.stages.0.stale_after": {"kind": "elapsed", "minutes": 14400},
}
SIMPLER = {
    **RICH,
    "version": "test-3",
    "handoff.clocks": [{**SMALL_AGREEMENT["handoff"]["clocks"][0], "warn_at": []}],
    "handoff.pauses": [],
    "handoff.on_change": {"owner": "restart", "calendar": "keep", "policy": "keep"},
    "lifecycle.stages.1.enter.score": {"bands": ["hot", "warm"]},
}
REDRAWN: dict[str, Any] = {
    **RICH,
    "version": "test-4",
    "handoff": None,
    "lifecycle.stages": [stage for stage in SMALL_AGREEMENT["lifecycle"]["stages"] if stage["id"] != "lost"],
    "lifecycle.success_path": ["lead", "sql", "customer"],
}
VERSIONS = tuple(agreement(changes) for changes in (RICH, HURRIED, SIMPLER, REDRAWN))

SPEAKERS = st.sampled_from(
    [
        None,
        Actor(side=Side.SALES),
        Actor(side=Side.MARKETING),
        Actor(side=Side.SALES, owner="ana"),
        Actor(side=Side.SALES, owner="bo"),
    ]
)
HANDOFF_IDS = st.sampled_from([None, None, None, "L1-h1", "L1-h2"])
TOUCHES = st.builds(
    Touched,
    channel=st.sampled_from(TouchChannel),
    outcome=st.sampled_from([None, "connected", "call_later"]),
    by=SPEAKERS,
    handoff_id=HANDOFF_IDS,
    promised=st.sampled_from([None, "a call"]),
)
ENGAGEMENTS = st.builds(
    Engaged, channel=st.just(EngagementChannel.PAGE), action=st.just("view"), name=st.sampled_from("abcdef")
)
FACTS: st.SearchStrategy[LeadFact] = st.one_of(
    st.just(Captured(origin="ads")),
    st.builds(Enriched, attributes=st.sampled_from([{}, {"country": "ES"}, {"country": None}])),
    ENGAGEMENTS,
    TOUCHES,
    TOUCHES,
    st.builds(Accepted, by=SPEAKERS, handoff_id=HANDOFF_IDS),
    st.builds(Rejected, reason=st.sampled_from(["bad_fit", "mood"]), by=SPEAKERS, handoff_id=HANDOFF_IDS),
    st.builds(Assigned, owner=st.sampled_from([None, "ana", "bo", "zoe"]), handoff_id=HANDOFF_IDS),
    st.builds(
        StageClaimed,
        stage=st.sampled_from(["lead", "mql", "sal", "sql", "customer", "lost", "nurture", "void"]),
        by=SPEAKERS,
    ),
    st.builds(OpportunityOpened, by=SPEAKERS),
    st.builds(Won, by=SPEAKERS),
    st.builds(Lost, reason=st.sampled_from([None, "price", "mood"]), by=SPEAKERS),
    st.builds(Recycled, by=SPEAKERS),
    st.builds(Reopened, by=SPEAKERS),
    st.builds(ConsentChanged, granted=st.booleans()),
)
SCORES = st.one_of(
    st.builds(hot, st.integers(5000, 9000), reason=st.sampled_from(["fact", "decay"])),
    st.builds(cold, st.integers(0, 4000), reason=st.sampled_from(["fact", "decay"])),
)
GAPS = st.one_of(st.integers(0, 90), st.integers(0, 3000), st.just(0))
"""Minutes between one event and the next."""

LONG = st.just(45 * 1440)

ROUTINE: tuple[tuple[LeadFact | None, tuple[Any, ...]], ...] = (
    (Captured(origin="ads"), ()),
    (Engaged(channel=EngagementChannel.FORM, action="submit", name="demo"), (hot(),)),
)
"""How most leads begin, so that most histories get somewhere."""


@st.composite
def histories(draw: st.DrawFn, *, signings: bool = True, most: int = 14, long: bool = True) -> list[Event]:
    """Draw a lead's history, in order; a long one may stand still for weeks."""
    gaps = st.one_of(GAPS, LONG) if long else GAPS
    said = list(ROUTINE) if draw(st.booleans()) else []
    said += draw(
        st.lists(st.tuples(FACTS, st.one_of(st.just(()), SCORES.map(lambda one: (one,)))), max_size=most)
    )
    at, events = START, list[Event]()
    for seq, (fact, scores) in enumerate(said, start=1):
        at += timedelta(minutes=draw(gaps))
        if signings and draw(st.integers(0, 9)) == 0:
            events.append(AgreementChanged("L1", 1000 + seq, at))
        else:
            events.append(
                entry(fact, at=at, seq=seq, said=scores, source=draw(st.sampled_from(["web", "crm", "x"])))
            )
    return sorted(events, key=place_of)


def folding(events: Sequence[Event], of: tuple[Agreement, ...] = VERSIONS) -> Folded:
    """Return a fresh lead whose agreements are signed, in turn, where the history says so."""
    signed = [place_of(event) for event in events if isinstance(event, AgreementChanged)]
    stride = 1 + len(events) % 3  # so that each version comes first in some history

    def agreement_at(place: Place) -> Agreement:
        return of[sum(one <= place for one in signed) * stride % len(of)]

    return Folding(WorkerName.LIFECYCLE, "L1", step, agreement_at)


def run(lead: Folded, events: Sequence[Event], until: datetime = END) -> list[Concluded]:
    """Fold events one by one, as a live host does."""
    said = list[Concluded]()
    for event in events:
        said += pass_time(lead, event.at)
        said += lead.apply(event)
    return said + pass_time(lead, until)


def pass_time(lead: Folded, until: datetime) -> list[Concluded]:
    """Let the timers fire that are due by an instant."""
    said = list[Concluded]()
    while due := lead.next_due(until):
        said += lead.apply(due)
    return said
