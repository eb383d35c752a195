"""What the tests of scoring say to a rule: a few facts, a lead, and the terms that it is scored by."""

from typing import Any

from schemas.agreement import Agreement
from schemas.facts import Captured, Engaged, Touched
from schemas.vocabulary import EngagementChannel, TouchChannel, WorkerName
from services.scoring.rule import step
from services.scoring.state import ScoringState
from tests.builders import agreement
from tests.timeline import Timeline

PAGE = Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/")
PRICING = Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/pricing/teams")
DEMO = Engaged(channel=EngagementChannel.FORM, action="submitted", name="demo-es")
EBOOK = Engaged(channel=EngagementChannel.FORM, action="submitted", name="ebook")
UNSUBSCRIBED = Engaged(channel=EngagementChannel.EMAIL, action="unsubscribed")
CALL = Touched(channel=TouchChannel.CALL, outcome="connected")

GOOD_FIT = Captured(attributes={"country": "ES", "employees": 120})


def lead(changes: dict[str, Any] | None = None) -> Timeline[ScoringState]:
    return Timeline(WorkerName.SCORING, step, agreement(changes))


def rule(points: float | str, **terms: Any) -> dict[str, Any]:
    return {
        "id": "page",
        "group": "web",
        "on": {"kind": "engaged", "channel": "page"},
        "points": points,
        **terms,
    }


def engaging(*rules: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """The changes that make these the engagement rules, without decay unless ``half_life_days`` is given."""
    whole = {"groups": {"web": 100}, "rules": rules, "level_1_from": 50, "level_2_from": 20, **terms}
    return {"scoring.engagement": whole}


def digested(terms: dict[str, Any], digest: str) -> Agreement:
    return agreement(terms).model_copy(update={"digest": digest})


def minus(points: float, **terms: Any) -> dict[str, Any]:
    """A rule that takes points away for what is done by e-mail."""
    return rule(-points, id="gone", on={"kind": "engaged", "channel": "email"}, **terms)
