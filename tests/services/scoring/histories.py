"""Histories and agreements for the properties of scoring.

Instants fall on few places, so that ties, windows that end together and full frequency limits are common;
points are few, so that the tables of decay are made once.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.agreement import Agreement
from schemas.agreement.scoring import EngagementScoring
from schemas.entries import Entry
from schemas.facts import Captured, Engaged, Enriched, LeadFact, Touched
from schemas.vocabulary import EngagementChannel, TouchChannel
from services.scoring.rule import step
from services.scoring.state import ScoringState, Values
from tests.builders import agreement, entry, instant

START = instant("2026-03-02 09:00")

_SMALL = agreement()
_GAPS = (0, 1, 3600, 86_399, 86_400, 200_000, 15 * 86_400, 30 * 86_400)
_PATTERNS: tuple[dict[str, Any], ...] = (
    {"kind": "engaged"},
    {"kind": "engaged", "channel": "page"},
    {"kind": "engaged", "channel": "page", "name": "/pricing*"},
    {"kind": "engaged", "channel": "form"},
    {"kind": "touched"},
)


def rules(*, limits: bool = True) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return engagement rules; with or without frequency limits."""
    limit = st.fixed_dictionaries({"count": st.integers(1, 3), "per_days": st.sampled_from((1, 15))})
    one = st.fixed_dictionaries(
        {
            "group": st.sampled_from(("web", "forms", "uncapped")),
            "on": st.sampled_from(_PATTERNS),
            "points": st.sampled_from((5, "0.3", 12, -4, -9)),
            "cap": st.sampled_from((None, None, 7, 20)),
            "at_most": st.one_of(st.none(), limit) if limits else st.none(),
            "window_days": st.sampled_from((None, None, 1, 30)),
            "half_life_days": st.sampled_from((None, 1, 10)),
        }
    )
    many = st.lists(one, min_size=1, max_size=4)
    return many.map(lambda found: [{"id": f"r{place}", **rule} for place, rule in enumerate(found)])


@st.composite
def agreements(draw: st.DrawFn, *, limits: bool = True) -> Agreement:
    """Return an agreement with any engagement rules, with low thresholds, so that levels change."""
    engagement = EngagementScoring.model_validate(
        {
            "total_cap": draw(st.sampled_from((15, 100))),
            "half_life_days": draw(st.sampled_from((None, 10))),
            "groups": {"web": draw(st.sampled_from((10, 25))), "forms": 30},
            "rules": draw(rules(limits=limits)),
            "level_1_from": draw(st.sampled_from((10, 14))),
            "level_2_from": draw(st.sampled_from((0, 3, "4.5", 10))),
        }
    )
    scoring = _SMALL.scoring.model_copy(update={"engagement": engagement})
    return _SMALL.model_copy(update={"scoring": scoring})


def _facts() -> tuple[LeadFact, ...]:
    """Every kind of fact that scoring reads, and one that it may not."""
    pages = [
        Engaged(channel=EngagementChannel.PAGE, action="did", name=name) for name in ("/", "/pricing/a", None)
    ]
    said: tuple[Values, ...] = (
        {"country": "ES"},
        {"country": None, "employees": 60},
        {"employees": 10, "unread": 1},
        {"free_mail": True},
        {"free_mail": 1, "country": "FR"},
        {"free_mail": None, "employees": None},
    )
    return (
        *pages,
        *pages,
        Engaged(channel=EngagementChannel.FORM, action="did"),
        Touched(channel=TouchChannel.CALL),
        Captured(),
        *(Enriched(attributes=attributes) for attributes in said),
    )


FACTS = _facts()


@st.composite
def histories(draw: st.DrawFn, most: int = 12) -> list[Entry]:
    """Return one lead's entries in their order, several of them at one instant."""
    at, found = START, []
    for number in range(1, draw(st.integers(1, most)) + 1):
        at += timedelta(
            seconds=draw(st.sampled_from(_GAPS)), microseconds=draw(st.sampled_from((0, 0, 400_000)))
        )
        traits: dict[str, Any] = draw(st.sampled_from(({}, {}, {"free_mail": True}, {"free_mail": None})))
        source = draw(st.sampled_from(("crm", "web")))
        found.append(entry(draw(st.sampled_from(FACTS)), at=at, seq=number, source=source, traits=traits))
    return found


def arrived(entries: list[Entry]) -> list[Entry]:
    """Return entries as a host decides them that were sequenced in this order: by ``at``, then by arrival."""
    return sorted(entries, key=lambda one: one.at)


def scored(entries: list[Entry], terms: Agreement) -> ScoringState:
    """Return the state after entries in just this order, without timers."""
    state: ScoringState | None = None
    for one in entries:
        state = step(state, one, terms).state
    assert state is not None
    return state
