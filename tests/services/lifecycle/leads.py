"""A lead in the hands of the lifecycle, and the things that happen to leads.

Monday 2 March 2026; the office in Madrid (UTC+1) is open from 08:00 to 13:00 and from 14:00 to 17:00 UTC.
"""

from typing import Any

from pydantic import TypeAdapter

from schemas.facts import Accepted, Captured, Engaged, Rejected, Touched
from schemas.handoffs import ClockEnded, ClockMoved, ClockStarted
from schemas.lifecycle import StageChanged
from schemas.scoring import ScoreChanged
from schemas.vocabulary import Actor, EngagementChannel, Side, TouchChannel, WorkerName
from services.lifecycle.rule import step
from services.lifecycle.state import HandoffState, LifecycleState, SlaClock
from tests.builders import agreement
from tests.timeline import Timeline

STATE = TypeAdapter(LifecycleState)

SALES = Actor(side=Side.SALES)
MARKETING = Actor(side=Side.MARKETING)
ANA = Actor(side=Side.SALES, owner="ana")
BO = Actor(side=Side.SALES, owner="bo")

DEMO = Engaged(channel=EngagementChannel.FORM, action="submit", name="demo")
PAGE = Engaged(channel=EngagementChannel.PAGE, action="view", name="/pricing")
CALL = Touched(channel=TouchChannel.CALL, outcome="connected", by=SALES)
CAPTURED = Captured(origin="ads")
ACCEPTED = Accepted(by=ANA)
BAD_FIT = Rejected(reason="bad_fit", by=SALES)

NEXT_TOUCH: dict[str, Any] = {
    "id": "next_touch",
    "label": {"en": "Next touch"},
    "starts": "touched",
    "stops": [{"kind": "touched"}],
    "allowance": {"kind": "elapsed", "minutes": 60},
}
"""A clock that begins again with every touch."""

Lead = Timeline[LifecycleState]


def lead(changes: dict[str, Any] | None = None) -> Lead:
    """Return a lead nobody has heard of, under the small agreement with these changes."""
    return Timeline(WorkerName.LIFECYCLE, step, agreement(changes))


def captured(changes: dict[str, Any] | None = None) -> Lead:
    """Return a lead captured on Monday at 09:00."""
    return lead(changes).say(CAPTURED).forget()


def handed_over(changes: dict[str, Any] | None = None) -> Lead:
    """Return a lead captured on Monday at 09:00 and handed to sales at 10:00."""
    return captured(changes).until("2026-03-02 10:00").say(DEMO, said=(hot(),)).forget()


def accepted(changes: dict[str, Any] | None = None) -> Lead:
    """Return a lead handed over at 10:00 and accepted by Ana at 11:00."""
    return handed_over(changes).until("2026-03-02 11:00").say(ACCEPTED).forget()


def hot(engagement: int = 6000, reason: Any = "fact", **fields: Any) -> ScoreChanged:
    """Return a score in the band that makes a lead an MQL."""
    return ScoreChanged(
        **{"reason": reason, "fit": 7000, "engagement": engagement, "cell": "A1", "band": "hot", **fields}
    )


def cold(engagement: int = 1000, reason: Any = "fact", **fields: Any) -> ScoreChanged:
    """Return a score that makes nobody anything."""
    return ScoreChanged(
        **{"reason": reason, "fit": 1000, "engagement": engagement, "cell": "C3", "band": "cold", **fields}
    )


def standing(timeline: Lead) -> LifecycleState:
    """Return the lead's state."""
    assert timeline.state is not None
    return timeline.state


def handoff(timeline: Lead) -> HandoffState:
    """Return the lead's newest hand-off."""
    return standing(timeline).handoffs[-1]


def clock(timeline: Lead, name: str) -> SlaClock:
    """Return the newest run of a clock of the newest hand-off."""
    found = [each for each in (*handoff(timeline).ended, *handoff(timeline).running) if each.clock == name]
    return found[-1]


def journey(timeline: Lead) -> list[str]:
    """Return the stages that the lead has stood at."""
    return [said.to_stage for said in timeline.all if isinstance(said, StageChanged)]


def told(timeline: Lead, name: str) -> list[str]:
    """Return what was said of a clock: started, why it moved, how it ended."""
    found = []
    for said in timeline.all:
        match said:
            case ClockStarted() if said.clock == name:
                found.append("started")
            case ClockMoved() if said.clock == name:
                found.append(said.reason)
            case ClockEnded() if said.clock == name:
                found.append(said.end.name.lower())
            case _:
                pass
    return found


def path_of(*stages: dict[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return changes that give the agreement these stages, and no hand-off."""
    named = [
        {"kind": "inventory", "side": "marketing", "label": {"en": "A stage"}, **stage} for stage in stages
    ]
    success = list(path) or [stage["id"] for stage in named]
    return {"lifecycle.stages": named, "lifecycle.success_path": success, "handoff": None}
